"""Which proportions tell people apart (linear discriminants, Fisher 1936), and how far one face varies along them."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from calibrate.metrics import person_folds
from realtime.motion.telling import Telling, unlike
from realtime.values import Floats

DIRECTIONS = 20  # with fewer, somebody else is missed more often; with more, trembling points are another person
RIDGE = 0.05  # of the mean spread within people: directions that a few windows do not show are no sure ones
RARE = 99.0  # the percentile of one person's unlikeness from which somebody else is more likely
DRAWS, KNOWN, SEEN = 20, 6, 3  # times that each person is compared with themselves, known from and seen in so many
FOLDS = 5
CALM, MARGIN = 99.0, 1.2  # the percentile of clips' largest step between frames, and how far beyond it a cut begins


def tell(
    rests: Floats, subjects: NDArray[np.str_], movies: Iterable[Floats], usual: Floats, seed: int
) -> Telling | None:
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
        learned = _directions(rests[fold_of != fold], subjects[fold_of != fold])
        unlikely += selves(rests[fold_of == fold] @ learned.T, subjects[fold_of == fold], seed)
    directions = _directions(rests, subjects) / usual
    steps = [_largest_step(movie @ directions.T) for movie in movies]
    return Telling(directions, float(np.percentile(unlikely, RARE)), MARGIN * float(np.percentile(steps, CALM)))


def _largest_step(places: Floats) -> float:
    """The most that two neighbouring frames are unlike."""
    return float(np.square(np.diff(places, axis=0)).mean(axis=1).max(initial=0.0)) / 2  # as `unlike` has it


def selves(places: Floats, subjects: NDArray[np.str_], seed: int) -> list[float]:
    """How unlike themselves people are, known from some of their `places` (n, d) and seen in others."""
    rng, found = np.random.default_rng(seed), []
    for subject in np.unique(subjects):
        own = np.flatnonzero(subjects == subject)
        for draw in range(DRAWS if len(own) > SEEN else 0):
            order, seen = rng.permutation(own), 1 + draw % SEEN
            known = order[seen : seen + KNOWN]
            found.append(unlike(list(places[known]), len(known), list(places[order[:seen]])))
    return found


def _directions(rests: Floats, subjects: NDArray[np.str_]) -> Floats:
    """The directions (d, 80) along which people differ most for how much each of them varies, who vary by 1."""
    from scipy.linalg import eigh

    names, number = np.unique(subjects, return_inverse=True)
    means = np.array([rests[number == i].mean(axis=0) for i in range(len(names))], np.float64)
    within = rests - means[number]
    apart = (means - means.mean(axis=0))[number]
    spread = within.T @ within / len(rests)
    spread += RIDGE * np.trace(spread) / len(spread) * np.eye(len(spread))
    found = eigh(apart.T @ apart / len(rests), spread)[1][:, ::-1].T
    return np.asarray(found[: min(DIRECTIONS, len(names) - 1)], np.float32)
