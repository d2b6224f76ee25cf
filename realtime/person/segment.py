"""Segments of one person, and the neutral and stats estimated from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from realtime.core.messages import Floats, Showing
from realtime.person.expression_watch import RestLimits
from realtime.person.stats import ITERATIONS, QUIET_SHARE, PersonStats, intensities, mean_of_nearest

CLIP_S = 3.0  # of shapes have the weight of one clip; neutral segments are closed after it
SAMPLE_EVERY_S = 0.1  # sampling interval; bounds the memory
ANCHOR_S = 6.0  # before this, one expression may fill most of it: use the first shapes
HALF_SECOND_S = 0.5
TRIM = 0.2  # share of the weight at either end that is left out of the neutral


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """One expression or up to 3 s of neutral: shapes (n, D), a tenth of a second apart.

    `showing` (n,) is what each shows by the `read_out` (n, actions); both None without one: all may
    be neutral.
    """

    shapes: Floats
    has_expression: bool
    showing: NDArray[np.str_] | None = None  # of `Showing`
    read_out: Floats | None = None

    def with_look_at_rest(self, limits: RestLimits, look: Floats) -> Segment:
        """Return the segment with the shapes whose read-out is near `look` (n,) at rest, too."""
        if self.showing is None or self.read_out is None:
            return self
        near = limits.near(self.read_out, look)
        return replace(self, showing=np.where(near, Showing.REST, self.showing))

    @property
    def clip_weight(self) -> float:
        """Return the weight in clips, at most 1."""
        return min(1.0, len(self.shapes) * SAMPLE_EVERY_S / CLIP_S)

    @property
    def rest_count(self) -> int:
        """Return how many shapes are at rest."""
        return int(self._shows(Showing.REST).sum())

    def part(self, *shown: Showing) -> Segment | None:
        """Return the part that shows any of `shown`; None without one."""
        chosen = self._shows(*shown)
        if chosen.all():
            return self
        return Segment(self.shapes[chosen], False) if chosen.any() else None

    def _shows(self, *shown: Showing) -> NDArray[np.bool_]:
        if self.showing is None:
            return np.ones(len(self.shapes), bool)
        return np.isin(self.showing, shown)

    def peak_intensity(self, neutral: Floats, movement_range: Floats) -> float:
        """Return the largest half-second median of the intensity."""
        distance = intensities((self.shapes - neutral) / movement_range)
        half_s = min(len(distance), round(HALF_SECOND_S / SAMPLE_EVERY_S))
        return float(
            np.median(np.lib.stride_tricks.sliding_window_view(distance, half_s), axis=1).max()
        )


def neutral_of_segments(segments: Sequence[Segment], in_doubt: bool = False) -> Floats | None:
    """Estimate the neutral (D,): a trimmed mean over the quietest shapes of each segment.

    Shapes that show an expression are left out, and unless `in_doubt` those that perhaps show one;
    None where all are.
    """
    segments = _resting(segments, in_doubt)
    if not segments:
        return None
    shapes = np.concatenate([segment.shapes for segment in segments])
    early = len(segments) == 1 and len(shapes) * SAMPLE_EVERY_S < ANCHOR_S
    medians = [np.median(segment.shapes, axis=0) for segment in segments]
    neutral = np.median(
        shapes[: round(HALF_SECOND_S / SAMPLE_EVERY_S)] if early else medians, axis=0
    )
    weights = np.array([segment.clip_weight for segment in segments])
    for _ in range(ITERATIONS):
        neutrals = np.array(
            [mean_of_nearest(segment.shapes, neutral, QUIET_SHARE) for segment in segments]
        )
        neutral = trimmed_mean(neutrals, weights)
    return np.asarray(neutral, np.float32)


def stats_of_segments(
    segments: Sequence[Segment], expressions: Sequence[Segment], neutral: Floats
) -> PersonStats:
    """Return the stats of `segments`; `expressions` are those that give the movement."""
    squares = [np.square(segment.shapes - neutral).mean(axis=0) for segment in expressions]
    square = np.mean(squares, axis=0) if squares else np.zeros_like(neutral)
    clips = sum(segment.clip_weight for segment in _resting(segments))
    return PersonStats(clips, neutral, np.asarray(square, np.float32), float(len(expressions)))


def _resting(segments: Sequence[Segment], in_doubt: bool = False) -> list[Segment]:
    """Return the parts that count for the neutral."""
    shown = (Showing.REST, Showing.UNCLEAR) if in_doubt else (Showing.REST,)
    return [part for segment in segments if (part := segment.part(*shown)) is not None]


def trimmed_mean(rows: Floats, weights: Floats) -> Floats:
    """Return the weighted mean of `rows` (n, D), per column without `TRIM` of the weight at each
    end.
    """
    order = np.argsort(rows, axis=0, kind="stable")
    upper = np.cumsum(weights[order], axis=0)
    low, high = TRIM * upper[-1], (1 - TRIM) * upper[-1]
    inside = np.clip(np.minimum(upper, high) - np.maximum(upper - weights[order], low), 0, None)
    return np.asarray(
        (np.take_along_axis(rows, order, axis=0) * inside).sum(axis=0) / inside.sum(axis=0)
    )
