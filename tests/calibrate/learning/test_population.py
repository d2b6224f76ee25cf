import numpy as np
import pytest
from synthetic import simulate, windows_of

from calibrate.data.dataset import LIVE, Dataset
from calibrate.learning.population import fit_population
from realtime.motion.basis import mirror, mirrored
from realtime.person.stats import mean_of_nearest


@pytest.fixture(scope="module")
def people() -> Dataset:
    return Dataset.of(simulate(6, 4, seed=1, emotions=("fear", "surprise")), LIVE)


def test_the_population_weighs_people_alike_and_knows_no_livelier_side(people: Dataset) -> None:
    several = fit_population(people, np.arange(8))  # two people
    np.testing.assert_array_equal(several.movement_range, mirrored(several.movement_range))
    one, other = people.stats_from_clips(range(4)), people.stats_from_clips(range(4, 8))
    assert one is not None
    assert other is not None
    np.testing.assert_allclose(
        several.neutral, both_ways((one.neutral + other.neutral) / 2), atol=1e-6
    )
    lopsided = fit_population(people, np.arange(5))  # the second person with one clip
    alone = people.stats_from_clips([4])
    assert alone is not None
    np.testing.assert_allclose(
        lopsided.neutral, both_ways((one.neutral + alone.neutral) / 2), atol=1e-6
    )


def test_a_stranger_and_their_mirror_image_are_guessed_alike(people: Dataset) -> None:
    everybody = fit_population(people, np.arange(len(people)))
    window = windows_of(people).window(0)
    np.testing.assert_allclose(
        everybody.guess_neutral(mirror(window)), mirror(everybody.guess_neutral(window)), atol=2e-3
    )


def both_ways(neutral: np.ndarray) -> np.ndarray:
    """A face as evenly its own mirror image."""
    return (neutral + mirror(neutral)) / 2


def test_the_guess_from_a_window_comes_nearer_to_a_stranger_than_the_population_does() -> None:
    data = Dataset.of(simulate(40, 4, seed=2, emotions=("fear", "surprise")), LIVE)
    met, strangers = np.arange(120), np.arange(120, 160)
    people = fit_population(data, met)
    gained, windows = [], windows_of(data)
    for clip in strangers:
        rest = mean_of_nearest(data.shapes[clip], data.shapes[clip][:8].mean(axis=0), 0.2)
        guess = people.guess_neutral(windows.window(int(clip)))
        gained.append(np.square(people.neutral - rest).mean() - np.square(guess - rest).mean())
    assert np.mean(gained) > 0
    assert np.mean(np.array(gained) > 0) > 0.7


def test_a_population_does_not_hear_of_people_outside_its_clips(people: Dataset) -> None:
    few = np.arange(8)
    fewer = Dataset(people.timing, people.tracks[:8], people.shapes[:8])
    one, two = fit_population(people, few), fit_population(fewer, few)
    for name in ("neutral", "movement_range", "still", "moved", "guess"):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name))
