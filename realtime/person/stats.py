"""Neutral and movement of one person, estimated from clips; no label is needed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engines.model.shape import LANDMARKS
from realtime.core.messages import Floats

QUIET_SHARE = 0.2  # of a clip's shapes, nearest to the neutral, that estimate it
ITERATIONS = 3
# Shapes at rest that a clip must show, and such clips, or the neutral comes from movement alone.
LEAST_AT_REST, LEAST_CLIPS_AT_REST = 3, 2
MAX_CLIPS = 60.0  # largest weight, so that a face that changes over months is followed


@dataclass(frozen=True, slots=True, eq=False)
class PersonStats:
    """Neutral and mean square movement of one person, without a prior, and their weights.

    `neutral` (D,) comes from `clips` clips, `mean_square_movement` (D,) from `expressions` of
    them; it is 0 before the first whole expression. D is the width of a shape.
    """

    clips: float
    neutral: Floats
    mean_square_movement: Floats
    expressions: float

    def capped(self) -> PersonStats:
        """Return the stats with weights of at most `MAX_CLIPS`."""
        return replace(
            self, clips=min(self.clips, MAX_CLIPS), expressions=min(self.expressions, MAX_CLIPS)
        )


def estimate_stats(
    clips: Sequence[Floats], at_rest: Sequence[NDArray[np.bool_]] | None = None
) -> PersonStats:
    """Estimate neutral and movement from clips (T, D): the median over each clip's quietest
    shapes.

    With `at_rest`, masks (T,) by the read-out, only shapes at rest count for the neutral, of clips
    that show some; with fewer than two such clips all shapes count.
    """
    neutral = _neutral(_resting(clips, at_rest) if at_rest is not None else clips)
    square = np.mean([np.square(clip - neutral).mean(axis=0) for clip in clips], axis=0)
    count = float(len(clips))
    return PersonStats(
        count, np.asarray(neutral, np.float32), np.asarray(square, np.float32), count
    )


def _resting(clips: Sequence[Floats], at_rest: Sequence[NDArray[np.bool_]]) -> Sequence[Floats]:
    """Return the shapes at rest of each clip that shows some; all shapes where hardly one does."""
    found = [clip[rest] for clip, rest in zip(clips, at_rest, strict=True)]
    found = [shapes for shapes in found if len(shapes) >= LEAST_AT_REST]
    return found if len(found) >= LEAST_CLIPS_AT_REST else clips


def _neutral(clips: Sequence[Floats]) -> Floats:
    neutral = np.median(np.concatenate(clips), axis=0)
    for _ in range(ITERATIONS):
        neutral = np.median([mean_of_nearest(clip, neutral, QUIET_SHARE) for clip in clips], axis=0)
    return np.asarray(neutral)


def merge_stats(one: PersonStats | None, other: PersonStats | None) -> PersonStats | None:
    """Return the mean of two stats of one person, by weight."""
    if one is None or other is None:
        return one or other
    clips, expressions = one.clips + other.clips, one.expressions + other.expressions
    neutral = (one.clips * one.neutral + other.clips * other.neutral) / clips
    square = (
        one.expressions * one.mean_square_movement + other.expressions * other.mean_square_movement
    ) / max(expressions, 1e-9)
    return PersonStats(
        clips, np.asarray(neutral, np.float32), np.asarray(square, np.float32), expressions
    )


def mean_of_nearest(shapes: Floats, neutral: Floats, share: float) -> Floats:
    """Return the mean of the `share` of shapes (T, D) nearest to `neutral` (D,), at least two.

    The landmarks decide which are nearest: the units of the appearance are others.
    """
    away = (shapes - neutral)[:, :LANDMARKS]
    order = np.argsort(np.square(away).mean(axis=1), kind="stable")
    return np.asarray(shapes[order[: max(2, int(len(shapes) * share))]].mean(axis=0), np.float32)


def intensities(movement: Floats) -> Floats:
    """Return the intensity (n,) of movement (n, D): the RMS over the landmarks, the first 80."""
    return np.asarray(np.sqrt(np.square(movement[:, :LANDMARKS]).mean(axis=1)), np.float32)
