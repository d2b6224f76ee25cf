"""From landmark tracks to what networks learn from: shapes at the model's rate, each person's profile, apex windows.

Protocol `live` sees 1.6 s around the apex only: the clips' edges give the label away, and a camera has none. Neutral
and range come from other, unlabelled clips of the person. Where the apex lies is told by the person's own neutral,
without labels, and the same window is used however much is known of the person. For protocol `whole` a dataset is
looked `at` from other parts of its clips.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from calibrate.data.clips import DataError
from calibrate.data.tracks import Track
from calibrate.identity.appearance import fit_appearance_model
from calibrate.identity.geometry import fit_geometry_model
from realtime.core.labels import GENUINE
from realtime.core.messages import Floats
from realtime.motion.align import align_to_eyes
from realtime.motion.basis import mirror, mirrored, principal_directions
from realtime.motion.resample import WindowTiming, resample
from realtime.motion.shape_buffer import GAP_S
from realtime.person.population import Population, window_moments
from realtime.person.stats import PersonStats, estimate_stats

# Protocol `live`: 1.6 s at 10 Hz. A faster rate or a longer window tells no more of people held out (RESULTS.md).
LIVE = WindowTiming(rate_hz=10.0, window_s=1.6, min_window_s=0.8, stride_s=0.2, smooth_s=0.033)

APEX_SMOOTH_S = 0.2
# What is seen of each clip: a window at the apex or at an edge; the apex from the clip's own beginning; or all of it.
APEX, FIRST, LAST, RISE, WHOLE = "apex", "first", "last", "rise", "whole"
FIRST_FRAMES, FIRM = 3, 1e3  # of the beginning; as many clips of a person say no more against it
DIRECTIONS, RIDGE = 25, 30.0  # of the guess of a neutral from one window
NEUTRAL_PRIOR, RANGE_PRIOR = 0.5, 10.0  # clips of a person that weigh as much as the population
MIRRORED, TELLING_SEED = " in a mirror", 0


@dataclass(frozen=True, slots=True, eq=False)
class FrameRange:
    """A stretch of one clip, in frames of the model's rate: `start` to `stop` (exclusive)."""

    start: int
    stop: int


@dataclass(frozen=True, eq=False)
class Dataset:
    """Clips as shapes (n_i, 80) at the model's rate, with who they show and whether it was felt.

    `part` says what is seen of each clip: one window, at the apex or at an edge, or the whole clip. Where an apex lies
    is told in `usual` ranges of movement (80,): of the people who are learned from, or of everybody here if None.
    """

    timing: WindowTiming
    tracks: tuple[Track, ...]
    shapes: tuple[Floats, ...]
    part: str = APEX
    usual: Floats | None = None

    @staticmethod
    def of(tracks: Sequence[Track], timing: WindowTiming) -> Dataset:
        """Align and resample `tracks`; clips shorter than the shortest window are left out."""
        tracks = [longest_gapless_part(track) for track in tracks]
        whole = [_whole(track, timing) for track in tracks]
        kept = [i for i, shapes in enumerate(whole) if len(shapes) >= timing.min_frames]
        if not kept:
            raise DataError(
                f"none of {len(tracks)} tracks is {timing.min_window_s} s long; nothing can be learned"
            )
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
    def rater_share(self) -> NDArray[np.float64]:
        """The share of human raters who called each clip genuine (n,); they saw it whole. NaN where none were asked."""
        hit = np.array([track.clip.rater_hit_pct for track in self.tracks]) / 100
        return np.where(self.genuine, hit, 1 - hit)

    @cached_property
    def digest(self) -> str:
        """Names the clips, their truth and their shapes: the same data, the same name."""
        whole = sha256(repr((self.timing, self.part)).encode())
        for track, shapes in zip(self.tracks, self.shapes, strict=True):
            whole.update(repr(track.clip).encode() + shapes.tobytes())
        return whole.hexdigest()

    @cached_property
    def looks_digest(self) -> str:
        """Names how the faces in the clips look, which no network learns from."""
        whole = sha256()
        for track in self.tracks:
            whole.update(track.crops.tobytes())
        return whole.hexdigest()

    def at(self, part: str) -> Dataset:
        """The same clips, looked at from another part."""
        return replace(self, part=part)

    def ranged(self, usual: Floats) -> Dataset:
        """The same clips with their apexes told in other ranges (80,): nothing of people held out tells them."""
        return replace(self, usual=usual)

    @cached_property
    def frame_ranges(self) -> tuple[FrameRange, ...]:
        """What is seen of every clip."""
        if self.part in (APEX, RISE):
            return self._apexes()
        lengths = [len(shapes) for shapes in self.shapes]
        whole = lengths if self.part == WHOLE else [min(n, self.timing.frames) for n in lengths]
        starts = [n - w if self.part == LAST else 0 for n, w in zip(lengths, whole, strict=True)]
        return tuple(FrameRange(start, start + w) for start, w in zip(starts, whole, strict=True))

    def _apexes(self) -> tuple[FrameRange, ...]:
        """The window where the smoothed distance from the person's neutral, in usual ranges, is largest."""
        people = _people(self, np.arange(len(self)))
        usual = _usual(people) if self.usual is None else self.usual
        pairs = zip(self.shapes, self.subjects, strict=True)
        return tuple(
            find_apex((shapes - people[s].neutral) / usual, self.timing) for shapes, s in pairs
        )

    def times_s(self, clip: int, span: FrameRange) -> tuple[float, float]:
        """When `span` of a clip begins and ends, in the clip's own time."""
        newest = float(self.tracks[clip].times_s[-1])
        last = len(self.shapes[clip]) - 1
        return newest - (last - span.start) / self.timing.rate_hz, newest - (
            last - span.stop + 1
        ) / self.timing.rate_hz

    def others(self, clip: int, known: int, rng: np.random.Generator) -> NDArray[np.intp]:
        """Up to `known` other clips of the person in `clip`, drawn without looking at labels."""
        same = np.flatnonzero(self.subjects == self.subjects[clip])
        return rng.permutation(same[same != clip])[:known]

    def stats_from_clips(self, clips: Sequence[int] | NDArray[np.intp]) -> PersonStats | None:
        """What `clips` of one person tell about their neutral and movement; None without any."""
        return estimate_stats([self.shapes[i] for i in clips]) if len(clips) else None

    def reference_stats(self, clip: int, known: PersonStats | None) -> PersonStats | None:
        """What `clip` is held against: what is `known` of the person; for `RISE` the clip's own first frames."""
        if self.part != RISE:
            return known
        first = self.shapes[clip][:FIRST_FRAMES].mean(axis=0)
        if known is None:
            return PersonStats(FIRM, first, np.zeros_like(first), 0.0)
        return replace(known, clips=FIRM, neutral=first)

    def window(self, clip: int) -> Floats:
        """The shapes (T, 80) in what is seen of a clip."""
        span = self.frame_ranges[clip]
        return self.shapes[clip][span.start : span.stop]


def find_apex(movement: Floats, timing: WindowTiming) -> FrameRange:
    """The window around the largest smoothed size of `movement` (n, 80) from neutral, inside the clip."""
    distance = np.sqrt(np.square(movement).mean(axis=1))
    width = max(1, round(APEX_SMOOTH_S * timing.rate_hz))
    padded = np.pad(distance, (width // 2, width - 1 - width // 2), mode="edge")
    top = int(np.argmax(np.convolve(padded, np.full(width, 1 / width), mode="valid")))
    start = min(max(0, top - timing.frames // 2), max(0, len(movement) - timing.frames))
    return FrameRange(start, min(len(movement), start + timing.frames))


def population(data: Dataset, clips: NDArray[np.intp]) -> Population:
    """The people in `clips`, each weighing the same: neutral, range, and how a window lets a neutral be guessed.

    Everybody is there twice, as they are and as in a mirror: a face and its mirror image are read alike.
    """
    people = _people(data, clips)
    mean = np.mean([known.neutral for known in people.values()], axis=0)
    neutral = np.asarray((mean + mirror(mean)) / 2, np.float32)
    spread = _usual(people)
    data = data.ranged(spread)
    found = _with_mirror(np.array([window_moments(data.window(i), neutral, spread) for i in clips]))
    both = np.concatenate((data.subjects[clips], np.char.add(data.subjects[clips], MIRRORED)))
    telling = fit_geometry_model(
        found[:, 0],
        both,
        (align_to_eyes(data.tracks[i].points_px) for i in clips),
        spread,
        TELLING_SEED,
    )
    if telling:
        looks = fit_appearance_model(
            [data.tracks[i].crops for i in clips], data.subjects[clips], TELLING_SEED
        )
        telling = replace(telling, appearance=looks)
    still, moved = _centred(found[:, 0]), _centred(found[:, 1])
    places = np.concatenate((found[:, 0] @ still.T, found[:, 1] @ moved.T), axis=1)
    wanted = _with_mirror(
        np.array([(people[data.subjects[i]].neutral - neutral) / spread for i in clips])
    )
    ridge = RIDGE * len(wanted) / 50 * np.eye(places.shape[1])
    guess = np.linalg.solve(places.T @ places + ridge, places.T @ wanted)
    guess = np.asarray(guess, np.float32)
    return Population(neutral, spread, still, moved, guess, NEUTRAL_PRIOR, RANGE_PRIOR, telling)


def _people(data: Dataset, clips: NDArray[np.intp]) -> dict[str, PersonStats]:
    """What `clips` tell of each of their people."""
    subjects = data.subjects[clips]
    return {
        s: estimate_stats([data.shapes[i] for i in clips[subjects == s]])
        for s in np.unique(subjects)
    }


def _usual(people: Mapping[str, PersonStats]) -> Floats:
    """How far people usually move (80,), each weighing the same, the two halves of the face alike."""
    square = np.mean([known.mean_square_movement for known in people.values()], axis=0)
    return np.asarray(np.sqrt((square + mirrored(square)) / 2), np.float32)


def _with_mirror(rows: Floats) -> Floats:
    return np.concatenate((rows, mirror(rows)))


def _centred(rows: Floats) -> Floats:
    """The largest principal directions of `rows` (n, 80) about their mean."""
    return principal_directions(rows - rows.mean(axis=0), DIRECTIONS)


def longest_gapless_part(track: Track) -> Track:
    """`track` cut to its longest stretch without a gap: across one, the live gauge starts anew."""
    ends = [0, *(np.flatnonzero(np.diff(track.times_s) > GAP_S) + 1), len(track.times_s)]
    longest = int(np.argmax(np.diff(ends)))
    stretch = slice(ends[longest], ends[longest + 1])
    return track.part(stretch)


def _whole(track: Track, timing: WindowTiming) -> Floats:
    """The shapes (n, 80) of one clip at the model's rate, ending at its newest frame."""
    if len(track.times_s) < 2:
        return np.zeros((0, 80), np.float32)
    shapes = align_to_eyes(track.points_px)
    endless = WindowTiming(
        timing.rate_hz, 60.0, timing.min_window_s, timing.stride_s, timing.smooth_s
    )
    return resample(track.times_s, shapes, endless)[1]
