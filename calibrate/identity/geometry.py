"""Fit of the geometry LDA: facial proportions that separate people, and its distance threshold."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from calibrate.data.folds import person_folds
from calibrate.identity.lda import lda_directions
from realtime.core.messages import Floats
from realtime.person.geometry import (
    MAX_KNOWN_SEGMENTS,
    MAX_NEW_SEGMENTS,
    GeometryModel,
    geometry_distance,
)

DIRECTIONS = 20  # fewer miss more changes; with more, landmark jitter passes for a change
RIDGE = 0.05
# Percentile of held-out within-person distances; appearance is checked first.
SAME_PERSON_PERCENTILE = 99.5
DRAWS = 20  # comparisons of each person with themselves
FOLDS = 5
# Percentile of the clips' largest frame-to-frame distance, and the margin of a shot cut above it.
STEP_PERCENTILE, CUT_MARGIN = 99.0, 1.2


def fit_geometry_model(
    neutrals: Floats,
    subjects: NDArray[np.str_],
    clips: Iterable[Floats],
    movement_range: Floats,
    seed: int,
) -> GeometryModel | None:
    """Fit directions and threshold on `neutrals` (n, 80), several of each person.

    The threshold comes from people whom the directions were not fitted on. `neutrals` are in units
    of `movement_range` (80,); `clips` (frames, 80) of the same people are in eye coordinates, as is
    the result. None with too few people.
    """
    folds = min(FOLDS, len(np.unique(subjects)) // 2)
    if folds < 2 or len(subjects) < 4 * len(np.unique(subjects)):
        return None
    fold_of = person_folds([str(s) for s in subjects], folds, seed)
    distances: list[float] = []
    for fold in range(folds):
        training, held_out = fold_of != fold, fold_of == fold
        fitted = lda_directions(neutrals[training], subjects[training], DIRECTIONS, RIDGE)
        distances += within_person_distances(
            neutrals[held_out] @ fitted.T, subjects[held_out], seed
        )
    directions = lda_directions(neutrals, subjects, DIRECTIONS, RIDGE) / movement_range
    steps = [_largest_step(clip @ directions.T) for clip in clips]
    return GeometryModel(
        directions,
        float(np.percentile(distances, SAME_PERSON_PERCENTILE)),
        CUT_MARGIN * float(np.percentile(steps, STEP_PERCENTILE)),
    )


def _largest_step(points: Floats) -> float:
    """Return the largest distance between neighbouring frames, as `geometry_distance` scales it."""
    return float(np.square(np.diff(points, axis=0)).mean(axis=1).max(initial=0.0)) / 2


def within_person_distances(points: Floats, subjects: NDArray[np.str_], seed: int) -> list[float]:
    """Return distances of each person to themselves: some `points` (n, d) known, others new."""
    rng, distances = np.random.default_rng(seed), []
    names, counts = np.unique(subjects, return_counts=True)
    # With few clips of each person, fewer are new, so that some are left as known.
    most = min(MAX_NEW_SEGMENTS, int(counts.max()) - 1)
    for subject in names:
        own = np.flatnonzero(subjects == subject)
        for draw in range(DRAWS if len(own) > most else 0):
            order, new = rng.permutation(own), 1 + draw % most
            known = order[new : new + MAX_KNOWN_SEGMENTS]
            distances.append(
                geometry_distance(list(points[known]), len(known), list(points[order[:new]]))
            )
    return distances
