import numpy as np
import pytest
from synthetic import simulate

from calibrate.data.dataset import LIVE, ApexWindows, Dataset
from calibrate.learning.population import fit_population
from calibrate.people.same_person import different_people
from realtime.person.population import Population

PEOPLE, EACH = 12, 8


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return Dataset.of(simulate(PEOPLE, EACH, seed=3, emotions=("surprise",)), LIVE)


@pytest.fixture(scope="module")
def population(dataset: Dataset) -> Population:
    return fit_population(dataset, np.arange(len(dataset)))


def windows_of(dataset: Dataset, population: Population, clips: list[int]) -> ApexWindows:
    some = Dataset.of([dataset.tracks[clip] for clip in clips], LIVE)
    return some.windows(population.movement_range)


def test_clips_of_one_person_show_no_other_person(dataset: Dataset, population: Population) -> None:
    found = [
        different_people(
            windows_of(dataset, population, [*range(i * EACH, i * EACH + 6)]), population
        )
        for i in range(PEOPLE)
    ]
    # Of 72: a person's own distance exceeds the limit once in two hundred.
    assert sum(map(len, found)) <= 2


def test_a_clip_of_another_person_is_found(dataset: Dataset, population: Population) -> None:
    named = 0
    for i in range(PEOPLE):
        other = (i + 1) % PEOPLE * EACH
        named += different_people(
            windows_of(dataset, population, [*range(i * EACH, i * EACH + 5), other]), population
        ) == [5]
    assert named >= 0.7 * PEOPLE


def test_a_single_clip_is_never_different(dataset: Dataset, population: Population) -> None:
    assert different_people(windows_of(dataset, population, [0]), population) == []
