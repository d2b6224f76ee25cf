import numpy as np
import pytest

from realtime.person.population import PersonProfile, Population
from realtime.person.stats import PersonStats, estimate_stats, merge_stats

RNG = np.random.default_rng(5)
OWN = RNG.normal(0, 1, 80).astype(np.float32)
SMILE = np.zeros(80, np.float32)
SMILE[60:] = 0.3
USUAL = np.full(80, 0.05, np.float32)


def population(neutral_prior: float = 1.0, range_prior: float = 1.0) -> Population:
    """A population that guesses its mean, zero, whatever it sees."""
    nowhere = np.zeros((1, 80), np.float32)
    return Population(
        np.zeros(80, np.float32),
        USUAL,
        nowhere,
        nowhere,
        np.zeros((2, 80), np.float32),
        neutral_prior,
        range_prior,
    )


def noisy(shape: np.ndarray, count: int = 30, spread: float = 0.003) -> np.ndarray:
    return (shape + RNG.normal(0, spread, (count, 80))).astype(np.float32)


def test_clips_that_each_rest_somewhere_show_the_neutral_face_though_most_of_it_moves() -> None:
    clips = [
        np.concatenate((noisy(OWN, 10), noisy(OWN + 2 * SMILE * way, 15))) for way in (1, -1, 0.5)
    ]
    known = estimate_stats(clips)
    np.testing.assert_allclose(known.neutral, OWN, atol=0.02)
    assert known.clips == 3
    assert known.mean_square_movement[60:].min() > 10 * known.mean_square_movement[:60].max()


def test_the_population_holds_less_the_more_is_known() -> None:
    window = noisy(OWN)
    little = population().profile_of(window, PersonStats(1.0, OWN, np.square(USUAL), 1.0))
    much = population().profile_of(window, PersonStats(50.0, OWN, np.square(USUAL), 50.0))
    np.testing.assert_allclose(little.neutral, OWN / 2, atol=1e-5)
    np.testing.assert_allclose(much.neutral, OWN * 50 / 51, atol=1e-5)


def test_of_an_unknown_person_the_population_speaks() -> None:
    profile = population().profile_of(noisy(OWN), None)
    np.testing.assert_array_equal(profile.movement_range, USUAL)
    assert profile.clips == 0


def test_the_guess_follows_the_quiet_moment_of_the_window() -> None:
    """Where quiet moments of windows tell all about neutrals, the guess is the quiet moment."""
    directions = np.eye(80, dtype=np.float32)
    guess = np.concatenate((np.eye(80), np.zeros((1, 80)))).astype(np.float32)
    people = Population(
        np.zeros(80, np.float32), USUAL, directions, np.zeros((1, 80), np.float32), guess, 1.0, 1.0
    )
    window = np.concatenate((noisy(OWN * 0.1, 6, 1e-4), noisy(OWN * 0.1 + 3, 18, 1e-4)))
    np.testing.assert_allclose(people.guess_neutral(window), OWN * 0.1, atol=1e-3)
    another = window - 0.2 * OWN
    np.testing.assert_allclose(
        people.guess_neutral_from([window, another]), np.zeros(80), atol=1e-3
    )


def test_a_lively_face_has_a_wider_range_in_the_populations_proportions() -> None:
    lively = population().profile_of(
        noisy(OWN), PersonStats(10.0, OWN, np.full(80, 0.04, np.float32), 10.0)
    )
    calm = population().profile_of(
        noisy(OWN), PersonStats(10.0, OWN, np.full(80, 0.0004, np.float32), 10.0)
    )
    assert lively.movement_range.mean() > 3 * calm.movement_range.mean()
    np.testing.assert_allclose(np.ptp(lively.movement_range), 0, atol=1e-6)


def test_movement_is_in_ranges() -> None:
    profile = PersonProfile(OWN, np.full(80, 0.1, np.float32), 1.0)
    np.testing.assert_allclose(profile.movement(OWN + 0.1), 1, rtol=1e-4)


@pytest.mark.parametrize(
    "change",
    [
        {"neutral": np.zeros(79, np.float32)},
        {"movement_range": np.zeros(80, np.float32)},
        {"guess": np.zeros((3, 80), np.float32)},
        {"neutral_prior": 0.0},
    ],
)
def test_a_broken_population_is_refused(change: dict[str, object]) -> None:
    names = ("neutral", "movement_range", "still", "moved", "guess", "neutral_prior", "range_prior")
    good = {name: getattr(population(), name) for name in names}
    with pytest.raises(ValueError, match="population"):
        Population(**(good | change))  # type: ignore[arg-type]


def test_two_pieces_of_knowledge_count_by_their_weight() -> None:
    both = merge_stats(PersonStats(3.0, OWN, USUAL, 0.0), PersonStats(1.0, OWN + 1, 2 * USUAL, 2.0))
    assert both is not None
    np.testing.assert_allclose(both.neutral, OWN + 0.25, rtol=1e-5)
    np.testing.assert_allclose(both.mean_square_movement, 2 * USUAL, rtol=1e-5)
    assert (both.clips, both.expressions) == (4.0, 2.0)
    assert merge_stats(None, None) is None
