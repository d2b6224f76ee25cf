"""The tracker while a saved person is expected: confirmed, replaced, and expected again."""

import numpy as np
import pytest
from tracked_person import (
    ANNA,
    ANNA_SAVED,
    BERT,
    CARA,
    OTHER,
    OWN,
    WINDOW_S,
    TrackedPerson,
    neutral_of,
    saved_stats,
    stats_of,
)

from realtime.person.segment_buffer import MAX_PENDING
from realtime.person.stats import MAX_CLIPS


class TestExpectedPerson:
    def test_saved_stats_apply_at_once_and_grow(self) -> None:
        tracked = TrackedPerson(saved_stats(), ANNA_SAVED)
        assert tracked.person.is_expected
        assert tracked.person.known_expressions == 10
        np.testing.assert_array_equal(stats_of(tracked.person).neutral, OWN)
        for _ in range(6):
            tracked.expression()
        assert tracked.person.is_expected
        assert tracked.person.confirmed
        assert stats_of(tracked.person).expressions == 16
        assert stats_of(tracked.person).clips == pytest.approx(16, abs=0.5)

    def test_the_expected_person_is_confirmed_by_the_first_descriptor(self) -> None:
        tracked = TrackedPerson(saved_stats(), ANNA_SAVED)
        assert not tracked.person.confirmed
        tracked.show(OTHER, 0.2)
        assert tracked.person.confirmed

    def test_another_person_than_expected_starts_from_no_stats(self) -> None:
        tracked = TrackedPerson(saved_stats(), ANNA_SAVED, BERT)
        tracked.show(OTHER, WINDOW_S + 0.5)
        assert not tracked.person.is_expected
        assert tracked.person.known_expressions == 0
        np.testing.assert_allclose(neutral_of(tracked.person), OTHER, atol=0.02)

    def test_the_expected_person_is_recognised_after_another_person(self) -> None:
        tracked = TrackedPerson(saved_stats(), ANNA_SAVED)
        for _ in range(6):
            tracked.expression()
        tracked.interrupt(BERT)
        tracked.expression(OTHER)
        assert not tracked.person.is_expected
        tracked.interrupt(ANNA)
        tracked.expression()
        person = tracked.person
        assert (person.is_expected, person.person_id, person.known_expressions) == (True, 2, 17)
        # Ten saved, six, and one since; none of the other person.
        confirmed = person.confirmed_stats
        assert confirmed is not None
        assert confirmed.expressions == 17

    def test_a_third_person_is_not_the_expected_one(self) -> None:
        tracked = TrackedPerson(saved_stats(), ANNA_SAVED)
        for descriptor in (BERT, CARA):
            tracked.interrupt(descriptor)
            tracked.show(OTHER, 2.0)
        assert tracked.person.person_id == 2
        assert not tracked.person.is_expected

    def test_after_an_absence_the_expected_person_is_expected_again(self) -> None:
        tracked = TrackedPerson(saved_stats(), ANNA_SAVED, BERT)
        tracked.show(OTHER, 3.0)
        tracked.person.depart()
        assert tracked.person.is_expected
        assert not tracked.person.confirmed
        tracked.show(OTHER, 1.0)
        assert not tracked.person.is_expected

    def test_confirmed_stats_and_face_remain_after_departure(self) -> None:
        tracked = TrackedPerson(saved_stats(), ANNA_SAVED)
        for _ in range(6):
            tracked.expression()
        tracked.person.depart()
        confirmed, face = tracked.person.confirmed_stats, tracked.person.expected_face
        assert confirmed is not None
        assert confirmed.expressions == tracked.person.known_expressions == 16
        assert face is not None
        assert face.count > ANNA_SAVED.count

    def test_another_person_at_the_end_does_not_change_confirmed_stats_and_face(self) -> None:
        tracked = TrackedPerson(saved_stats(), ANNA_SAVED)
        for _ in range(6):
            tracked.expression()
        tracked.interrupt(BERT)
        for _ in range(2):
            tracked.expression(OTHER)
        assert not tracked.person.is_expected
        confirmed, face = tracked.person.confirmed_stats, tracked.person.expected_face
        assert confirmed is not None
        assert confirmed.expressions == 16
        np.testing.assert_allclose(confirmed.neutral, OWN, atol=0.02)
        assert face is not None
        np.testing.assert_allclose(face.mean, ANNA, atol=0.03)

    def test_an_unconfirmed_last_interruption_leaves_earlier_ones_confirmed(self) -> None:
        tracked = TrackedPerson(saved_stats(), ANNA_SAVED)
        for _ in range(12):
            tracked.expression()
            tracked.interrupt()
        tracked.descriptor = None
        for _ in range(2):
            tracked.expression()  # since the last interruption: of either person
        assert not tracked.person.confirmed
        confirmed = tracked.person.confirmed_stats
        assert confirmed is not None
        assert confirmed.expressions == 22

    def test_the_weight_of_confirmed_stats_is_capped_over_departures(self) -> None:
        tracked = TrackedPerson(saved_stats(), ANNA_SAVED)
        for _ in range(20):
            for _ in range(4):
                tracked.expression()
            tracked.person.depart()
        confirmed = tracked.person.confirmed_stats
        assert confirmed is not None
        assert (confirmed.clips, confirmed.expressions) == (MAX_CLIPS, MAX_CLIPS)

    def test_without_a_saved_face_nothing_is_confirmed(self) -> None:
        before = saved_stats()
        tracked = TrackedPerson(before)
        for _ in range(5):
            tracked.expression()
        assert tracked.person.is_expected
        assert not tracked.person.can_reidentify
        assert tracked.person.confirmed_expressions == 0
        tracked.person.depart()
        assert tracked.person.confirmed_stats is before
        assert tracked.person.expected_face is None

    def test_a_reset_neutral_stays_reset_after_an_absence(self) -> None:
        tracked = TrackedPerson(saved_stats(), ANNA_SAVED)
        tracked.expression()
        tracked.person.reset()
        for _ in range(6):
            tracked.expression()
        tracked.person.depart()
        tracked.expression()
        assert tracked.person.neutral_reset
        assert not tracked.person.is_expected
        assert tracked.person.confirmed_stats is tracked.person.expected_face is None

    def test_resetting_the_neutral_of_another_person_leaves_the_expected_one(self) -> None:
        tracked = TrackedPerson(saved_stats(), ANNA_SAVED)
        tracked.interrupt(BERT)
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
        tracked = TrackedPerson(before, ANNA_SAVED, descriptor=None)
        tracked.show(OWN, 6.0)
        assert tracked.person.confirmed_stats is before

    def test_a_reset_discards_the_saved_stats(self) -> None:
        tracked = TrackedPerson(saved_stats(), ANNA_SAVED)
        for _ in range(6):
            tracked.expression()
        tracked.interrupt()
        tracked.person.reset()
        assert not tracked.person.is_expected
        assert tracked.person.stats() is None
        assert tracked.person.confirmed_stats is None
