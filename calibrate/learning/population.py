"""Fit the population: neutral, movement range, guess of a neutral."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from calibrate.data.dataset import APEX, Dataset
from engines.model.shape import LANDMARKS
from realtime.core.messages import Floats
from realtime.landmarks.appearance import SYMMETRIC
from realtime.motion.basis import mirror, mirrored, principal_directions
from realtime.person.population import Population, window_moments
from realtime.person.stats import PersonStats

# Of the regression from one window to neutral.
DIRECTIONS, APPEARANCE_DIRECTIONS, RIDGE = 25, 15, 30.0
NEUTRAL_PRIOR, RANGE_PRIOR = 0.5, 10.0  # clips of a person that weigh as much as the population


def fit_population(data: Dataset, clips: NDArray[np.intp], part: str = APEX) -> Population:
    """Fit the population of the people in `clips`, each with the same weight.

    Every window counts twice, as it is and mirrored, so that both are read alike.
    """
    people = data.stats_by_person(clips)
    mean = np.mean([stats.neutral for stats in people.values()], axis=0)
    neutral = np.asarray((mean + mirror(mean)) / 2, np.float32)
    movement_range = population_range(people.values())
    windows = data.windows(movement_range, part)
    moments = _with_mirror(
        np.array([window_moments(windows.window(i), neutral, movement_range) for i in clips])
    )
    quiet, movement = _principal(moments[:, 0]), _principal(moments[:, 1])
    scores = np.concatenate((moments[:, 0] @ quiet.T, moments[:, 1] @ movement.T), axis=1)
    targets = _with_mirror(
        np.array([(people[data.subjects[i]].neutral - neutral) / movement_range for i in clips])
    )
    ridge = RIDGE * len(targets) / 50 * np.eye(scores.shape[1])
    regression = np.linalg.solve(scores.T @ scores + ridge, scores.T @ targets)
    return Population(
        neutral,
        movement_range,
        quiet,
        movement,
        np.asarray(regression, np.float32),
        NEUTRAL_PRIOR,
        RANGE_PRIOR,
    )


def population_range(people: Iterable[PersonStats]) -> Floats:
    """Return the RMS movement (D,), each person with the same weight, both face halves alike.

    The appearance has one range for its symmetric and one for its antisymmetric components: the
    small ones stay small.
    """
    square = np.mean([stats.mean_square_movement for stats in people], axis=0)
    square = (square + mirrored(square)) / 2
    for part in (slice(LANDMARKS, LANDMARKS + SYMMETRIC), slice(LANDMARKS + SYMMETRIC, None)):
        if len(square[part]):
            square[part] = square[part].mean()
    return np.asarray(np.sqrt(square), np.float32)


def _with_mirror(rows: Floats) -> Floats:
    return np.concatenate((rows, mirror(rows)))


def _principal(rows: Floats) -> Floats:
    """Return the largest principal directions of `rows` (n, D) about their mean.

    Landmarks and appearance have directions of their own.
    """
    points, appearance = np.split(rows - rows.mean(axis=0), (LANDMARKS,), axis=1)
    found = [np.pad(principal_directions(points, DIRECTIONS), ((0, 0), (0, appearance.shape[1])))]
    if appearance.size:
        others = principal_directions(appearance, APPEARANCE_DIRECTIONS)
        found.append(np.pad(others, ((0, 0), (LANDMARKS, 0))))
    return np.concatenate(found)
