"""Replay a recorded track through the live gauge: the same motion code, landmarks from file."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from calibrate.data.tracks import Track
from realtime.core.messages import BoxSource, Face, Floats, Frame, Landmarks, Tick, ViewQuality
from realtime.motion.basis import MovementBasis
from realtime.motion.motion import MotionStage
from realtime.motion.resample import WindowTiming
from realtime.motion.ticker import Ticker
from realtime.person.descriptor_source import Described
from realtime.person.face_watch import FaceWatch
from realtime.person.population import Population
from realtime.person.stats import PersonStats
from realtime.runtime.gauge import Gauge

# A track holds no view quality or PSR: the reader found points, so the view counts as clear.
CLEAR, FIRM_PSR = ViewQuality(sharpness=1e6, brightness=128.0, yaw=0.0), 100.0
NO_IMAGE = np.zeros((1, 1, 3), np.uint8)
NEAR_S = 0.5  # of a frame: the descriptor recorded there stands for the frame's


class TrackReader:
    """Landmarks of a recorded track, in place of a `FaceReader`; frame indices are the track's."""

    def __init__(self, track: Track) -> None:
        self._track = track

    def read(self, frame: Frame) -> tuple[Face, Landmarks]:
        """Return the box around the points, and the landmarks."""
        track, index = self._track, frame.index
        points, crop = track.points_px[index], track.crop(index)
        appearance = track.appearance[index] if track.has_appearance else None
        landmarks = Landmarks(
            points, frame.captured_at_s, index, CLEAR, crop, track.expression(index), appearance
        )
        return _face(points), landmarks


class RecordedDescriptors:
    """Descriptors of a recorded track, in place of those of pictures."""

    def __init__(self, track: Track, later_s: float = 0.0) -> None:
        """`later_s` is added to all times of the track where it is replayed."""
        self._track, self._later_s = track, later_s
        self._results: list[Described] = []

    def submit(self, frame: Frame, landmarks: Landmarks, stretch: int) -> str:
        """Take the descriptor nearest to the frame in time; return why there is none, or ""."""
        apart_s = np.abs(self._track.described_s + self._later_s - frame.captured_at_s)
        if not len(apart_s) or apart_s.min() > NEAR_S:
            return "not recorded"
        self._results.append(Described(self._track.descriptors[int(apart_s.argmin())], stretch))
        return ""

    def take(self) -> list[Described]:
        """Return the results so far, oldest first."""
        results, self._results = self._results, []
        return results


def replay_ticks(
    track: Track,
    timing: WindowTiming,
    population: Population,
    basis: MovementBasis,
    known: PersonStats | None,
    between_s: tuple[float, float] | None = None,
) -> Iterator[Tick]:
    """Return the ticks the live gauge makes of `track`, or of its part `between_s`.

    The last tick is at the end of the part. `known` None enrols the person online, as live.
    """
    motion = MotionStage(timing, population, basis, known)
    return replay_through(motion, track, between_s)


def replay_through(
    motion: MotionStage,
    track: Track,
    between_s: tuple[float, float] | None = None,
    later_s: float = 0.0,
) -> Iterator[Tick]:
    """Yield the ticks of `track`, or its part `between_s`, with all times shifted by `later_s`."""
    for _, tick in replay_frames(motion, track, between_s, later_s):
        if tick is not None:
            yield tick


def replay_frames(
    motion: MotionStage,
    track: Track,
    between_s: tuple[float, float] | None = None,
    later_s: float = 0.0,
) -> Iterator[tuple[int, Tick | None]]:
    """Yield the number of each frame of the same, and the tick at it, if there is one."""
    timing = motion.timing
    numbers = np.arange(len(track.times_s)) if between_s is None else _between(track, *between_s)
    first_s = None if between_s is None else _first_tick_s(track.times_s[numbers], timing) + later_s
    ticker, watch = Ticker(timing.stride_s, first_s), FaceWatch(RecordedDescriptors(track, later_s))
    gauge = Gauge(TrackReader(track), motion, ticker=ticker, watch=watch)
    for number in numbers:
        at_s = float(track.times_s[number]) + later_s
        yield int(number), gauge.step(Frame(int(number), at_s, at_s, NO_IMAGE)).tick


def _between(track: Track, low_s: float, high_s: float) -> NDArray[np.intp]:
    """Return the frames of a part, and one on each side: its ends fall between frames."""
    first = int(np.searchsorted(track.times_s, low_s + 1e-6, side="right")) - 1
    last = int(np.searchsorted(track.times_s, high_s - 1e-6))
    return np.arange(max(0, first), min(last, len(track.times_s) - 1) + 1)


def _first_tick_s(times_s: NDArray[np.float64], timing: WindowTiming) -> float:
    """Return the time of the first tick, such that the last tick is at the end of the part."""
    strides = int((times_s[-1] - times_s[0]) / timing.stride_s)
    return float(times_s[-1] - strides * timing.stride_s) if strides else float(times_s[-1])


def _face(points: Floats) -> Face:
    low, high = points.min(axis=0), points.max(axis=0)
    width, height = (float(side) for side in np.maximum(high - low, 1))
    return Face((float(low[0]), float(low[1]), width, height), FIRM_PSR, BoxSource.MOSSE)
