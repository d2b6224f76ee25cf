"""Source of frames that a program makes: pairs of a picture and its time."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from numbers import Real

import numpy as np

from realtime.capture.live.health import FrameRateCheck
from realtime.capture.rates import SLOWEST_HZ
from realtime.capture.source import Source
from realtime.core.clock import Clock
from realtime.core.errors import UsageError
from realtime.core.messages import Frame, Image


class FrameMaker:
    """Checks and numbers the pictures of a program. Owned by one thread.

    `signal_error` says why the frames cannot be judged now: too few a second; else it is empty.
    """

    def __init__(self, clock: Clock) -> None:
        self.signal_error = ""
        self._rate = FrameRateCheck()
        self._clock = clock
        self._made = 0
        self._last_s = -math.inf

    def frame(self, image: object, at_s: object) -> Frame:
        """Return the next frame: `image` uint8 BGR (h, w, 3), at `at_s` seconds of media time.

        Raises `UsageError` for another picture, and for a time that is not finite or not later
        than the last; the frame then does not count.
        """
        checked, time_s = _checked_image(image), self._checked_time(at_s)
        frame = Frame(self._made, time_s, self._clock.now_s(), checked)
        self._made, self._last_s = self._made + 1, time_s
        self._check_rate(time_s)
        return frame

    def _check_rate(self, at_s: float) -> None:
        slow_hz = self._rate.slow_hz(at_s)
        self.signal_error = (
            ""
            if slow_hz is None
            else f"only {slow_hz:.1f} frames a second; want {SLOWEST_HZ:g}, or movement is not seen"
        )

    def _checked_time(self, at_s: object) -> float:
        if not isinstance(at_s, Real) or not math.isfinite(at_s):
            raise UsageError(f"at_s is {at_s!r}; want the time of the frame, a number of seconds")
        if at_s <= self._last_s:
            last_s = f"{self._last_s:.6g}"
            raise UsageError(f"at_s is {at_s:.6g} after {last_s}; want times that increase")
        return float(at_s)


class FrameSequence(Source):
    """Frames of an iterable of pairs (image, at_s), as `FrameMaker` takes them; read once.

    It is not paced: each read takes the next pair. Whatever the iterable raises passes through.
    Owned by the thread that reads it.
    """

    kind = "frames"
    name = "frames"
    recorded = True

    def __init__(self, frames: Iterable[tuple[object, object]], clock: Clock) -> None:
        super().__init__()
        self._frames = frames
        self._maker = FrameMaker(clock)
        self._pairs: Iterator[tuple[object, object]] = iter(())

    def open(self) -> None:
        """Begin with the iterable."""
        self._pairs = iter(self._frames)

    def read(self) -> Frame | None:
        """Return the next frame; raises `UsageError` for a pair that is none."""
        if self._stop.is_set():
            return None
        pair = next(self._pairs, None)
        if pair is None:
            self._stop.set()
            return None
        if not isinstance(pair, tuple | list) or len(pair) != 2:
            raise UsageError(
                f"the frames hold {_described(pair)}; want pairs of a picture and its time"
            )
        frame = self._maker.frame(*pair)
        self.size_px, self.signal_error = frame.size_px, self._maker.signal_error
        return frame

    def close(self) -> None:
        """Let go of the iterable."""
        self._pairs = self._frames = iter(())


def _checked_image(image: object) -> Image:
    """Return a contiguous uint8 picture (h, w, 3); raises `UsageError`."""
    if (
        not isinstance(image, np.ndarray)
        or image.dtype != np.uint8
        or image.ndim != 3
        or image.shape[2] != 3
        or 0 in image.shape
    ):
        raise UsageError(
            f"the frame is {_described(image)}; want a BGR picture, uint8 (height, width, 3)"
        )
    return np.ascontiguousarray(image)


def _described(value: object) -> str:
    if isinstance(value, np.ndarray):
        return f"{value.dtype} {value.shape}"
    return f"a {type(value).__name__}"
