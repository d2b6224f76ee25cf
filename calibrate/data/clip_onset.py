"""Onsets in recorded tracks, measured as the live gauge does."""

from __future__ import annotations

import numpy as np

from calibrate.data.dataset import Dataset, smoothed_intensity
from calibrate.data.tracks import Track
from engines.model.shape import LANDMARKS
from realtime.core.messages import Floats, Onset
from realtime.motion.align import align_to_eyes
from realtime.motion.onset_curve import MovementCurve, measure_onset
from realtime.motion.onset_meter import SPAN_S, OnsetMeter
from realtime.motion.resample import Times
from realtime.person.stats import PersonStats
from realtime.person.tracker import ExpressionThresholds

NEAR_S = 0.3  # of the apex at the model's rate is that of the curve


def intensity_over_time(
    data: Dataset, clip: int, neutral: Floats, movement_range: Floats
) -> tuple[Times, Times]:
    """Return times (n,) in clip time and smoothed intensities (n,) of `clip`."""
    shapes = data.shapes[clip]
    movement = np.asarray((shapes - neutral) / movement_range, np.float32)
    newest_s = float(data.tracks[clip].times_s[-1])
    times_s = newest_s - np.arange(len(shapes) - 1, -1, -1) / data.timing.rate_hz
    return times_s, smoothed_intensity(movement, data.timing)


def onset_to_apex(
    track: Track, apex_s: float, neutral: Floats, movement_range: Floats
) -> Onset | None:
    """Return the onset that leads to the apex at `apex_s` of a gapless `track`.

    None where the clip does not show its beginning. As live, no more than the last seconds count.
    """
    inside = (track.times_s >= apex_s - SPAN_S) & (track.times_s <= apex_s + SPAN_S)
    times_s, points_px = track.times_s[inside], track.points_px[inside]
    shapes = align_to_eyes(points_px)
    curve = MovementCurve.of(times_s, shapes, neutral[:LANDMARKS], movement_range)
    near = np.flatnonzero(np.abs(curve.times_s - apex_s) <= NEAR_S)
    return measure_onset(curve, int(near[np.argmax(curve.intensity[near])]))


class ClipOnsetMeter:
    """The live gauge's onset meter along a recorded, gapless track."""

    def __init__(
        self, track: Track, thresholds: ExpressionThresholds, movement_range: Floats
    ) -> None:
        self._track, self._range = track, movement_range
        self._meter = OnsetMeter(thresholds)
        self._shown = 0  # frames

    def onset_at(self, frame: int, stats: PersonStats | None) -> Onset | None:
        """Return the onset of the expression that is there at `frame`, as far as seen until then.

        Frames must rise from call to call. None for a person without `stats`.
        """
        new = slice(self._shown, frame + 1)
        shapes = align_to_eyes(self._track.points_px[new])
        for at_s, shape in zip(self._track.times_s[new].tolist(), shapes, strict=True):
            self._meter.append(at_s, shape)
        self._shown = max(self._shown, frame + 1)
        return self._meter.measure(stats.neutral if stats else None, self._range)
