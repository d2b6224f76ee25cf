"""The live path over a recorded track: the very motion code of the gauge, fed from landmarks on file."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from calibrate.tracks import Track
from realtime.motion.basis import Basis
from realtime.motion.motion import Motion, tick_of
from realtime.motion.person import Known, Population
from realtime.motion.ticker import Ticker
from realtime.motion.window import Timing
from realtime.values import Face, How, Landmarks, Quality, Tick

CLEAR = Quality(
    sharpness=1e6, brightness=128.0, yaw=0.0
)  # a track keeps no pixels; its frames were good enough for points


def ticks(
    track: Track,
    timing: Timing,
    population: Population,
    basis: Basis,
    known: Known | None,
    between_s: tuple[float, float] | None = None,
) -> Iterator[Tick]:
    """Every tick of `track`, or of the part `between_s`, as the gauge would have had it.

    `known` None lets the gauge get to know the person from what it is shown, as it does live.
    """
    motion, ticker = Motion(timing, population, basis, known), Ticker(timing.stride_s)
    low, high = between_s or (-np.inf, np.inf)
    for number in np.flatnonzero((track.times_s >= low - 1e-6) & (track.times_s <= high + 1e-6)):
        at_s, points = float(track.times_s[number]), track.points_px[number]
        seen = Landmarks(points, at_s, int(number), CLEAR)
        motion.see(seen)
        if ticker.due(at_s):
            yield tick_of(motion, int(number), at_s, at_s, _face(points), seen)


def _face(points: np.ndarray[tuple[int, int], np.dtype[np.float32]]) -> Face:
    low, high = points.min(axis=0), points.max(axis=0)
    width, height = (float(side) for side in np.maximum(high - low, 1))
    return Face((float(low[0]), float(low[1]), width, height), 0.0, How.MOSSE)
