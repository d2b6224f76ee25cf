"""Stretches of what was seen of a person, and the face at rest that they show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from realtime.core.messages import Floats
from realtime.person.stats import QUIET_SHARE, ITERATIONS, PersonStats, mean_of_nearest

CLIP_S = 3.0  # what one clip of a person counts for; a rest is cut after as much
SAMPLE_EVERY_S = 0.1  # so much of it as one shape is plenty, and bounds the memory
ANCHOR_S = 6.0  # until then one expression may fill most of what was seen, and the first shapes are the better guess
FIRST_S = 0.5
TRIM = 0.2  # of the stretches, those that rest farthest to either side, tell nothing of the neutral


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """Shapes (n, 80) a tenth of a second apart, and whether an expression was among them.

    `look` (d,) is where its pictures lie among people (`Appearance.place`), in the mean; None without pictures.
    """

    shapes: Floats
    has_expression: bool
    embedding: Floats | None = None

    @property
    def clip_weight(self) -> float:
        """What it counts for."""
        return min(1.0, len(self.shapes) * SAMPLE_EVERY_S / CLIP_S)

    def peak_intensity(self, rest: Floats, usual: Floats) -> float:
        """How far from `rest` (80,) it went for half a second, in `usual` ranges (80,)."""
        away = np.sqrt(np.square((self.shapes - rest) / usual).mean(axis=1))
        half_s = min(len(away), round(FIRST_S / SAMPLE_EVERY_S))
        return float(
            np.median(np.lib.stride_tricks.sliding_window_view(away, half_s), axis=1).max()
        )


def neutral_of_segments(stretches: Sequence[Segment]) -> Floats:
    """The face at rest (80,): each stretch's quietest shapes, the mean of all but the farthest stretches."""
    shapes = np.concatenate([stretch.shapes for stretch in stretches])
    early = len(stretches) == 1 and len(shapes) * SAMPLE_EVERY_S < ANCHOR_S
    middles = [np.median(stretch.shapes, axis=0) for stretch in stretches]
    neutral = np.median(shapes[: round(FIRST_S / SAMPLE_EVERY_S)] if early else middles, axis=0)
    weights = np.array([stretch.clip_weight for stretch in stretches])
    for _ in range(ITERATIONS):
        rests = np.array(
            [mean_of_nearest(stretch.shapes, neutral, QUIET_SHARE) for stretch in stretches]
        )
        neutral = trimmed_mean(rests, weights)
    return np.asarray(neutral, np.float32)


def stats_of_segments(
    stretches: Sequence[Segment], moved: Sequence[Segment], rest: Floats
) -> PersonStats:
    """What `stretches` of a person with that face at `rest` (80,) tell, and how far they move in those that `moved`."""
    squares = [np.square(stretch.shapes - rest).mean(axis=0) for stretch in moved]
    square = np.mean(squares, axis=0) if squares else np.zeros_like(rest)
    clips = sum(stretch.clip_weight for stretch in stretches)
    return PersonStats(clips, rest, np.asarray(square, np.float32), float(len(moved)))


def trimmed_mean(rows: Floats, weights: Floats) -> Floats:
    """The weighted mean of `rows` (n, 80), in each column without the `TRIM` of the weight at either end."""
    order = np.argsort(rows, axis=0, kind="stable")
    upper = np.cumsum(weights[order], axis=0)
    low, high = TRIM * upper[-1], (1 - TRIM) * upper[-1]
    inside = np.clip(np.minimum(upper, high) - np.maximum(upper - weights[order], low), 0, None)
    return np.asarray(
        (np.take_along_axis(rows, order, axis=0) * inside).sum(axis=0) / inside.sum(axis=0)
    )
