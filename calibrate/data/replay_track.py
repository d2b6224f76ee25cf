"""The live path over a recorded track: the very motion code of the gauge, fed from landmarks on file."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from calibrate.data.tracks import Track
from realtime.core.messages import BoxSource, Face, Landmarks, Tick, ViewQuality
from realtime.motion.basis import MovementBasis
from realtime.motion.motion import MotionStage, make_tick
from realtime.motion.resample import WindowTiming
from realtime.motion.ticker import Ticker
from realtime.person.population import Population
from realtime.person.stats import PersonStats

# A track keeps small patches only; its frames were good enough for points.
CLEAR, FIRM_PSR = ViewQuality(sharpness=1e6, brightness=128.0, yaw=0.0), 100.0


def replay_ticks(
    track: Track,
    timing: WindowTiming,
    population: Population,
    basis: MovementBasis,
    known: PersonStats | None,
    between_s: tuple[float, float] | None = None,
) -> Iterator[Tick]:
    """Every tick of `track`, or of the part `between_s`, as the gauge would have had it; the last is at the part's end.

    `known` None lets the gauge get to know the person from what it is shown, as it does live.
    """
    motion = MotionStage(timing, population, basis, known)
    return replay_through(motion, track, between_s)


def replay_through(
    motion: MotionStage,
    track: Track,
    between_s: tuple[float, float] | None = None,
    later_s: float = 0.0,
) -> Iterator[Tick]:
    """`track`, or its part `between_s`, shown to `motion` so many seconds later than it happened: its ticks."""
    timing = motion.timing
    numbers = np.arange(len(track.times_s)) if between_s is None else _between(track, *between_s)
    first_s = None if between_s is None else _first_tick_s(track.times_s[numbers], timing) + later_s
    ticker = Ticker(timing.stride_s, first_s)
    for number in numbers:
        at_s, points = float(track.times_s[number]) + later_s, track.points_px[number]
        seen = Landmarks(points, at_s, int(number), CLEAR, track.crop(int(number)))
        motion.add(seen)
        if ticker.due(at_s):
            yield make_tick(motion, int(number), at_s, at_s, _face(points), seen)


def _between(track: Track, low_s: float, high_s: float) -> NDArray[np.intp]:
    """The frames of a stretch with the nearest before and after: its first and last instant lie between frames."""
    first = int(np.searchsorted(track.times_s, low_s + 1e-6, side="right")) - 1
    last = int(np.searchsorted(track.times_s, high_s - 1e-6))
    return np.arange(max(0, first), min(last, len(track.times_s) - 1) + 1)


def _first_tick_s(times_s: NDArray[np.float64], timing: WindowTiming) -> float:
    """When the first tick of a stretch is due so that the last one sees all of it: at its end, a whole window."""
    strides = int((times_s[-1] - times_s[0]) / timing.stride_s)
    return float(times_s[-1] - strides * timing.stride_s) if strides else float(times_s[-1])


def _face(points: np.ndarray[tuple[int, int], np.dtype[np.float32]]) -> Face:
    low, high = points.min(axis=0), points.max(axis=0)
    width, height = (float(side) for side in np.maximum(high - low, 1))
    return Face((float(low[0]), float(low[1]), width, height), FIRM_PSR, BoxSource.MOSSE)
