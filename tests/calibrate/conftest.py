"""Synthetic data set with a planted difference, and the model trained on it once for all tests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import torch
from synthetic import simulate, windows_of
from tiny_learning import TINY

from calibrate.data.dataset import LIVE, Dataset
from calibrate.learning.fit import FittedModel, LearningConfig, fit_model
from calibrate.learning.population import fit_population
from realtime.motion.basis import MovementBasis, fit_basis
from realtime.person.population import Population

EMOTIONS = ("happiness", "surprise")
LEARNED, PEOPLE, CLIPS_EACH = 8, 12, 8  # the last people are held out
DIFFERENCE = 5.0  # standard deviations in each of three: genuine and fake hardly overlap

HASTY = replace(
    TINY,
    training=replace(TINY.training, epochs=2, ticks=(16,)),
    single_emotion_epochs_factor=0,
    known_clip_counts=(1,),
)


def people_of(data: Dataset, first: int, last: int) -> np.ndarray:
    """Return the clips of the people numbered `first` to `last`, both included."""
    number = data.subjects.astype(int)
    return np.flatnonzero((first <= number) & (number <= last))


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> Iterator[None]:
    """Use one thread: sums in another order give other figures."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def plan() -> LearningConfig:
    """Return the smallest configuration that finds the planted difference."""
    return TINY


@pytest.fixture(scope="session")
def hasty() -> LearningConfig:
    """Return a configuration for tests that only need something trained."""
    return HASTY


@pytest.fixture(scope="session")
def data() -> Dataset:
    """Return clips of twelve people whose genuine and fake expressions differ."""
    return Dataset.of(
        simulate(PEOPLE, CLIPS_EACH, seed=0, difference=DIFFERENCE, emotions=EMOTIONS), LIVE
    )


@pytest.fixture(scope="session")
def inside(data: Dataset) -> np.ndarray:
    """Return the clips of the training people."""
    return people_of(data, 1, LEARNED)


@pytest.fixture(scope="session")
def outside(data: Dataset) -> np.ndarray:
    """Return the clips of the held-out people."""
    return people_of(data, LEARNED + 1, PEOPLE)


@pytest.fixture(scope="session")
def model(data: Dataset, inside: np.ndarray, plan: LearningConfig) -> FittedModel:
    """Return everything fitted, once."""
    return fit_model(data, inside, plan, lambda done: None)


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    """Return twelve clips of three people, for tests that train nothing."""
    return Dataset.of(simulate(3, 4, seed=1, emotions=("fear", "surprise")), LIVE)


@pytest.fixture(scope="module")
def population(dataset: Dataset) -> Population:
    """Return the population of the people in `dataset`."""
    return fit_population(dataset, np.arange(len(dataset)))


@pytest.fixture(scope="module")
def basis(dataset: Dataset, population: Population) -> MovementBasis:
    """Return a movement basis of the windows in `dataset`."""
    windows = windows_of(dataset)
    shapes = [windows.window(clip) for clip in range(len(dataset))]
    movement = [population.profile_of(each, None).movement(each) for each in shapes]
    return fit_basis(np.concatenate(movement), 10, 10, 3.0)
