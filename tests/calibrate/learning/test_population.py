import numpy as np
import pytest
from synthetic import simulate, windows_of

from calibrate.data.dataset import LIVE, Dataset
from calibrate.learning.population import fit_population
from realtime.motion.basis import mirror, mirrored
from realtime.person.stats import mean_of_nearest


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return Dataset.of(simulate(6, 4, seed=1, emotions=("fear", "surprise")), LIVE)


def test_the_population_weights_people_equally_and_is_symmetric(dataset: Dataset) -> None:
    several = fit_population(dataset, np.arange(8))  # two people
    np.testing.assert_array_equal(several.movement_range, mirrored(several.movement_range))
    one, other = dataset.stats_from_clips(range(4)), dataset.stats_from_clips(range(4, 8))
    assert one is not None
    assert other is not None
    np.testing.assert_allclose(
        several.neutral, symmetric((one.neutral + other.neutral) / 2), atol=1e-6
    )
    lopsided = fit_population(dataset, np.arange(5))  # the second person with one clip
    alone = dataset.stats_from_clips([4])
    assert alone is not None
    np.testing.assert_allclose(
        lopsided.neutral, symmetric((one.neutral + alone.neutral) / 2), atol=1e-6
    )


def test_the_guess_of_a_mirrored_face_is_mirrored(dataset: Dataset) -> None:
    everybody = fit_population(dataset, np.arange(len(dataset)))
    window = windows_of(dataset).window(0)
    np.testing.assert_allclose(
        everybody.guess_neutral(mirror(window)), mirror(everybody.guess_neutral(window)), atol=2e-3
    )


def symmetric(neutral: np.ndarray) -> np.ndarray:
    """Return the mean of a face and its mirror image."""
    return (neutral + mirror(neutral)) / 2


def test_the_guess_from_a_window_is_nearer_than_the_population() -> None:
    data = Dataset.of(simulate(40, 4, seed=2, emotions=("fear", "surprise")), LIVE)
    met, strangers = np.arange(120), np.arange(120, 160)
    dataset = fit_population(data, met)
    gained, windows = [], windows_of(data)
    for clip in strangers:
        neutral_of_clip = mean_of_nearest(
            data.shapes[clip], data.shapes[clip][:8].mean(axis=0), 0.2
        )
        guess = dataset.guess_neutral(windows.window(int(clip)))
        gained.append(
            np.square(dataset.neutral - neutral_of_clip).mean()
            - np.square(guess - neutral_of_clip).mean()
        )
    assert np.mean(gained) > 0
    assert np.mean(np.array(gained) > 0) > 0.7


def test_people_outside_the_clips_do_not_change_the_population(dataset: Dataset) -> None:
    few = np.arange(8)
    fewer = Dataset(dataset.timing, dataset.tracks[:8], dataset.shapes[:8])
    one, two = fit_population(dataset, few), fit_population(fewer, few)
    for name in (
        *("neutral", "movement_range", "quiet_directions"),
        *("movement_directions", "neutral_regression"),
    ):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name))
