from dataclasses import replace

import numpy as np
import pytest
from populations import MOVEMENT_RANGE, plain_population

from realtime.person.population import PersonProfile
from realtime.person.stats import PersonStats

RNG = np.random.default_rng(5)
NEUTRAL = RNG.normal(0, 1, 80).astype(np.float32)


def noisy(shape: np.ndarray, count: int = 30, spread: float = 0.003) -> np.ndarray:
    return (shape + RNG.normal(0, spread, (count, 80))).astype(np.float32)


def test_the_prior_weighs_less_with_more_clips() -> None:
    window = noisy(NEUTRAL)
    few_clips = plain_population().profile_of(
        window, PersonStats(1.0, NEUTRAL, np.square(MOVEMENT_RANGE), 1.0)
    )
    many_clips = plain_population().profile_of(
        window, PersonStats(50.0, NEUTRAL, np.square(MOVEMENT_RANGE), 50.0)
    )
    np.testing.assert_allclose(few_clips.neutral, NEUTRAL / 2, atol=1e-5)
    np.testing.assert_allclose(many_clips.neutral, NEUTRAL * 50 / 51, atol=1e-5)


def test_an_unknown_person_has_the_movement_range_of_the_population() -> None:
    profile = plain_population().profile_of(noisy(NEUTRAL), None)
    np.testing.assert_array_equal(profile.movement_range, MOVEMENT_RANGE)
    assert profile.clips == 0


def test_the_guessed_neutral_follows_the_quietest_moment() -> None:
    """With a regression that is the identity, the guess is the quietest moment."""
    directions = np.eye(80, dtype=np.float32)
    regression = np.concatenate((np.eye(80), np.zeros((1, 80)))).astype(np.float32)
    model = replace(plain_population(), quiet_directions=directions, neutral_regression=regression)
    window = np.concatenate((noisy(NEUTRAL * 0.1, 6, 1e-4), noisy(NEUTRAL * 0.1 + 3, 18, 1e-4)))
    np.testing.assert_allclose(model.guess_neutral(window), NEUTRAL * 0.1, atol=1e-3)
    shifted = window - 0.2 * NEUTRAL
    np.testing.assert_allclose(model.guess_neutral_from([window, shifted]), np.zeros(80), atol=1e-3)


def test_a_lively_person_has_a_wider_movement_range() -> None:
    lively = plain_population().profile_of(
        noisy(NEUTRAL), PersonStats(10.0, NEUTRAL, np.full(80, 0.04, np.float32), 10.0)
    )
    calm = plain_population().profile_of(
        noisy(NEUTRAL), PersonStats(10.0, NEUTRAL, np.full(80, 0.0004, np.float32), 10.0)
    )
    assert lively.movement_range.mean() > 3 * calm.movement_range.mean()
    np.testing.assert_allclose(np.ptp(lively.movement_range), 0, atol=1e-6)


def test_movement_is_measured_in_movement_ranges() -> None:
    profile = PersonProfile(NEUTRAL, np.full(80, 0.1, np.float32), 1.0)
    np.testing.assert_allclose(profile.movement(NEUTRAL + 0.1), 1, rtol=1e-4)


@pytest.mark.parametrize(
    "change",
    [
        {"neutral": np.zeros(79, np.float32)},
        {"movement_range": np.zeros(80, np.float32)},
        {"neutral_regression": np.zeros((3, 80), np.float32)},
        {"quiet_directions": np.zeros((1, 79), np.float32)},
        {"movement_directions": np.zeros((2, 80), np.float32)},
        {"neutral_prior": 0.0},
    ],
)
def test_invalid_populations_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="population"):
        replace(plain_population(), **change)  # type: ignore[arg-type]
