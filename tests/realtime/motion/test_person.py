import numpy as np
import pytest

from realtime.motion.person import ANCHOR_S, REACH, SAMPLES, Person, Population, Profile, estimate

RNG = np.random.default_rng(5)
OWN = RNG.normal(0, 1, 80).astype(np.float32)
SMILE = np.zeros(80, np.float32)
SMILE[60:] = 0.3


def population(neutral_prior_s: float = 0.0, range_prior_s: float = 0.0) -> Population:
    return Population(np.zeros(80, np.float32), np.full(80, 0.05, np.float32), neutral_prior_s, range_prior_s)


def watch(person: Person, start_s: float, seconds: float, shape: np.ndarray, hz: float = 30) -> float:
    for i in range(round(seconds * hz)):
        person.see(start_s + i / hz, (shape + RNG.normal(0, 0.003, 80)).astype(np.float32))
    return start_s + seconds


def test_nothing_seen_is_nothing_known() -> None:
    assert Person(population()).profile() is None


def test_a_smile_that_follows_does_not_become_the_neutral_face() -> None:
    person = Person(population())
    at_s = watch(person, 0.0, 0.6, OWN)
    watch(person, at_s, 2.4, OWN + SMILE)
    profile = person.profile()
    assert profile is not None
    np.testing.assert_allclose(profile.neutral, OWN, atol=0.02)


def test_a_first_look_while_smiling_is_mended_by_time() -> None:
    person = Person(population())
    at_s = watch(person, 0.0, 1.0, OWN + SMILE)
    watch(person, at_s, 2 * ANCHOR_S, OWN)
    profile = person.profile()
    assert profile is not None
    np.testing.assert_allclose(profile.neutral, OWN, atol=0.02)


def test_one_minute_is_remembered_and_no_more() -> None:
    person = Person(population())
    watch(person, 0.0, 100, OWN, hz=15)
    assert person.known_s == pytest.approx(SAMPLES * 0.1)


def test_a_fast_camera_tells_no_more_than_a_slow_one() -> None:
    fast, slow = Person(population()), Person(population())
    watch(fast, 0.0, 3.0, OWN, hz=120)
    watch(slow, 0.0, 3.0, OWN, hz=20)
    assert fast.known_s == pytest.approx(slow.known_s, abs=0.2)


def test_forgetting_starts_anew() -> None:
    person = Person(population())
    watch(person, 0.0, 3.0, OWN)
    person.forget()
    watch(person, 4.0, 1.0, OWN + 1)
    profile = person.profile()
    assert profile is not None
    np.testing.assert_allclose(profile.neutral, OWN + 1, atol=0.02)


def test_the_population_holds_less_the_more_is_known() -> None:
    shapes = np.repeat(OWN[None], 30, axis=0)
    little = estimate(shapes, OWN, population(neutral_prior_s=2.0), known_s=1.0)
    much = estimate(shapes, OWN, population(neutral_prior_s=2.0), known_s=60.0)
    np.testing.assert_allclose(little.neutral, OWN / 3, atol=1e-5)
    assert np.abs(much.neutral - OWN).max() < 0.04 * np.abs(OWN).max()


def test_a_lively_face_has_a_wider_range_in_the_populations_proportions() -> None:
    lively = estimate(OWN + RNG.normal(0, 0.2, (300, 80)).astype(np.float32), OWN, population(), known_s=30)
    calm = estimate(OWN + RNG.normal(0, 0.02, (300, 80)).astype(np.float32), OWN, population(), known_s=30)
    assert lively.movement_range.mean() > 5 * calm.movement_range.mean()
    np.testing.assert_allclose(np.ptp(lively.movement_range), 0, atol=1e-6)


def test_movement_is_in_ranges_and_within_reach_of_the_network() -> None:
    profile = Profile(OWN, np.full(80, 0.1, np.float32), 1.0)
    np.testing.assert_allclose(profile.movement(OWN + 0.1), 1 / REACH, rtol=1e-4)
    assert profile.movement(OWN + 100).max() == 1


@pytest.mark.parametrize("bad", [np.zeros(79, np.float32), np.full(80, np.nan, np.float32)])
def test_a_broken_population_is_refused(bad: np.ndarray) -> None:
    with pytest.raises(ValueError, match="want 80 finite"):
        Population(bad, np.ones(80, np.float32), 1.0, 1.0)
