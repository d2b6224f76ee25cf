"""Fit the population: neutral, movement range, guess of a neutral, identity models."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from calibrate.data.dataset import APEX, Dataset
from calibrate.identity.appearance import fit_appearance_model
from calibrate.identity.geometry import fit_geometry_model
from realtime.core.messages import Floats
from realtime.motion.align import align_to_eyes
from realtime.motion.basis import mirror, mirrored, principal_directions
from realtime.person.geometry import GeometryModel
from realtime.person.population import Population, window_moments
from realtime.person.stats import PersonStats

DIRECTIONS, RIDGE = 25, 30.0  # of the regression from one window to neutral
NEUTRAL_PRIOR, RANGE_PRIOR = 0.5, 10.0  # clips of a person that weigh as much as the population
MIRRORED = " in a mirror"  # suffix of the name under which a person's mirror image counts
IDENTITY_SEED = 0


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
    geometry = _fit_identity(data, clips, moments[:, 0], movement_range)
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
        geometry,
    )


def population_range(people: Iterable[PersonStats]) -> Floats:
    """Return the RMS movement (80,), each person with the same weight, both face halves alike."""
    square = np.mean([stats.mean_square_movement for stats in people], axis=0)
    return np.asarray(np.sqrt((square + mirrored(square)) / 2), np.float32)


def _fit_identity(
    data: Dataset, clips: NDArray[np.intp], neutrals: Floats, movement_range: Floats
) -> GeometryModel | None:
    """Fit the identity models; `neutrals` (2 n, 80) are those of `clips`, then mirrored."""
    subjects = data.subjects[clips]
    geometry = fit_geometry_model(
        neutrals,
        np.concatenate((subjects, np.char.add(subjects, MIRRORED))),
        (align_to_eyes(data.tracks[i].points_px) for i in clips),
        movement_range,
        IDENTITY_SEED,
    )
    if geometry is None:
        return None
    crops = [data.tracks[i].crops for i in clips]
    return replace(geometry, appearance=fit_appearance_model(crops, subjects, IDENTITY_SEED))


def _with_mirror(rows: Floats) -> Floats:
    return np.concatenate((rows, mirror(rows)))


def _principal(rows: Floats) -> Floats:
    """Return the largest principal directions of `rows` (n, 80) about their mean."""
    return principal_directions(rows - rows.mean(axis=0), DIRECTIONS)
