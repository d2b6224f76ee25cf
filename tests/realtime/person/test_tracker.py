import numpy as np
import pytest
from populations import MOVEMENT_RANGE, plain_population

from realtime.person.geometry import GeometryModel
from realtime.person.population import Population
from realtime.person.segment import CLIP_S
from realtime.person.segment_buffer import MAX_PENDING
from realtime.person.stats import MAX_CLIPS, PersonStats
from realtime.person.tracker import (
    MAX_EXPRESSION_S,
    MAX_EXPRESSIONS,
    MAX_SEGMENTS,
    UNCONFIRMED_SEGMENTS,
    UNCONFIRMED_SEGMENTS_SAVED,
    ExpressionThresholds,
    PersonTracker,
)

WINDOW_S = 1.6
RNG = np.random.default_rng(5)
OWN = RNG.normal(0, 1, 80).astype(np.float32)
OTHER = (OWN + RNG.normal(0, 0.3, 80)).astype(np.float32)
SMILE = np.zeros(80, np.float32)
SMILE[60:] = 0.3
THRESHOLDS = ExpressionThresholds(onset=1.0, offset=0.5)
# The smile moves none of the coordinates that identify a person.
GEOMETRY = GeometryModel(10 * np.eye(80, dtype=np.float32)[:12], 4.0, 1.0)


def population(geometry: GeometryModel | None = GEOMETRY) -> Population:
    return plain_population(geometry=geometry)


class TrackedPerson:
    """A tracker on a manual clock; it sets the intensity every 0.2 s, as the motion stage does."""

    def __init__(
        self, saved: PersonStats | None = None, geometry: GeometryModel | None = GEOMETRY
    ) -> None:
        self.person = PersonTracker(WINDOW_S, population(geometry), THRESHOLDS, saved)
        self.now_s = 0.0

    def show(
        self, shape: np.ndarray, seconds: float, intensity: float = 0.0, hz: float = 30
    ) -> None:
        for i in range(round(seconds * hz)):
            self.person.add(self.now_s, (shape + RNG.normal(0, 0.003, 80)).astype(np.float32))
            self.now_s += 1 / hz
            if i % (hz // 5) == hz // 5 - 1:
                self.person.set_intensity(intensity)

    def expression(self, face: np.ndarray = OWN) -> None:
        self.show(face, 1.0)
        self.show(face + SMILE, 1.0, intensity=2.0)
        self.show(face, 1.0)

    def interrupt(self, seconds: float = 0.5) -> None:
        self.now_s += seconds
        self.person.interrupt()


def neutral_of(person: PersonTracker) -> np.ndarray:
    neutral = person.neutral()
    assert neutral is not None
    return neutral


def stats_of(person: PersonTracker) -> PersonStats:
    stats = person.stats()
    assert stats is not None
    return stats


def saved_stats(face: np.ndarray = OWN, clips: float = 10.0) -> PersonStats:
    return PersonStats(clips, face, np.full(80, 0.01, np.float32), clips)


class TestUnknownPerson:
    def test_without_frames_there_are_no_stats(self) -> None:
        person = TrackedPerson().person
        assert person.stats() is None
        assert person.neutral() is None
        assert person.known_expressions == 0

    def test_one_window_gives_a_neutral_but_no_stats(self) -> None:
        tracked = TrackedPerson()
        tracked.show(OWN, WINDOW_S)
        assert tracked.person.stats() is None
        np.testing.assert_allclose(neutral_of(tracked.person), OWN, atol=0.02)

    def test_a_smile_that_follows_does_not_become_the_neutral_face(self) -> None:
        tracked = TrackedPerson()
        tracked.show(OWN, 0.6)
        tracked.show(OWN + SMILE, 2.3, intensity=2.0)
        np.testing.assert_allclose(neutral_of(tracked.person), OWN, atol=0.02)

    def test_a_neutral_guessed_from_a_smile_corrects_itself(self) -> None:
        """Against the smile the neutral face counts as an expression until it lasts too long."""
        tracked = TrackedPerson()
        tracked.show(OWN + SMILE, 1.0)
        tracked.show(OWN, MAX_EXPRESSION_S, intensity=2.0)
        np.testing.assert_allclose(neutral_of(tracked.person), OWN, atol=0.02)

    def test_jitter_within_a_sample_is_averaged(self) -> None:
        """A sample is the mean of three frames, so their noise cancels."""
        tracked = TrackedPerson()
        for i in range(30):
            tracked.person.add(i / 30, OWN + np.float32((i % 3 - 1) * 0.3))
        np.testing.assert_allclose(neutral_of(tracked.person), OWN, atol=0.02)

    def test_the_frame_rate_does_not_change_the_remembered_time(self) -> None:
        fast, slow = TrackedPerson(), TrackedPerson()
        fast.show(OWN, 4.0, hz=120)
        slow.show(OWN, 4.0, hz=20)
        assert fast.person.remembered_s == pytest.approx(slow.person.remembered_s, abs=0.2)


class TestEnrolment:
    def test_each_ended_expression_is_counted_and_widens_the_range(self) -> None:
        tracked = TrackedPerson()
        for number in range(1, 4):
            tracked.expression()
            assert tracked.person.observed_expressions == tracked.person.known_expressions == number
        stats = stats_of(tracked.person)
        assert stats.expressions == 3
        assert stats.mean_square_movement[60:].min() > 100 * stats.mean_square_movement[:60].max()
        np.testing.assert_allclose(stats.neutral, OWN, atol=0.02)

    def test_neutral_segments_alone_leave_the_population_range(self) -> None:
        tracked = TrackedPerson()
        tracked.show(OWN, 30.0)
        assert stats_of(tracked.person).expressions == 0
        profile = population().profile_of(OWN[None].repeat(20, axis=0), tracked.person.stats())
        np.testing.assert_array_equal(profile.movement_range, MOVEMENT_RANGE)

    def test_the_weight_grows_with_the_time_observed(self) -> None:
        tracked, clips = TrackedPerson(), []
        for _ in range(5):
            tracked.show(OWN, CLIP_S)
            clips.append(stats_of(tracked.person).clips)
        np.testing.assert_allclose(clips, [1, 2, 3, 4, 5], atol=0.11)

    def test_a_slow_change_is_followed(self) -> None:
        tracked = TrackedPerson()
        for step in range(60):
            tracked.show(OWN + SMILE * min(step / 20, 1), CLIP_S)
        np.testing.assert_allclose(neutral_of(tracked.person), OWN + SMILE, atol=0.02)
        assert tracked.person.person_id == 0

    def test_the_number_of_segments_is_bounded(self) -> None:
        """More segments than the tracker holds, each of the longest duration."""
        tracked = TrackedPerson()
        for _ in range(2 * MAX_EXPRESSIONS):
            tracked.show(OWN, 0.6, hz=10)
            tracked.show(OWN + SMILE, MAX_EXPRESSION_S - 0.9, intensity=2.0, hz=10)
            tracked.show(OWN, 0.2, hz=10)
        person = tracked.person
        assert len(person._segments) == MAX_SEGMENTS
        assert len(person._expressions) == MAX_EXPRESSIONS
        assert person.remembered_s <= MAX_SEGMENTS * MAX_EXPRESSION_S + MAX_EXPRESSION_S
        assert stats_of(person).clips <= MAX_SEGMENTS
        assert person.observed_expressions == 2 * MAX_EXPRESSIONS

    def test_segments_that_are_too_short_give_no_stats(self) -> None:
        tracked = TrackedPerson()
        for _ in range(20):
            tracked.show(OWN, 0.3)
            tracked.interrupt()
        assert tracked.person.stats() is None

    def test_the_same_frames_give_the_same_stats(self) -> None:
        profiles = []
        for _ in range(2):
            person, rng = (
                PersonTracker(WINDOW_S, population(), THRESHOLDS),
                np.random.default_rng(0),
            )
            for i in range(300):
                person.add(i / 30, rng.normal(0, 0.1, 80).astype(np.float32))
                person.set_intensity(float(rng.uniform(0, 2)))
            profiles.append(person.stats())
        one, two = profiles
        assert one is not None
        assert two is not None
        np.testing.assert_array_equal(one.neutral, two.neutral)
        np.testing.assert_array_equal(one.mean_square_movement, two.mean_square_movement)


class TestDifferentPerson:
    def test_a_new_person_after_an_interruption_starts_from_no_stats(self) -> None:
        tracked = TrackedPerson()
        for _ in range(4):
            tracked.expression()
        tracked.interrupt()
        tracked.show(OTHER, WINDOW_S + 0.5)
        assert tracked.person.person_id == 1
        assert tracked.person.observed_expressions == 0
        np.testing.assert_allclose(neutral_of(tracked.person), OTHER, atol=0.02)

    def test_a_new_person_after_unconfirmed_interruptions_starts_from_no_stats(self) -> None:
        tracked = TrackedPerson()
        for _ in range(4):
            tracked.expression()
        for _ in range(UNCONFIRMED_SEGMENTS - 1):
            tracked.interrupt()
            tracked.expression()
        tracked.interrupt()
        assert not tracked.person.confirmed
        tracked.show(OTHER, WINDOW_S + 0.5)
        assert (tracked.person.person_id, tracked.person.observed_expressions) == (1, 0)
        np.testing.assert_allclose(neutral_of(tracked.person), OTHER, atol=0.02)

    def test_an_unnoticed_second_person_is_not_mixed_with_the_third(self) -> None:
        tracked = TrackedPerson()
        for _ in range(6):
            tracked.expression()
        second, third = (np.asarray(OWN + far * (OTHER - OWN), np.float32) for far in (0.5, 3.0))
        tracked.interrupt()
        tracked.show(second, 1.0)
        tracked.interrupt()
        assert tracked.person.person_id == 0
        for _ in range(4):
            tracked.expression(third)
        assert tracked.person.person_id == 2
        np.testing.assert_allclose(neutral_of(tracked.person), third, atol=0.02)

    def test_a_returning_person_keeps_their_stats(self) -> None:
        tracked = TrackedPerson()
        for _ in range(4):
            tracked.expression()
            tracked.interrupt()
        assert (tracked.person.person_id, tracked.person.observed_expressions) == (0, 4)
        tracked.show(OWN, UNCONFIRMED_SEGMENTS * CLIP_S)
        assert tracked.person.confirmed

    def test_a_face_that_changes_without_an_interruption_is_the_same_person(self) -> None:
        """A turning head changes its geometry too, and a tracked face is not replaced."""
        tracked = TrackedPerson()
        tracked.show(OWN, 12.0)
        tracked.show(OTHER, 6.0)
        assert tracked.person.person_id == 0

    def test_without_a_geometry_model_the_person_never_changes(self) -> None:
        tracked = TrackedPerson(geometry=None)
        tracked.show(OWN, 6.0)
        tracked.interrupt()
        tracked.show(OTHER, 6.0)
        assert tracked.person.person_id == 0

    def test_reset_starts_a_new_person(self) -> None:
        tracked = TrackedPerson()
        tracked.show(OWN, 6.0)
        tracked.person.reset()
        tracked.show(OWN + 1, 1.0)
        np.testing.assert_allclose(neutral_of(tracked.person), OWN + 1, atol=0.02)
        assert tracked.person.person_id == 1


class TestExpectedPerson:
    def test_saved_stats_apply_at_once_and_grow(self) -> None:
        tracked = TrackedPerson(saved_stats())
        assert tracked.person.is_expected
        assert tracked.person.known_expressions == 10
        np.testing.assert_array_equal(stats_of(tracked.person).neutral, OWN)
        for _ in range(UNCONFIRMED_SEGMENTS_SAVED):
            tracked.expression()
        assert tracked.person.is_expected
        assert tracked.person.confirmed
        assert stats_of(tracked.person).expressions == 10 + UNCONFIRMED_SEGMENTS_SAVED
        assert stats_of(tracked.person).clips == pytest.approx(
            10 + UNCONFIRMED_SEGMENTS_SAVED, abs=0.5
        )

    def test_an_unexpected_person_starts_from_no_stats(self) -> None:
        tracked = TrackedPerson(saved_stats(OTHER))
        tracked.show(OWN, WINDOW_S + 0.5)
        assert not tracked.person.is_expected
        assert tracked.person.known_expressions == 0
        np.testing.assert_allclose(neutral_of(tracked.person), OWN, atol=0.02)

    def test_after_an_absence_the_expected_person_is_expected_again(self) -> None:
        tracked = TrackedPerson(saved_stats(OTHER))
        tracked.show(OWN, 3.0)
        tracked.person.depart()
        assert tracked.person.is_expected
        assert not tracked.person.confirmed

    def test_confirmed_stats_remain_after_departure(self) -> None:
        tracked = TrackedPerson(saved_stats())
        for _ in range(UNCONFIRMED_SEGMENTS_SAVED):
            tracked.expression()
        tracked.person.depart()
        confirmed = tracked.person.confirmed_stats
        assert confirmed is not None
        assert confirmed.expressions == 10 + UNCONFIRMED_SEGMENTS_SAVED
        assert tracked.person.known_expressions == 10 + UNCONFIRMED_SEGMENTS_SAVED

    def test_another_person_at_the_end_does_not_change_confirmed_stats(self) -> None:
        tracked = TrackedPerson(saved_stats())
        for _ in range(UNCONFIRMED_SEGMENTS_SAVED):
            tracked.expression()
        tracked.interrupt()
        tracked.expression(OTHER)
        tracked.expression(OTHER)
        assert not tracked.person.is_expected
        confirmed = tracked.person.confirmed_stats
        assert confirmed is not None
        assert confirmed.expressions == 10 + UNCONFIRMED_SEGMENTS_SAVED
        np.testing.assert_allclose(confirmed.neutral, OWN, atol=0.02)

    def test_an_unconfirmed_last_interruption_leaves_earlier_ones_confirmed(self) -> None:
        tracked = TrackedPerson(saved_stats())
        for _ in range(12):
            tracked.expression()
            tracked.interrupt()
        for _ in range(2):
            tracked.expression()  # since the last interruption: of either person
        assert not tracked.person.confirmed
        confirmed = tracked.person.confirmed_stats
        assert confirmed is not None
        assert confirmed.expressions == 22

    def test_the_weight_of_confirmed_stats_is_capped_over_departures(self) -> None:
        tracked = TrackedPerson(saved_stats())
        for _ in range(20):
            for _ in range(UNCONFIRMED_SEGMENTS_SAVED):
                tracked.expression()
            tracked.person.depart()
        confirmed = tracked.person.confirmed_stats
        assert confirmed is not None
        assert (confirmed.clips, confirmed.expressions) == (MAX_CLIPS, MAX_CLIPS)

    def test_without_a_geometry_model_nothing_is_confirmed(self) -> None:
        before = saved_stats()
        tracked = TrackedPerson(before, geometry=None)
        for _ in range(5):
            tracked.expression()
        tracked.person.depart()
        assert tracked.person.confirmed_stats is before

    def test_a_reset_neutral_stays_reset_after_an_absence(self) -> None:
        tracked = TrackedPerson(saved_stats())
        tracked.expression()
        tracked.person.reset()
        for _ in range(UNCONFIRMED_SEGMENTS_SAVED):
            tracked.expression()
        tracked.person.depart()
        tracked.expression()
        assert tracked.person.neutral_reset
        assert not tracked.person.is_expected
        assert tracked.person.confirmed_stats is None

    def test_resetting_the_neutral_of_another_person_leaves_the_expected_one(self) -> None:
        before = saved_stats()
        tracked = TrackedPerson(before)
        tracked.interrupt()
        tracked.show(OTHER, WINDOW_S + 0.5)
        assert not tracked.person.is_expected
        tracked.person.reset()
        assert not tracked.person.neutral_reset
        tracked.person.depart()
        assert tracked.person.is_expected

    def test_the_number_of_pending_shapes_is_bounded(self) -> None:
        tracked = TrackedPerson()
        for _ in range(3 * MAX_PENDING):
            tracked.person.add(1.0, OWN)
        assert len(tracked.person._open._pending) <= MAX_PENDING

    def test_unconfirmed_segments_do_not_change_the_confirmed_stats(self) -> None:
        before = saved_stats()
        tracked = TrackedPerson(before)
        tracked.show(OWN, 1.0)
        assert tracked.person.confirmed_stats is before

    def test_a_reset_discards_the_saved_stats(self) -> None:
        before = saved_stats()
        tracked = TrackedPerson(before)
        for _ in range(UNCONFIRMED_SEGMENTS_SAVED):
            tracked.expression()
        tracked.interrupt()
        tracked.person.reset()
        assert not tracked.person.is_expected
        assert tracked.person.stats() is None
        assert tracked.person.confirmed_stats is None
