from dataclasses import replace

import numpy as np
import pytest
from synthetic import simulate, windows_of

from calibrate.data.dataset import LIVE, Dataset
from calibrate.learning.population import fit_population
from realtime.landmarks.appearance import APPEARANCE, SYMMETRIC
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


def with_looks(dataset: Dataset) -> Dataset:
    """Return `dataset` with an appearance of small and large components."""
    rng = np.random.default_rng(0)
    size = np.linspace(2, 0.1, APPEARANCE)
    looks = [rng.normal(0, size, (len(each), APPEARANCE)) for each in dataset.shapes]
    pairs = zip(dataset.shapes, looks, strict=True)
    joined = tuple(np.concatenate(pair, axis=1).astype(np.float32) for pair in pairs)
    return replace(dataset, shapes=joined)


def test_small_components_of_the_appearance_stay_small(dataset: Dataset) -> None:
    clips = np.arange(len(dataset))
    alone, joined = fit_population(dataset, clips), fit_population(with_looks(dataset), clips)
    found = joined.movement_range
    np.testing.assert_allclose(found[:80], alone.movement_range, rtol=1e-5)
    symmetric_part, rest = found[80 : 80 + SYMMETRIC], found[80 + SYMMETRIC :]
    assert np.ptp(symmetric_part) == 0
    assert np.ptp(rest) == 0
    assert symmetric_part[0] > 1.5 * rest[0] > 0


def test_the_guess_with_appearance_is_mirrored_and_leaves_the_landmarks_directions_alone(
    dataset: Dataset,
) -> None:
    data, clips = with_looks(dataset), np.arange(len(dataset))
    everybody, alone = fit_population(data, clips), fit_population(dataset, clips)
    window = windows_of(data).window(0)
    np.testing.assert_allclose(
        everybody.guess_neutral(mirror(window)), mirror(everybody.guess_neutral(window)), atol=5e-3
    )
    count = len(alone.quiet_directions)
    np.testing.assert_allclose(
        everybody.quiet_directions[:count, :80], alone.quiet_directions, atol=1e-4
    )
    assert not everybody.quiet_directions[:count, 80:].any()
    assert not everybody.quiet_directions[count:, :80].any()
    assert everybody.sees_appearance
    assert not alone.sees_appearance
