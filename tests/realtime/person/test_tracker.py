import numpy as np
import pytest

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
USUAL = np.full(80, 0.05, np.float32)
LIMITS = ExpressionThresholds(onset=1.0, offset=0.5)
TELLING = GeometryModel(
    10 * np.eye(80, dtype=np.float32)[:12], 4.0, 1.0
)  # a smile moves nothing of what tells people apart


def people(telling: GeometryModel | None = TELLING) -> Population:
    nowhere = np.zeros((1, 80), np.float32)
    guess = np.zeros((2, 80), np.float32)
    return Population(np.zeros(80, np.float32), USUAL, nowhere, nowhere, guess, 1.0, 1.0, telling)


class Watched:
    """A person in front of a clock; strengths are told every fifth of a second, as motion does."""

    def __init__(
        self, beforehand: PersonStats | None = None, telling: GeometryModel | None = TELLING
    ) -> None:
        self.person = PersonTracker(WINDOW_S, people(telling), LIMITS, beforehand)
        self.now_s = 0.0

    def shows(
        self, shape: np.ndarray, seconds: float, strength: float = 0.0, hz: float = 30
    ) -> None:
        for i in range(round(seconds * hz)):
            self.person.add(self.now_s, (shape + RNG.normal(0, 0.003, 80)).astype(np.float32))
            self.now_s += 1 / hz
            if i % (hz // 5) == hz // 5 - 1:
                self.person.set_intensity(strength)

    def expression(self, face: np.ndarray = OWN) -> None:
        self.shows(face, 1.0)
        self.shows(face + SMILE, 1.0, strength=2.0)
        self.shows(face, 1.0)

    def looks_away(self, seconds: float = 0.5) -> None:
        self.now_s += seconds
        self.person.interrupt()


def neutral_of(person: PersonTracker) -> np.ndarray:
    neutral = person.neutral()
    assert neutral is not None
    return neutral


def known_of(person: PersonTracker) -> PersonStats:
    known = person.stats()
    assert known is not None
    return known


def saved(face: np.ndarray = OWN, clips: float = 10.0) -> PersonStats:
    return PersonStats(clips, face, np.full(80, 0.01, np.float32), clips)


class TestAStranger:
    def test_nothing_seen_is_nothing_known(self) -> None:
        person = Watched().person
        assert person.stats() is None
        assert person.neutral() is None
        assert person.known_expressions == 0

    def test_one_window_is_no_knowledge_yet_but_shows_a_face_at_rest(self) -> None:
        watched = Watched()
        watched.shows(OWN, WINDOW_S)
        assert watched.person.stats() is None
        np.testing.assert_allclose(neutral_of(watched.person), OWN, atol=0.02)

    def test_a_smile_that_follows_does_not_become_the_neutral_face(self) -> None:
        watched = Watched()
        watched.shows(OWN, 0.6)
        watched.shows(OWN + SMILE, 2.3, strength=2.0)
        np.testing.assert_allclose(neutral_of(watched.person), OWN, atol=0.02)

    def test_a_first_look_while_smiling_is_mended_by_time(self) -> None:
        """Against the smile the face at rest looks like an expression, until it lasts too long to be one."""
        watched = Watched()
        watched.shows(OWN + SMILE, 1.0)
        watched.shows(OWN, MAX_EXPRESSION_S, strength=2.0)
        np.testing.assert_allclose(neutral_of(watched.person), OWN, atol=0.02)

    def test_what_trembles_between_two_samples_is_levelled(self) -> None:
        """Three frames to a sample: their noise is that of none of them."""
        watched = Watched()
        for i in range(30):
            watched.person.add(i / 30, OWN + np.float32((i % 3 - 1) * 0.3))
        np.testing.assert_allclose(neutral_of(watched.person), OWN, atol=0.02)

    def test_a_fast_camera_tells_no_more_than_a_slow_one(self) -> None:
        fast, slow = Watched(), Watched()
        fast.shows(OWN, 4.0, hz=120)
        slow.shows(OWN, 4.0, hz=20)
        assert fast.person.remembered_s == pytest.approx(slow.person.remembered_s, abs=0.2)


class TestGettingToKnow:
    def test_each_expression_that_ends_is_counted_and_tells_the_range(self) -> None:
        watched = Watched()
        for number in range(1, 4):
            watched.expression()
            assert watched.person.observed_expressions == watched.person.known_expressions == number
        known = known_of(watched.person)
        assert known.expressions == 3
        assert known.mean_square_movement[60:].min() > 100 * known.mean_square_movement[:60].max()
        np.testing.assert_allclose(known.neutral, OWN, atol=0.02)

    def test_rest_alone_leaves_the_range_to_the_population(self) -> None:
        watched = Watched()
        watched.shows(OWN, 30.0)
        assert known_of(watched.person).expressions == 0
        profile = people().profile_of(OWN[None].repeat(20, axis=0), watched.person.stats())
        np.testing.assert_array_equal(profile.movement_range, USUAL)

    def test_knowledge_grows_with_what_was_seen(self) -> None:
        watched, clips = Watched(), []
        for _ in range(5):
            watched.shows(OWN, CLIP_S)
            clips.append(known_of(watched.person).clips)
        np.testing.assert_allclose(clips, [1, 2, 3, 4, 5], atol=0.11)

    def test_a_slow_change_is_followed(self) -> None:
        watched = Watched()
        for step in range(60):
            watched.shows(OWN + SMILE * min(step / 20, 1), CLIP_S)
        np.testing.assert_allclose(neutral_of(watched.person), OWN + SMILE, atol=0.02)
        assert watched.person.person_id == 0

    def test_hours_are_remembered_in_bounds(self) -> None:
        """Not by a clock: more stretches than are ever kept, each of the longest there is."""
        watched = Watched()
        for _ in range(2 * MAX_EXPRESSIONS):
            watched.shows(OWN, 0.6, hz=10)
            watched.shows(OWN + SMILE, MAX_EXPRESSION_S - 0.9, strength=2.0, hz=10)
            watched.shows(OWN, 0.2, hz=10)
        person = watched.person
        assert len(person._segments) == MAX_SEGMENTS
        assert len(person._expressions) == MAX_EXPRESSIONS
        assert person.remembered_s <= MAX_SEGMENTS * MAX_EXPRESSION_S + MAX_EXPRESSION_S
        assert known_of(person).clips <= MAX_SEGMENTS
        assert person.observed_expressions == 2 * MAX_EXPRESSIONS

    def test_what_is_too_short_tells_nothing(self) -> None:
        watched = Watched()
        for _ in range(20):
            watched.shows(OWN, 0.3)
            watched.looks_away()
        assert watched.person.stats() is None

    def test_the_same_sight_gives_the_same_profile(self) -> None:
        profiles = []
        for _ in range(2):
            person, rng = PersonTracker(WINDOW_S, people(), LIMITS), np.random.default_rng(0)
            for i in range(300):
                person.add(i / 30, rng.normal(0, 0.1, 80).astype(np.float32))
                person.set_intensity(float(rng.uniform(0, 2)))
            profiles.append(person.stats())
        one, two = profiles
        assert one is not None
        assert two is not None
        np.testing.assert_array_equal(one.neutral, two.neutral)
        np.testing.assert_array_equal(one.mean_square_movement, two.mean_square_movement)


class TestAnother:
    def test_who_sits_down_after_a_break_is_not_mixed_with_who_sat_there(self) -> None:
        watched = Watched()
        for _ in range(4):
            watched.expression()
        watched.looks_away()
        watched.shows(OTHER, WINDOW_S + 0.5)
        assert watched.person.person_id == 1
        assert watched.person.observed_expressions == 0
        np.testing.assert_allclose(neutral_of(watched.person), OTHER, atol=0.02)

    def test_who_comes_while_an_earlier_break_is_in_doubt_is_not_mixed_with_who_came_back(
        self,
    ) -> None:
        watched = Watched()
        for _ in range(4):
            watched.expression()
        for _ in range(UNCONFIRMED_SEGMENTS - 1):
            watched.looks_away()
            watched.expression()
        watched.looks_away()
        assert not watched.person.confirmed
        watched.shows(OTHER, WINDOW_S + 0.5)
        assert (watched.person.person_id, watched.person.observed_expressions) == (1, 0)
        np.testing.assert_allclose(neutral_of(watched.person), OTHER, atol=0.02)

    def test_who_looks_in_for_too_short_to_be_noticed_is_not_mixed_with_who_comes_next(
        self,
    ) -> None:
        watched = Watched()
        for _ in range(6):
            watched.expression()
        second, third = (np.asarray(OWN + far * (OTHER - OWN), np.float32) for far in (0.5, 3.0))
        watched.looks_away()
        watched.shows(second, 1.0)
        watched.looks_away()
        assert watched.person.person_id == 0
        for _ in range(4):
            watched.expression(third)
        assert watched.person.person_id == 2
        np.testing.assert_allclose(neutral_of(watched.person), third, atol=0.02)

    def test_who_comes_back_is_known_still(self) -> None:
        watched = Watched()
        for _ in range(4):
            watched.expression()
            watched.looks_away()
        assert (watched.person.person_id, watched.person.observed_expressions) == (0, 4)
        watched.shows(OWN, UNCONFIRMED_SEGMENTS * CLIP_S)
        assert watched.person.confirmed

    def test_a_face_that_changes_without_a_break_is_the_same_person(self) -> None:
        """A head that turns changes its proportions too; nobody sits down in front of a face that is followed."""
        watched = Watched()
        watched.shows(OWN, 12.0)
        watched.shows(OTHER, 6.0)
        assert watched.person.person_id == 0

    def test_without_proportions_nobody_is_taken_for_another(self) -> None:
        watched = Watched(telling=None)
        watched.shows(OWN, 6.0)
        watched.looks_away()
        watched.shows(OTHER, 6.0)
        assert watched.person.person_id == 0

    def test_forgetting_starts_anew(self) -> None:
        watched = Watched()
        watched.shows(OWN, 6.0)
        watched.person.reset()
        watched.shows(OWN + 1, 1.0)
        np.testing.assert_allclose(neutral_of(watched.person), OWN + 1, atol=0.02)
        assert watched.person.person_id == 1


class TestExpected:
    def test_who_is_known_beforehand_is_known_at_once_and_better_by_and_by(self) -> None:
        watched = Watched(saved())
        assert watched.person.is_expected
        assert watched.person.known_expressions == 10
        np.testing.assert_array_equal(known_of(watched.person).neutral, OWN)
        for _ in range(UNCONFIRMED_SEGMENTS_SAVED):
            watched.expression()
        assert watched.person.is_expected
        assert watched.person.confirmed
        assert known_of(watched.person).expressions == 10 + UNCONFIRMED_SEGMENTS_SAVED
        assert known_of(watched.person).clips == pytest.approx(
            10 + UNCONFIRMED_SEGMENTS_SAVED, abs=0.5
        )

    def test_somebody_else_is_noticed_and_starts_from_nothing(self) -> None:
        watched = Watched(saved(OTHER))
        watched.shows(OWN, WINDOW_S + 0.5)
        assert not watched.person.is_expected
        assert watched.person.known_expressions == 0
        np.testing.assert_allclose(neutral_of(watched.person), OWN, atol=0.02)

    def test_after_an_absence_the_expected_person_is_expected_again(self) -> None:
        watched = Watched(saved(OTHER))
        watched.shows(OWN, 3.0)
        watched.person.depart()
        assert watched.person.is_expected
        assert not watched.person.confirmed

    def test_who_leaves_for_good_is_still_known_as_well_as_before(self) -> None:
        watched = Watched(saved())
        for _ in range(UNCONFIRMED_SEGMENTS_SAVED):
            watched.expression()
        watched.person.depart()
        kept = watched.person.confirmed_stats
        assert kept is not None
        assert kept.expressions == 10 + UNCONFIRMED_SEGMENTS_SAVED
        assert watched.person.known_expressions == 10 + UNCONFIRMED_SEGMENTS_SAVED

    def test_who_looks_in_at_the_end_takes_nothing_away_and_adds_nothing(self) -> None:
        watched = Watched(saved())
        for _ in range(UNCONFIRMED_SEGMENTS_SAVED):
            watched.expression()
        watched.looks_away()
        watched.expression(OTHER)
        watched.expression(OTHER)
        assert not watched.person.is_expected
        kept = watched.person.confirmed_stats
        assert kept is not None
        assert kept.expressions == 10 + UNCONFIRMED_SEGMENTS_SAVED
        np.testing.assert_allclose(kept.neutral, OWN, atol=0.02)

    def test_breaks_that_come_too_often_to_be_sure_of_the_last_leave_the_earlier_ones_sure(
        self,
    ) -> None:
        watched = Watched(saved())
        for _ in range(12):
            watched.expression()
            watched.looks_away()
        for _ in range(2):
            watched.expression()  # since the last break: theirs, or of whoever came
        assert not watched.person.confirmed
        kept = watched.person.confirmed_stats
        assert kept is not None
        assert kept.expressions == 22

    def test_leaving_again_and_again_weighs_no_more_than_a_long_session(self) -> None:
        watched = Watched(saved())
        for _ in range(20):
            for _ in range(UNCONFIRMED_SEGMENTS_SAVED):
                watched.expression()
            watched.person.depart()
        kept = watched.person.confirmed_stats
        assert kept is not None
        assert (kept.clips, kept.expressions) == (MAX_CLIPS, MAX_CLIPS)

    def test_where_people_cannot_be_told_apart_nothing_is_kept(self) -> None:
        before = saved()
        watched = Watched(before, telling=None)
        for _ in range(5):
            watched.expression()
        watched.person.depart()
        assert watched.person.confirmed_stats is before

    def test_a_neutral_face_that_was_refused_does_not_come_back_with_an_absence(self) -> None:
        watched = Watched(saved())
        watched.expression()
        watched.person.reset()
        for _ in range(UNCONFIRMED_SEGMENTS_SAVED):
            watched.expression()
        watched.person.depart()
        watched.expression()
        assert watched.person.neutral_reset
        assert not watched.person.is_expected
        assert watched.person.confirmed_stats is None

    def test_who_sits_in_for_another_may_take_their_own_neutral_face_anew(self) -> None:
        before = saved()
        watched = Watched(before)
        watched.looks_away()
        watched.shows(OTHER, WINDOW_S + 0.5)
        assert not watched.person.is_expected
        watched.person.reset()
        assert not watched.person.neutral_reset
        watched.person.depart()
        assert watched.person.is_expected

    def test_shapes_whose_time_stands_still_are_not_gathered_without_end(self) -> None:
        watched = Watched()
        for _ in range(3 * MAX_PENDING):
            watched.person.add(1.0, OWN)
        assert len(watched.person._open._pending) <= MAX_PENDING

    def test_what_is_in_doubt_is_not_kept(self) -> None:
        before = saved()
        watched = Watched(before)
        watched.shows(OWN, 1.0)
        assert watched.person.confirmed_stats is before

    def test_a_neutral_face_taken_anew_holds_against_what_was_saved(self) -> None:
        before = saved()
        watched = Watched(before)
        for _ in range(UNCONFIRMED_SEGMENTS_SAVED):
            watched.expression()
        watched.looks_away()
        watched.person.reset()
        assert not watched.person.is_expected
        assert watched.person.stats() is None
        assert watched.person.confirmed_stats is None
