"""From landmark tracks to what networks learn from: shapes at the model's rate, each person's profile, apex windows.

Protocol `live` sees 1.6 s around the apex only: the clips' edges give the label away, and a camera has none. Neutral and
range come from other, unlabelled clips of the person. Where the apex lies is told by the person's own neutral, without
labels, and the same window is used however much is known of the person.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from calibrate.clips import GENUINE, DataError
from calibrate.tracks import Track
from realtime.motion.normalise import align
from realtime.motion.person import Population, Profile, estimate
from realtime.motion.window import Timing, resample
from realtime.values import Floats

APEX_SMOOTH_S = 0.2
MIN_CLIPS = 2  # of a person: one to judge and one to know them by


@dataclass(frozen=True, slots=True, eq=False)
class Span:
    """A stretch of one clip, in frames of the model's rate: `start` to `stop` (exclusive)."""

    start: int
    stop: int


@dataclass(frozen=True, eq=False)
class Dataset:
    """Clips as shapes (n_i, 80) at the model's rate, with who they show and whether it was felt."""

    timing: Timing
    tracks: tuple[Track, ...]
    shapes: tuple[Floats, ...]

    @staticmethod
    def of(tracks: Sequence[Track], timing: Timing) -> Dataset:
        """Align and resample `tracks`; clips shorter than the shortest window are left out."""
        whole = [_whole(track, timing) for track in tracks]
        kept = [i for i, shapes in enumerate(whole) if len(shapes) >= timing.min_frames]
        if not kept:
            raise DataError(f"none of {len(tracks)} tracks is {timing.min_window_s} s long; nothing can be learned")
        return Dataset(timing, tuple(tracks[i] for i in kept), tuple(whole[i] for i in kept))

    def __len__(self) -> int:
        return len(self.tracks)

    @cached_property
    def genuine(self) -> NDArray[np.bool_]:
        """Whether each clip's expression was felt (n,)."""
        return np.array([track.clip.label == GENUINE for track in self.tracks])

    @cached_property
    def subjects(self) -> NDArray[np.str_]:
        """The person of each clip (n,)."""
        return np.array([track.clip.subject for track in self.tracks])

    @cached_property
    def emotions(self) -> NDArray[np.str_]:
        """The emotion of each clip (n,)."""
        return np.array([track.clip.emotion for track in self.tracks])

    @cached_property
    def apexes(self) -> tuple[Span, ...]:
        """The apex window of every clip: where its smoothed distance from the person's neutral is largest."""
        neutral = {subject: self._neutral(subject) for subject in np.unique(self.subjects)}
        return tuple(apex(shapes, neutral[subject], self.timing) for shapes, subject in zip(self.shapes, self.subjects, strict=True))

    def times_s(self, clip: int, span: Span) -> tuple[float, float]:
        """When `span` of a clip begins and ends, in the clip's own time."""
        newest = float(self.tracks[clip].times_s[-1])
        last = len(self.shapes[clip]) - 1
        return newest - (last - span.start) / self.timing.rate_hz, newest - (last - span.stop + 1) / self.timing.rate_hz

    def others(self, clip: int, known: int, rng: np.random.Generator) -> NDArray[np.intp]:
        """Up to `known` other clips of the person in `clip`, drawn without looking at labels."""
        same = np.flatnonzero(self.subjects == self.subjects[clip])
        return rng.permutation(same[same != clip])[:known]

    def profile(self, clips: Sequence[int] | NDArray[np.intp], population: Population) -> Profile:
        """What `clips` of one person tell about their neutral and range."""
        shapes = np.concatenate([self.shapes[i] for i in clips])
        return estimate(shapes, np.median(shapes, axis=0), population, len(shapes) / self.timing.rate_hz)

    def _neutral(self, subject: str) -> Floats:
        clips = np.flatnonzero(self.subjects == subject)
        return self.profile(clips, indifferent(self.shapes[clips[0]])).neutral


def apex(shapes: Floats, neutral: Floats, timing: Timing) -> Span:
    """The window around the largest smoothed distance of `shapes` (n, 80) from `neutral` (80,), inside the clip."""
    distance = np.sqrt(np.square(shapes - neutral).mean(axis=1))
    width = max(1, round(APEX_SMOOTH_S * timing.rate_hz))
    padded = np.pad(distance, (width // 2, width - 1 - width // 2), mode="edge")
    top = int(np.argmax(np.convolve(padded, np.full(width, 1 / width), mode="valid")))
    start = min(max(0, top - timing.frames // 2), max(0, len(shapes) - timing.frames))
    return Span(start, min(len(shapes), start + timing.frames))


def indifferent(like: Floats) -> Population:
    """A population that pulls nowhere, for where a person is described from their own clips alone."""
    width = like.shape[1]
    return Population(np.zeros(width, np.float32), np.ones(width, np.float32), 0.0, 0.0)


def population(data: Dataset, clips: NDArray[np.intp], neutral_prior_s: float, range_prior_s: float) -> Population:
    """Mean neutral and root mean square range of the people in `clips`; each person weighs the same."""
    own = []
    for subject in np.unique(data.subjects[clips]):
        of_subject = clips[data.subjects[clips] == subject]
        own.append(data.profile(of_subject, indifferent(data.shapes[0])).neutral)
    neutral = np.mean(own, axis=0)
    moved = [_moved(data, clips[data.subjects[clips] == s], n) for s, n in zip(np.unique(data.subjects[clips]), own, strict=True)]
    spread = np.sqrt(np.mean(moved, axis=0))
    even = np.sqrt((np.square(spread) + np.square(mirrored(spread))) / 2)  # no side of the face is the livelier one
    return Population(np.asarray(neutral, np.float32), np.asarray(even, np.float32), neutral_prior_s, range_prior_s)


def _moved(data: Dataset, clips: NDArray[np.intp], neutral: Floats) -> Floats:
    return np.asarray(np.mean([np.square(data.shapes[i] - neutral).mean(axis=0) for i in clips], axis=0), np.float32)


# Which of the 40 points takes each one's place in a mirror: brows 0-9, nose 10-15, eyes 16-27, mouth 28-35, midpoints 36-39.
MIRROR = np.array(
    [*range(9, -1, -1), 10, *range(15, 10, -1), 25, 24, 23, 22, 27, 26, 19, 18, 17, 16, 21, 20]
    + [32, 31, 30, 29, 28, 35, 34, 33, 37, 36, 39, 38]
)


def mirrored(values: Floats) -> Floats:
    """`values` (..., 80) with each point's number at the place of its mirror point; signs are left alone."""
    return np.concatenate((values[..., :40][..., MIRROR], values[..., 40:][..., MIRROR]), axis=-1)


def mirror(shapes: Floats) -> Floats:
    """Movement (..., 80) as a mirror shows it: places swapped, horizontal movement turned round."""
    swapped = mirrored(shapes)
    return np.concatenate((-swapped[..., :40], swapped[..., 40:]), axis=-1)


def _whole(track: Track, timing: Timing) -> Floats:
    """The longest stretch without a gap of one clip, at the model's rate, ending at its newest frame."""
    if len(track.times_s) < 2:
        return np.zeros((0, 80), np.float32)
    shapes = align(track.points_px)
    endless = Timing(timing.rate_hz, 60.0, timing.min_window_s, timing.stride_s, timing.smooth_s)
    return resample(track.times_s, shapes, endless)[1]
