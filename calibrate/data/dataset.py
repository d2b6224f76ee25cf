"""Dataset of shapes at the model's rate, and the window of each clip that is learned from.

Protocol `live` uses 1.6 s around the apex only: the edges of a clip give its label away, and a
camera has no edges. The apex is found from the person's own neutral, without labels, and stays the
same however much is known of the person. Protocol `whole` uses other parts of the clips as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from calibrate.data.clips import DataError
from calibrate.data.tracks import Track
from engines.model.shape import LANDMARKS
from realtime.core.labels import GENUINE
from realtime.core.messages import Floats
from realtime.landmarks.appearance import APPEARANCE
from realtime.motion.align import align_to_eyes, joined_shapes
from realtime.motion.resample import WindowTiming, resample_shapes
from realtime.motion.shape_buffer import GAP_S
from realtime.person.expression_watch import RestLimits
from realtime.person.stats import PersonStats, estimate_stats, intensities

# Protocol `live`: 1.6 s at 10 Hz. A faster rate or a longer window gains nothing (docs/RESULTS.md).
LIVE = WindowTiming(rate_hz=10.0, window_s=1.6, min_window_s=0.8, stride_s=0.2, smooth_s=0.033)

APEX_SMOOTH_S = 0.2
NO_APPEARANCE = (
    "the tracks hold the landmarks alone, and the networks see the appearance, too; extract the "
    "clips again"
)
# Part of each clip: a window at the apex or at an edge; the apex relative to the clip's own first
# frames; or the whole clip.
APEX, FIRST, LAST, RISE, WHOLE = "apex", "first", "last", "rise", "whole"
RISE_FRAMES = 3  # first frames that serve as neutral for `RISE`
RISE_CLIPS = 1e3  # their weight in clips: more than any person has


@dataclass(frozen=True, slots=True, eq=False)
class FrameRange:
    """Frames `start` to `stop` (exclusive) of one clip, at the model's rate."""

    start: int
    stop: int

    def __len__(self) -> int:
        return self.stop - self.start


@dataclass(frozen=True, eq=False)
class Dataset:
    """Clips as shapes (n_i, D) at the model's rate, with person, emotion and label of each.

    D is 80 for the landmarks alone, 112 with the appearance. With `rest`, the limits of the
    read-out in the tracks, `at_rest` (n_i,) says which shapes are at rest; () without.
    """

    timing: WindowTiming
    tracks: tuple[Track, ...]
    shapes: tuple[Floats, ...]
    rest: RestLimits | None = None
    at_rest: tuple[NDArray[np.bool_], ...] = ()

    @staticmethod
    def of(
        tracks: Sequence[Track],
        timing: WindowTiming,
        appearance: bool = False,
        rest: RestLimits | None = None,
    ) -> Dataset:
        """Align and resample `tracks`; drop clips shorter than the shortest window.

        `rest` are the limits of the read-out that the tracks hold, None to leave it aside. Raises
        `DataError` if no clip is left, or if `appearance` is asked for and a track has none.
        """
        if appearance and not all(track.has_appearance for track in tracks):
            raise DataError(NO_APPEARANCE)
        tracks = [longest_gapless_part(track) for track in tracks]
        shapes = [_resampled(track, timing, appearance) for track in tracks]
        long = [i for i, clip in enumerate(shapes) if len(clip) >= timing.min_frames]
        if not long:
            raise DataError(
                f"none of {len(tracks)} tracks is {timing.min_window_s} s long; take longer clips"
            )
        kept = [tracks[i] for i in long]
        at_rest = () if rest is None else tuple(_at_rest(track, timing, rest) for track in kept)
        return Dataset(timing, tuple(kept), tuple(shapes[i] for i in long), rest, at_rest)

    def __len__(self) -> int:
        return len(self.tracks)

    @property
    def width(self) -> int:
        """Return the numbers of one shape."""
        return int(self.shapes[0].shape[1])

    def subset(self, clips: Sequence[int] | NDArray[np.intp]) -> Dataset:
        """Return the dataset of `clips` alone, numbered from 0."""
        return replace(
            self,
            tracks=tuple(self.tracks[i] for i in clips),
            shapes=tuple(self.shapes[i] for i in clips),
            at_rest=tuple(self.at_rest[i] for i in clips) if self.at_rest else (),
        )

    def shapes_alone(self) -> Dataset:
        """Return the same clips without landmarks and pictures, a hundredth of the bytes."""
        bare = tuple(track.part(slice(0)) for track in self.tracks)
        return replace(self, tracks=bare)

    @cached_property
    def genuine(self) -> NDArray[np.bool_]:
        """Whether the label of each clip is genuine (n,)."""
        return np.array([track.clip.label == GENUINE for track in self.tracks])

    @cached_property
    def subjects(self) -> NDArray[np.str_]:
        """Person of each clip (n,)."""
        return np.array([track.clip.subject for track in self.tracks])

    @cached_property
    def emotions(self) -> NDArray[np.str_]:
        """Emotion of each clip (n,)."""
        return np.array([track.clip.emotion for track in self.tracks])

    @cached_property
    def rater_share(self) -> NDArray[np.float64]:
        """Share of human raters who called each whole clip genuine (n,); NaN without raters."""
        hit = np.array([track.clip.rater_hit_pct for track in self.tracks]) / 100
        return np.where(self.genuine, hit, 1 - hit)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of timing, labels, shapes and what of them is at rest."""
        digest = sha256(repr(self.timing).encode())
        for track, shapes in zip(self.tracks, self.shapes, strict=True):
            digest.update(repr(track.clip).encode() + shapes.tobytes())
        for rest in self.at_rest:
            digest.update(rest.tobytes())
        return digest.hexdigest()

    @cached_property
    def faces_digest(self) -> str:
        """SHA-256 of crops, descriptors and read-outs, which no network learns from."""
        digest = sha256()
        for track in self.tracks:
            for part in (track.crops, track.descriptors, track.expressions):
                digest.update(part.tobytes())
        if self.rest is not None:
            limits = (self.rest.faint, self.rest.certain)
            digest.update(self.rest.typical.tobytes() + self.rest.scale.tobytes())
            digest.update(repr(limits).encode())
        return digest.hexdigest()

    def windows(self, movement_range: Floats, part: str = APEX) -> ApexWindows:
        """Find the window of each clip; apex distances are in `movement_range` (D,).

        The range must come from the training people, so that held-out people influence nothing.
        """
        if part in (APEX, RISE):
            neutral = {s: stats.neutral for s, stats in self.stats_by_person().items()}
            pairs = zip(self.shapes, self.subjects, strict=True)
            movements = ((shapes - neutral[s]) / movement_range for shapes, s in pairs)
            return ApexWindows(self, part, tuple(find_apex(m, self.timing) for m in movements))
        lengths = [len(shapes) for shapes in self.shapes]
        frames = lengths if part == WHOLE else [min(n, self.timing.frames) for n in lengths]
        starts = [n - w if part == LAST else 0 for n, w in zip(lengths, frames, strict=True)]
        ranges = (FrameRange(start, start + w) for start, w in zip(starts, frames, strict=True))
        return ApexWindows(self, part, tuple(ranges))

    def others(self, clip: int, count: int, rng: np.random.Generator) -> NDArray[np.intp]:
        """Draw up to `count` other clips of the person in `clip`, regardless of labels."""
        same = np.flatnonzero(self.subjects == self.subjects[clip])
        return rng.permutation(same[same != clip])[:count]

    def clips_by_person(self, clips: NDArray[np.intp]) -> dict[str, NDArray[np.intp]]:
        """Group `clips` by person, in order of name."""
        subjects = self.subjects[clips]
        return {str(s): clips[subjects == s] for s in np.unique(subjects)}

    def stats_from_clips(self, clips: Sequence[int] | NDArray[np.intp]) -> PersonStats | None:
        """Estimate neutral and movement of one person from whole `clips`; None without any."""
        return self._stats(clips) if len(clips) else None

    def stats_by_person(self, clips: NDArray[np.intp] | None = None) -> dict[str, PersonStats]:
        """Estimate stats of every person in `clips` (default: all)."""
        chosen = np.arange(len(self)) if clips is None else clips
        people = self.clips_by_person(chosen).items()
        return {subject: self._stats(own) for subject, own in people}

    def _stats(self, clips: Sequence[int] | NDArray[np.intp]) -> PersonStats:
        at_rest = [self.at_rest[i] for i in clips] if self.at_rest else None
        return estimate_stats([self.shapes[i] for i in clips], at_rest)


@dataclass(frozen=True, slots=True, eq=False)
class ApexWindows:
    """The window of every clip of `data`: its apex, or another `part` of the clip."""

    data: Dataset
    part: str
    frame_ranges: tuple[FrameRange, ...]

    def window(self, clip: int) -> Floats:
        """Return the shapes (T, D) in the window of `clip`."""
        frames = self.frame_ranges[clip]
        return self.data.shapes[clip][frames.start : frames.stop]

    def times_s(self, clip: int) -> tuple[float, float]:
        """Return the times of the first and the last frame of the window, in clip time."""
        data, frames = self.data, self.frame_ranges[clip]
        newest_s, last = float(data.tracks[clip].times_s[-1]), len(data.shapes[clip]) - 1
        first_s = newest_s - (last - frames.start) / data.timing.rate_hz
        return first_s, newest_s - (last - frames.stop + 1) / data.timing.rate_hz

    def touches_edge(self, clip: int) -> bool:
        """Return whether the window reaches the first or the last frame of `clip`."""
        frames = self.frame_ranges[clip]
        return frames.start == 0 or frames.stop == len(self.data.shapes[clip])

    def reference_stats(self, clip: int, stats: PersonStats | None) -> PersonStats | None:
        """Return the stats that `clip` is read against: `stats`, or its first frames for `RISE`."""
        if self.part != RISE:
            return stats
        first = self.data.shapes[clip][:RISE_FRAMES].mean(axis=0)
        if stats is None:
            return PersonStats(RISE_CLIPS, first, np.zeros_like(first), 0.0)
        return replace(stats, clips=RISE_CLIPS, neutral=first)


def find_apex(movement: Floats, timing: WindowTiming) -> FrameRange:
    """Return the window around the largest smoothed RMS of `movement` (n, D), inside the clip."""
    top = int(np.argmax(smoothed_intensity(movement, timing)))
    start = min(max(0, top - timing.frames // 2), max(0, len(movement) - timing.frames))
    return FrameRange(start, min(len(movement), start + timing.frames))


def smoothed_intensity(movement: Floats, timing: WindowTiming) -> NDArray[np.float64]:
    """Return the RMS (n,) of `movement` (n, D), the distance from neutral, smoothed by 0.2 s."""
    distance = intensities(movement)
    width = max(1, round(APEX_SMOOTH_S * timing.rate_hz))
    padded = np.pad(distance, (width // 2, width - 1 - width // 2), mode="edge")
    return np.convolve(padded, np.full(width, 1 / width), mode="valid")


def longest_gapless_part(track: Track) -> Track:
    """Return the longest part of `track` without a gap: the live gauge restarts after one."""
    ends = [0, *(np.flatnonzero(np.diff(track.times_s) > GAP_S) + 1), len(track.times_s)]
    longest = int(np.argmax(np.diff(ends)))
    return track.part(slice(ends[longest], ends[longest + 1]))


def _at_rest(track: Track, timing: WindowTiming, limits: RestLimits) -> NDArray[np.bool_]:
    """Return which shapes (n,) of one clip, at the model's rate, are at rest by the read-out.

    A frame without a read-out counts as one at rest.
    """
    strength = np.zeros((len(track.times_s), 1), np.float32)
    if len(track.expressions):
        strength[:, 0] = np.nan_to_num(limits.strengths(track.expressions), nan=0.0)
    return np.asarray(_at_model_rate(track, strength, timing)[:, 0] < limits.faint)


def _resampled(track: Track, timing: WindowTiming, appearance: bool) -> Floats:
    """Return the shapes (n, D) of one clip at the model's rate, ending at its newest frame."""
    width = LANDMARKS + (APPEARANCE if appearance else 0)
    if len(track.times_s) < 2:
        return np.zeros((0, width), np.float32)
    shapes = align_to_eyes(track.points_px)
    if appearance:
        shapes = joined_shapes(shapes, track.appearance, width)
    return _at_model_rate(track, shapes, timing)


def _at_model_rate(track: Track, rows: Floats, timing: WindowTiming) -> Floats:
    """Return what `rows` (frames, k) of a whole track are at the model's rate, (n, k)."""
    return resample_shapes(track.times_s, rows, replace(timing, window_s=60.0))[1]
