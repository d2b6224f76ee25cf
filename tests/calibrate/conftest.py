"""A small made-up set with a planted difference, and the chain learned on it once for all tests
that ask about it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import torch
from synthetic import simulate

from calibrate.data.dataset import LIVE, Dataset
from calibrate.learning.batches import Augmentation
from calibrate.learning.boosting import BoostingConfig
from calibrate.learning.fit import FittedModel, LearningConfig, fit_model
from calibrate.learning.train import TrainingConfig
from engines.model.shape import NetworkShape

EMOTIONS = ("happiness", "surprise")
LEARNED, PEOPLE, CLIPS_EACH = 8, 12, 8  # the last people are held out
DIFFERENCE = 5.0  # standard deviations in each of three: felt and acted hardly overlap

TINY = LearningConfig(
    training=TrainingConfig(
        NetworkShape(16, 1), epochs=12, batch=16, learning_rate=1e-2, read_out=0.5
    ),
    augmentation=Augmentation(draws=((3, 2),)),
    boosting=BoostingConfig(rounds=30, folds=3),
    single_emotion_epochs_factor=1,
    ensemble_size=2,
    held_out_folds=2,
    known_clip_counts=(3,),
)
HASTY = replace(
    TINY,
    training=replace(TINY.training, epochs=2, ticks=(16,)),
    single_emotion_epochs_factor=0,
    known_clip_counts=(1,),
)


def people_of(data: Dataset, first: int, last: int) -> np.ndarray:
    """The clips of the people numbered `first` to `last`, which is included."""
    number = data.subjects.astype(int)
    return np.flatnonzero((first <= number) & (number <= last))


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> Iterator[None]:
    """The machine may be busy, and sums in another order would give other figures."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def plan() -> LearningConfig:
    """The smallest plan that finds the planted difference."""
    return TINY


@pytest.fixture(scope="session")
def hasty() -> LearningConfig:
    """A plan for tests that only want something to be learned."""
    return HASTY


@pytest.fixture(scope="session")
def data() -> Dataset:
    """Twelve people who differ when they feel and when they act."""
    return Dataset.of(
        simulate(PEOPLE, CLIPS_EACH, seed=0, difference=DIFFERENCE, emotions=EMOTIONS), LIVE
    )


@pytest.fixture(scope="session")
def inside(data: Dataset) -> np.ndarray:
    """Clips of the people who are learned from."""
    return people_of(data, 1, LEARNED)


@pytest.fixture(scope="session")
def outside(data: Dataset) -> np.ndarray:
    """Clips of the people held out."""
    return people_of(data, LEARNED + 1, PEOPLE)


@pytest.fixture(scope="session")
def model(data: Dataset, inside: np.ndarray, plan: LearningConfig) -> FittedModel:
    """Everything learned, once."""
    return fit_model(data, inside, plan, lambda done: None)
