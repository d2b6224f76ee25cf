"""Which proportions tell people apart (linear discriminants, Fisher 1936), and how far one face varies along them."""

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

DIRECTIONS = 20  # with fewer, somebody else is missed more often; with more, trembling points are another person
RIDGE = 0.05
RARE = 99.5  # the percentile of one person's unlikeness from which somebody else is more likely: looks tell first
DRAWS = 20  # times that each person is compared with themselves
FOLDS = 5
CALM, MARGIN = (
    99.0,
    1.2,
)  # the percentile of clips' largest step between frames, and how far beyond it a cut begins


def fit_geometry_model(
    rests: Floats, subjects: NDArray[np.str_], movies: Iterable[Floats], usual: Floats, seed: int
) -> GeometryModel | None:
    """What tells people apart by their faces at rest (n, 80), several of each; None where there are too few people.

    The limit comes from people whom the directions were not learned from. `rests` are in `usual` ranges (80,), `movies`
    (frames, 80) of the same people in eye coordinates, as the result is.
    """
    folds = min(FOLDS, len(np.unique(subjects)) // 2)
    if folds < 2 or len(subjects) < 4 * len(np.unique(subjects)):
        return None
    fold_of = person_folds([str(s) for s in subjects], folds, seed)
    unlikely: list[float] = []
    for fold in range(folds):
        learned = lda_directions(
            rests[fold_of != fold], subjects[fold_of != fold], DIRECTIONS, RIDGE
        )
        unlikely += selves(rests[fold_of == fold] @ learned.T, subjects[fold_of == fold], seed)
    directions = lda_directions(rests, subjects, DIRECTIONS, RIDGE) / usual
    steps = [_largest_step(movie @ directions.T) for movie in movies]
    return GeometryModel(
        directions, float(np.percentile(unlikely, RARE)), MARGIN * float(np.percentile(steps, CALM))
    )


def _largest_step(places: Floats) -> float:
    """The most that two neighbouring frames are unlike."""
    return (
        float(np.square(np.diff(places, axis=0)).mean(axis=1).max(initial=0.0)) / 2
    )  # as `unlike` has it


def selves(places: Floats, subjects: NDArray[np.str_], seed: int) -> list[float]:
    """How unlike themselves people are, known from some of their `places` (n, d) and seen in others."""
    rng, found = np.random.default_rng(seed), []
    names, counts = np.unique(subjects, return_counts=True)
    most = min(
        MAX_NEW_SEGMENTS, int(counts.max()) - 1
    )  # of a few clips each, fewer are left to be known from
    for subject in names:
        own = np.flatnonzero(subjects == subject)
        for draw in range(DRAWS if len(own) > most else 0):
            order, seen = rng.permutation(own), 1 + draw % most
            known = order[seen : seen + MAX_KNOWN_SEGMENTS]
            found.append(
                geometry_distance(list(places[known]), len(known), list(places[order[:seen]]))
            )
    return found
