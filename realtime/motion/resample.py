"""Smoothing and resampling of shapes by time to the rate of the model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from realtime.core.messages import Floats

Times = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class WindowTiming:
    """Window of `window_s` at `rate_hz`, used from `min_window_s` on, moved by `stride_s`."""

    rate_hz: float
    window_s: float
    min_window_s: float
    stride_s: float
    smooth_s: float  # standard deviation of the Gaussian that takes the landmarks' jitter out

    def __post_init__(self) -> None:
        if (
            not 0 < self.stride_s <= self.min_window_s <= self.window_s <= 60
            or not 0 < self.rate_hz <= 120
        ):
            raise ValueError(
                f"{self}: want 0 < stride_s <= min_window_s <= window_s <= 60, 0 < rate_hz <= 120"
            )
        if self.smooth_s <= 0 or self.min_frames < 2:
            raise ValueError(
                f"{self}: want smooth_s > 0 and at least two frames in the shortest window"
            )

    @property
    def frames(self) -> int:
        """Return the frames of a full window."""
        return round(self.window_s * self.rate_hz)

    @property
    def min_frames(self) -> int:
        """Return the frames of the shortest window."""
        return round(self.min_window_s * self.rate_hz)

    @property
    def ticks(self) -> int:
        """Return the ticks from the shortest to the full window."""
        return int((self.window_s - self.min_window_s) / self.stride_s + 1e-6) + 1


def smooth(times_s: Times, shapes: Floats, smooth_s: float) -> Floats:
    """Return the Gaussian mean over time of each shape (n, D); frame rates may vary."""
    return np.asarray(smoothing_weights(times_s, times_s, smooth_s) @ shapes, np.float32)


def smoothing_weights(at_s: Times, times_s: Times, smooth_s: float) -> Floats:
    """Return the weights (m, n) of the frames at `times_s` (n,) in the Gaussian means at `at_s`."""
    apart = (at_s[:, None] - times_s[None, :]) / smooth_s
    weights = np.exp(-0.5 * np.square(apart))
    weights /= weights.sum(axis=1, keepdims=True)
    return np.asarray(weights, np.float32)


def resample_shapes(times_s: Times, shapes: Floats, timing: WindowTiming) -> tuple[Times, Floats]:
    """Return times (T,) and shapes (T, D) of the last `window_s`, ending at the newest shape.

    T is as much of a full window as the times cover.
    """
    covered = int((times_s[-1] - times_s[0]) * timing.rate_hz + 1e-6) + 1
    count = min(timing.frames, covered)
    at_s = times_s[-1] - np.arange(count - 1, -1, -1) / timing.rate_hz
    smoothed = smooth(times_s, shapes, timing.smooth_s)
    after = np.clip(np.searchsorted(times_s, at_s), 1, max(1, len(times_s) - 1))
    before = after - 1
    if len(times_s) == 1:
        return at_s, smoothed
    share = np.clip((at_s - times_s[before]) / (times_s[after] - times_s[before]), 0, 1)[
        :, None
    ].astype(np.float32)
    return at_s, np.asarray(smoothed[before] * (1 - share) + smoothed[after] * share, np.float32)
