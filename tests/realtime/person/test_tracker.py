import numpy as np
import pytest
from populations import MOVEMENT_RANGE, plain_population
from tracked_person import (
    ANNA,
    BERT,
    CARA,
    OTHER,
    OWN,
    SMILE,
    THRESHOLDS,
    WINDOW_S,
    TrackedPerson,
    neutral_of,
    stats_of,
)

from realtime.person.known_face import DIFFERENT_ABOVE, ENOUGH, FEW, MAX_COUNT, SAME_BELOW
from realtime.person.segment import CLIP_S
from realtime.person.tracker import (
    DESCRIBE_AGAIN_S,
    DESCRIBE_EVERY_S,
    DESCRIBE_SOON_S,
    FIRST_DESCRIPTORS,
    MAX_EXPRESSION_S,
    MAX_EXPRESSIONS,
    MAX_SEGMENTS,
    PersonTracker,
)


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
        profile = plain_population().profile_of(
            OWN[None].repeat(20, axis=0), tracked.person.stats()
        )
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
                PersonTracker(WINDOW_S, plain_population(), THRESHOLDS),
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
    def test_another_face_after_an_interruption_is_noticed_within_a_second(self) -> None:
        tracked = TrackedPerson()
        for _ in range(4):
            tracked.expression()
        tracked.interrupt(BERT)
        tracked.show(OTHER, 0.9)
        person = tracked.person
        assert (person.person_id, person.observed_expressions, person.confirmed) == (1, 0, True)
        assert person.remembered_s == pytest.approx(0.9, abs=0.1)
        np.testing.assert_allclose(neutral_of(person), OTHER, atol=0.02)

    def test_it_takes_a_few_descriptors(self) -> None:
        tracked = TrackedPerson()
        tracked.show(OWN, 6.0)
        tracked.interrupt(BERT)
        tracked.show(OTHER, 0.2 * (FEW - 1))
        assert (tracked.person.person_id, tracked.person.confirmed) == (0, False)
        tracked.show(OTHER, 0.2)
        assert (tracked.person.person_id, tracked.person.confirmed) == (1, True)

    def test_each_of_several_people_is_noticed(self) -> None:
        tracked = TrackedPerson()
        tracked.show(OWN, 6.0)
        for descriptor in (BERT, CARA, ANNA):
            tracked.interrupt(descriptor)
            tracked.show(OWN, 3.0)
        assert tracked.person.person_id == 3

    def test_segments_since_the_newest_interruption_count_for_the_new_person(self) -> None:
        """The interruption before it may have brought either person, so its segments do not."""
        tracked = TrackedPerson()
        for _ in range(4):
            tracked.expression()
        tracked.interrupt(None)
        tracked.show(OWN, 1.0)
        tracked.interrupt(None)
        tracked.expression(OTHER)
        assert tracked.person.person_id == 0
        tracked.descriptor = BERT
        tracked.show(OTHER, 0.8)
        assert (tracked.person.person_id, tracked.person.observed_expressions) == (1, 1)
        np.testing.assert_allclose(neutral_of(tracked.person), OTHER, atol=0.02)
        assert tracked.person.remembered_s == pytest.approx(3.8, abs=0.3)

    def test_an_expression_measured_from_the_wrong_neutral_is_classified_again(self) -> None:
        tracked = TrackedPerson()
        for _ in range(4):
            tracked.expression()
        tracked.interrupt(None)
        tracked.show(OWN + SMILE, 1.6, intensity=2.0)
        tracked.show(OWN + SMILE, 0.2)  # no expression any more: the segment ends
        assert tracked.person.observed_expressions == 5
        tracked.descriptor = BERT
        tracked.show(OWN + SMILE, 1.0)
        assert (tracked.person.person_id, tracked.person.observed_expressions) == (1, 0)

    def test_a_change_without_an_interruption_is_noticed_and_discards_what_shows_both(self) -> None:
        tracked = TrackedPerson()
        tracked.show(OWN, 7.0)
        tracked.descriptor = BERT
        unannounced = [tracked.describe() for _ in range(FEW)]
        assert unannounced == [*[False] * (FEW - 1), True]
        assert (tracked.person.person_id, tracked.person.remembered_s) == (1, 0)

    def test_one_strange_descriptor_changes_nothing(self) -> None:
        tracked = TrackedPerson()
        tracked.show(OWN, 6.0)
        tracked.descriptor = BERT
        tracked.describe()
        assert not tracked.person.confirmed
        tracked.descriptor = ANNA
        tracked.show(OWN, 1.0)
        assert (tracked.person.person_id, tracked.person.confirmed) == (0, True)
        assert tracked.person.remembered_s == pytest.approx(7.0, abs=0.2)

    def test_without_descriptors_the_person_never_changes(self) -> None:
        tracked = TrackedPerson(descriptor=None)
        tracked.show(OWN, 6.0)
        tracked.interrupt(None)
        tracked.show(OTHER, 6.0)
        assert (tracked.person.person_id, tracked.person.confirmed) == (0, False)

    def test_reset_starts_a_new_person(self) -> None:
        tracked = TrackedPerson()
        tracked.show(OWN, 6.0)
        tracked.person.reset()
        tracked.show(OWN + 1, 1.0)
        np.testing.assert_allclose(neutral_of(tracked.person), OWN + 1, atol=0.02)
        assert tracked.person.person_id == 1


class TestSamePerson:
    def test_a_returning_person_keeps_their_stats(self) -> None:
        tracked = TrackedPerson()
        for _ in range(4):
            tracked.expression()
            tracked.interrupt()
        assert not tracked.person.confirmed
        tracked.show(OTHER, 0.2)  # their landmarks do not matter
        assert tracked.person.confirmed
        assert (tracked.person.person_id, tracked.person.observed_expressions) == (0, 4)

    def test_one_descriptor_confirms_all_earlier_interruptions(self) -> None:
        tracked = TrackedPerson()
        for _ in range(4):
            tracked.expression()
        for _ in range(2):
            tracked.interrupt(None)
            tracked.expression()
        tracked.interrupt(ANNA)
        assert tracked.person.confirmed_expressions == 4
        tracked.show(OWN, 0.2)
        assert tracked.person.confirmed
        assert tracked.person.confirmed_expressions == 6

    def test_the_weight_of_the_known_face_is_bounded(self) -> None:
        tracked = TrackedPerson()
        tracked.show(OWN, 0.4 * MAX_COUNT)
        face = tracked.person.face
        assert face is not None
        assert face.count == MAX_COUNT
        np.testing.assert_allclose(face.mean, ANNA, atol=0.03)


class TestDescribeEvery:
    def test_a_new_face_is_described_soon_and_a_known_one_once_a_second(self) -> None:
        tracked = TrackedPerson()
        for _ in range(FIRST_DESCRIPTORS):
            assert tracked.person.describe_every_s == DESCRIBE_SOON_S
            tracked.describe()
        assert tracked.person.describe_every_s == DESCRIBE_EVERY_S

    def test_after_an_interruption_a_face_is_described_soon_until_it_is_decided(self) -> None:
        tracked = TrackedPerson()
        tracked.noise = 0.0  # the undecided distances are a narrow band
        tracked.show(OWN, 3.0)
        to_bert = (BERT - ANNA) / np.linalg.norm(BERT - ANNA)
        tracked.interrupt(ANNA + (SAME_BELOW + DIFFERENT_ABOVE) / 2 * to_bert)
        for _ in range(ENOUGH):
            assert tracked.person.describe_every_s == DESCRIBE_SOON_S
            tracked.describe()
        assert tracked.person.describe_every_s == DESCRIBE_AGAIN_S
        tracked.descriptor = ANNA
        for _ in range(ENOUGH):
            tracked.describe()
        assert tracked.person.describe_every_s == DESCRIBE_EVERY_S
