import numpy as np
import pytest
from synthetic import simulate

from calibrate.data.dataset import LIVE, Dataset, population
from calibrate.people.same_person import different_people
from realtime.person.population import Population

PEOPLE, EACH = 12, 8


@pytest.fixture(scope="module")
def everybody() -> Dataset:
    return Dataset.of(simulate(PEOPLE, EACH, seed=3, emotions=("surprise",)), LIVE)


@pytest.fixture(scope="module")
def people(everybody: Dataset) -> Population:
    return population(everybody, np.arange(len(everybody)))


def shown(everybody: Dataset, people: Population, clips: list[int]) -> Dataset:
    some = Dataset.of([everybody.tracks[clip] for clip in clips], LIVE)
    return some.ranged(people.movement_range)


def test_clips_of_one_person_hold_no_stranger(everybody: Dataset, people: Population) -> None:
    found = [
        different_people(shown(everybody, people, [*range(i * EACH, i * EACH + 6)]), people)
        for i in range(PEOPLE)
    ]
    assert (
        sum(map(len, found)) <= 2
    )  # of 72: one person's unlikeness goes beyond the limit once in two hundred


def test_a_clip_of_somebody_else_is_named(everybody: Dataset, people: Population) -> None:
    named = 0
    for i in range(PEOPLE):
        other = (i + 1) % PEOPLE * EACH
        named += different_people(
            shown(everybody, people, [*range(i * EACH, i * EACH + 5), other]), people
        ) == [5]
    assert named >= 0.7 * PEOPLE


def test_a_single_clip_is_held_against_nothing(everybody: Dataset, people: Population) -> None:
    assert different_people(shown(everybody, people, [0]), people) == []
