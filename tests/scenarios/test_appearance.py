"""How a face looks, from the frames on: who comes after a break, who comes back, and a cut from one to another."""

from dataclasses import replace

import numpy as np
import pytest

from realtime.core.messages import Landmarks, ViewQuality
from realtime.motion.align import align_to_eyes
from realtime.motion.basis import MovementBasis
from realtime.motion.motion import AWAY_S, MotionStage
from realtime.motion.resample import WindowTiming
from realtime.person.appearance import PIXELS, AppearanceModel, embedding_similarity
from realtime.person.geometry import GeometryModel
from realtime.person.population import Population
from realtime.person.stats import PersonStats
from realtime.person.tracker import (
    MAX_SEGMENTS,
    UNCONFIRMED_SEGMENTS_SAVED,
    ExpressionThresholds,
    PersonTracker,
)

RNG = np.random.default_rng(11)
TIMING = WindowTiming(rate_hz=15, window_s=1.6, min_window_s=0.8, stride_s=0.2, smooth_s=0.033)
LIMITS = ExpressionThresholds(onset=1.0, offset=0.5)
USUAL = np.full(80, 0.05, np.float32)
LOOKS = AppearanceModel(
    np.asarray(np.linalg.qr(RNG.normal(0, 1, (PIXELS, 60)))[0].T, np.float32),
    np.zeros(60, np.float32),
    different_below=0.5,
    same_above=0.75,
    shot_cut_below=0.5,
)
TELLING = GeometryModel(10 * np.eye(80, dtype=np.float32)[:12], 4.0, 1.0, LOOKS)
UNLOOKED = replace(TELLING, appearance=None)

OWN = RNG.normal(0, 1, 80).astype(np.float32)
OFF = (OWN + np.r_[RNG.normal(0, 0.3, 12), np.zeros(68)]).astype(
    np.float32
)  # proportions as of somebody else
SMILE = np.r_[np.zeros(60), np.full(20, 0.3)].astype(
    np.float32
)  # moves nothing of what tells people apart
ANNA, BERT, CARA = RNG.integers(60, 190, (3, 24, 24)).astype(np.uint8)


def people(telling: GeometryModel | None = TELLING, neutral: np.ndarray = OWN) -> Population:
    nowhere, guess = np.zeros((1, 80), np.float32), np.zeros((2, 80), np.float32)
    return Population(neutral, USUAL, nowhere, nowhere, guess, 1.0, 1.0, telling)


def noisy(patch: np.ndarray | None) -> np.ndarray | None:
    return (
        None
        if patch is None
        else np.clip(patch + RNG.normal(0, 6, patch.shape), 0, 255).astype(np.uint8)
    )


class Watched:
    """People in front of a clock; strengths are told every fifth of a second, as motion does."""

    def __init__(
        self, beforehand: PersonStats | None = None, telling: GeometryModel | None = TELLING
    ) -> None:
        self.person = PersonTracker(TIMING.window_s, people(telling), LIMITS, beforehand)
        self.now_s = 0.0

    def shows(
        self,
        patch: np.ndarray | None,
        seconds: float,
        shape: np.ndarray = OWN,
        strength: float = 0.0,
    ) -> None:
        for i in range(round(seconds * 30)):
            seen = (shape + RNG.normal(0, 0.003, 80)).astype(np.float32)
            self.person.add(self.now_s, seen, noisy(patch))
            self.now_s += 1 / 30
            if i % 6 == 5:
                self.person.set_intensity(strength)

    def expression(self, patch: np.ndarray | None, shape: np.ndarray = OWN) -> None:
        self.shows(patch, 1.0, shape)
        self.shows(patch, 1.0, shape + SMILE, strength=2.0)
        self.shows(patch, 1.0, shape)

    def looks_away(self) -> None:
        self.now_s += 0.5
        self.person.interrupt()

    def leaves(self) -> None:
        self.now_s += AWAY_S + 1
        self.person.depart()
        self.person.interrupt()


def known_for(expressions: int, patch: np.ndarray | None = ANNA, **how) -> Watched:
    watched = Watched(**how)
    for _ in range(expressions):
        watched.expression(patch)
    return watched


def saved(clips: float = 10.0) -> PersonStats:
    return PersonStats(clips, OWN, np.full(80, 0.01, np.float32), clips)


def told(person: PersonTracker) -> tuple:
    return (
        person.person_id,
        person.observed_expressions,
        person.is_expected,
        person.confirmed,
        person.remembered_s,
    )


class TestAnother:
    def test_with_the_same_proportions_they_are_noticed_within_a_second(self) -> None:
        watched = known_for(4)
        watched.looks_away()
        watched.shows(BERT, 0.9)
        assert (watched.person.person_id, watched.person.observed_expressions) == (1, 0)
        assert watched.person.remembered_s == pytest.approx(0.9, abs=0.1)

    def test_by_proportions_alone_they_would_not_be(self) -> None:
        watched = known_for(4, telling=UNLOOKED)
        watched.looks_away()
        watched.shows(BERT, 6.0)
        assert watched.person.person_id == 0

    def test_without_a_break_nobody_sits_down(self) -> None:
        """What a face looks like may change: a hand, a lamp. A cut is told frame by frame (below)."""
        watched = known_for(2)
        watched.shows(BERT, 6.0)
        assert watched.person.person_id == 0

    def test_after_too_short_a_glimpse_nobody_is_told(self) -> None:
        watched = known_for(4)
        watched.looks_away()
        watched.shows(BERT, 0.3)
        assert watched.person.person_id == 0
        assert not watched.person.confirmed

    def test_one_after_another_each_is_noticed(self) -> None:
        watched = known_for(2)
        for patch in (BERT, CARA, ANNA):
            watched.looks_away()
            watched.shows(patch, 3.0)
        assert watched.person.person_id == 3

    def test_what_was_held_for_their_expression_is_none_about_their_own_rest(self) -> None:
        """Seen without pictures first, against the rest of who sat there before."""
        watched = known_for(4)
        watched.looks_away()
        watched.shows(None, 1.6, OWN + SMILE, strength=2.0)
        watched.shows(None, 0.2, OWN + SMILE)  # by then it is no expression: its stretch ends
        assert watched.person.observed_expressions == 5
        watched.shows(BERT, 1.0, OWN + SMILE)
        assert (watched.person.person_id, watched.person.observed_expressions) == (1, 0)

    def test_their_own_expression_before_they_were_noticed_is_theirs(self) -> None:
        watched = known_for(4)
        watched.looks_away()
        watched.expression(None)
        watched.shows(BERT, 1.0)
        assert (watched.person.person_id, watched.person.observed_expressions) == (1, 1)


class TestTheSame:
    def test_within_a_second_they_are_surely_the_same_though_the_proportions_are_off(self) -> None:
        watched = known_for(4)
        watched.looks_away()
        assert not watched.person.confirmed
        watched.shows(ANNA, 0.9, OFF)
        assert watched.person.confirmed
        watched.shows(ANNA, 8.0, OFF)
        assert (watched.person.person_id, watched.person.observed_expressions) == (0, 4)

    def test_by_proportions_they_would_be_taken_for_another(self) -> None:
        watched = known_for(4, telling=UNLOOKED)
        watched.looks_away()
        watched.shows(ANNA, 0.9, OFF)
        assert not watched.person.confirmed
        watched.shows(ANNA, 8.0, OFF)
        assert watched.person.person_id == 1

    def test_every_break_in_doubt_is_settled_by_one_look(self) -> None:
        watched = known_for(4)
        for _ in range(2):
            watched.looks_away()
            watched.shows(None, 1.0)
        watched.looks_away()
        watched.shows(
            ANNA, 0.6
        )  # strengths are told a fifth of a second apart: this is the first look
        assert watched.person.confirmed
        assert watched.person.confirmed_expressions == 4


class TestExpected:
    def test_who_comes_back_after_somebody_sat_in_is_expected_again(self) -> None:
        watched = known_for(UNCONFIRMED_SEGMENTS_SAVED, beforehand=saved())
        watched.looks_away()
        watched.shows(BERT, 2.0)
        assert not watched.person.is_expected
        assert watched.person.known_expressions == 0
        watched.looks_away()
        watched.shows(ANNA, 0.9)
        assert watched.person.is_expected
        assert watched.person.person_id == 2
        assert watched.person.known_expressions == 10 + UNCONFIRMED_SEGMENTS_SAVED

    def test_who_comes_back_is_in_doubt_until_a_second_look(self) -> None:
        watched = known_for(UNCONFIRMED_SEGMENTS_SAVED, beforehand=saved())
        for patch, seconds in ((BERT, 2.0), (ANNA, 0.6)):
            watched.looks_away()
            watched.shows(patch, seconds)
        assert (watched.person.is_expected, watched.person.confirmed) == (True, False)
        watched.shows(ANNA, 0.2)
        assert watched.person.confirmed

    def test_who_comes_back_and_stays_is_sure_and_is_got_to_know_better(self) -> None:
        watched = known_for(UNCONFIRMED_SEGMENTS_SAVED, beforehand=saved())
        for patch in (BERT, ANNA):
            watched.looks_away()
            watched.expression(patch)
        assert watched.person.confirmed
        kept = watched.person.confirmed_stats
        assert kept is not None
        assert (
            kept.expressions == 11 + UNCONFIRMED_SEGMENTS_SAVED
        )  # ten on file, those, one since; none of who sat in

    def test_a_third_one_is_not_taken_for_who_is_expected(self) -> None:
        watched = known_for(UNCONFIRMED_SEGMENTS_SAVED, beforehand=saved())
        for patch in (BERT, CARA):
            watched.looks_away()
            watched.shows(patch, 2.0)
        assert watched.person.person_id == 2
        assert not watched.person.is_expected

    def test_whose_looks_were_never_seen_is_not_known_again_by_them(self) -> None:
        watched = Watched(saved())
        watched.shows(BERT, 2.0, OFF)  # somebody else from the beginning, by proportions
        assert not watched.person.is_expected
        watched.looks_away()
        watched.shows(ANNA, 2.0)
        assert watched.person.person_id == 2
        assert not watched.person.is_expected

    def test_after_an_absence_looks_tell_at_once_whether_it_is_they(self) -> None:
        for patch, expected in ((ANNA, True), (BERT, False)):
            watched = known_for(UNCONFIRMED_SEGMENTS_SAVED, beforehand=saved())
            watched.leaves()
            assert watched.person.is_expected
            assert not watched.person.confirmed
            watched.shows(patch, 0.9, OFF if expected else OWN)
            assert watched.person.is_expected is expected
            assert watched.person.confirmed

    def test_who_was_refused_is_not_known_again(self) -> None:
        watched = known_for(UNCONFIRMED_SEGMENTS_SAVED, beforehand=saved())
        watched.leaves()
        watched.shows(ANNA, 2.0)
        watched.person.reset()
        watched.shows(ANNA, 2.0)
        for patch in (BERT, ANNA):
            watched.looks_away()
            watched.shows(patch, 2.0)
        assert not watched.person.is_expected
        assert watched.person.confirmed
        assert watched.person.confirmed_stats is None

    def test_how_somebody_looked_who_may_be_another_is_not_how_they_look(self) -> None:
        watched = known_for(UNCONFIRMED_SEGMENTS_SAVED, beforehand=saved())
        watched.looks_away()
        watched.shows(ANNA // 2 + BERT // 2, 3.0)  # like both of them: not told
        assert (watched.person.person_id, watched.person.confirmed) == (0, False)
        watched.leaves()
        familiar = watched.person._familiar
        assert len(familiar) >= 4
        assert min(embedding_similarity([LOOKS.embed(ANNA)], [look]) for look in familiar) > 0.9

    def test_how_they_looked_is_remembered_within_bounds(self) -> None:
        watched = Watched(saved())
        for _ in range(6):
            for _ in range(10):
                watched.shows(ANNA, 1.0)
                watched.looks_away()
            watched.leaves()
        assert 0 < len(watched.person._familiar) <= MAX_SEGMENTS


class TestWithoutPatches:
    @pytest.mark.parametrize("beforehand", [None, saved()])
    def test_everything_is_as_it_is_without_an_appearance(
        self, beforehand: PersonStats | None
    ) -> None:
        both = [Watched(beforehand, telling) for telling in (TELLING, UNLOOKED)]
        for shape in (OWN, OWN, OFF, OWN, OFF):
            for watched in both:
                watched.expression(None, shape)
                watched.looks_away()
            assert told(both[0].person) == told(both[1].person)
        assert both[0].person.person_id > 0

    def test_a_bundle_that_tells_nobody_apart_does_not_look_at_them(self) -> None:
        watched = known_for(2, telling=None)
        watched.looks_away()
        watched.shows(BERT, 6.0)
        assert watched.person.person_id == 0


class TestMotion:
    FACE = np.random.default_rng(1).uniform(0, 100, (40, 2)).astype(np.float32)
    FACE[16:22] += (-60, 0)
    FACE[22:28] += (60, 0)

    def motion(self, telling: GeometryModel | None = TELLING) -> MotionStage:
        basis = MovementBasis(np.eye(80, dtype=np.float32), 3.0)
        return MotionStage(TIMING, people(telling, align_to_eyes(self.FACE)), basis, thresholds=LIMITS)

    def see(
        self,
        motion: MotionStage,
        patch: np.ndarray | None,
        first_s: float,
        seconds: float,
        clear: bool = True,
    ) -> None:
        """The very same points all the time; a window is cut every fifth of a second."""
        for i in range(round(seconds * 30)):
            at_s = first_s + i / 30
            seen = Landmarks(
                self.FACE, at_s, round(at_s * 30), ViewQuality(100, 120, 0), noisy(patch)
            )
            motion.add(seen, clear)
            if i % 6 == 5:
                motion.window()

    def test_a_cut_between_two_frames_is_told_by_the_patch_alone(self) -> None:
        motion = self.motion()
        self.see(motion, ANNA, 0.0, 2.0)
        assert motion.window() is not None
        self.see(motion, BERT, 2.0, 0.4)
        assert motion.window() is None  # what is left is of the second face, and too short
        assert not motion.person.confirmed
        self.see(motion, BERT, 2.4, 0.6)
        assert motion.person.person_id == 1

    @pytest.mark.parametrize("telling", [UNLOOKED, None])
    def test_without_an_appearance_there_is_none(self, telling: GeometryModel | None) -> None:
        motion = self.motion(telling)
        self.see(motion, ANNA, 0.0, 2.0)
        self.see(motion, BERT, 2.0, 0.4)
        assert motion.window() is not None
        assert motion.person.person_id == 0

    def test_one_face_is_not_cut_by_its_noise(self) -> None:
        motion = self.motion()
        self.see(motion, ANNA, 0.0, 6.0)
        assert motion.person.confirmed
        found = motion.window()
        assert found is not None
        assert len(found[0].motion) == TIMING.frames

    @pytest.mark.parametrize(("patch", "number"), [(BERT, 1), (ANNA, 0)])
    def test_after_half_a_second_s_break_it_is_told_within_a_second_who_sits_there(
        self, patch: np.ndarray, number: int
    ) -> None:
        motion = self.motion()
        self.see(motion, ANNA, 0.0, 4.0)
        self.see(motion, patch, 4.5, 1.0)
        assert motion.person.person_id == number
        assert motion.person.confirmed

    def test_pictures_of_a_poor_view_are_not_looked_at(self) -> None:
        motion = self.motion()
        self.see(motion, ANNA, 0.0, 4.0)
        self.see(
            motion, BERT, 4.0, 2.0, clear=False
        )  # a head that turned away: its patch shows something else
        self.see(motion, ANNA, 6.0, 1.0)
        assert motion.person.person_id == 0
        assert motion.person.confirmed
