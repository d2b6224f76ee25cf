"""Re-identification by appearance from frames on: a new person, a return and a shot cut."""

from dataclasses import replace

import numpy as np
import pytest
from populations import plain_population

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
THRESHOLDS = ExpressionThresholds(onset=1.0, offset=0.5)
APPEARANCE = AppearanceModel(
    np.asarray(np.linalg.qr(RNG.normal(0, 1, (PIXELS, 60)))[0].T, np.float32),
    np.zeros(60, np.float32),
    different_below=0.5,
    same_above=0.75,
    shot_cut_below=0.5,
)
GEOMETRY = GeometryModel(10 * np.eye(80, dtype=np.float32)[:12], 4.0, 1.0, APPEARANCE)
GEOMETRY_ONLY = replace(GEOMETRY, appearance=None)

OWN = RNG.normal(0, 1, 80).astype(np.float32)
# OTHER has the geometry of another person; the smile leaves the geometry as it is.
OTHER = (OWN + np.r_[RNG.normal(0, 0.3, 12), np.zeros(68)]).astype(np.float32)
SMILE = np.r_[np.zeros(60), np.full(20, 0.3)].astype(np.float32)
ANNA, BERT, CARA = RNG.integers(60, 190, (3, 24, 24)).astype(np.uint8)


def population(geometry: GeometryModel | None = GEOMETRY, neutral: np.ndarray = OWN) -> Population:
    return plain_population(neutral, geometry=geometry)


def noisy(crop: np.ndarray | None) -> np.ndarray | None:
    if crop is None:
        return None
    return np.clip(crop + RNG.normal(0, 6, crop.shape), 0, 255).astype(np.uint8)


class TrackedPerson:
    """A tracker on a manual clock; it sets the intensity every 0.2 s, as the motion stage does."""

    def __init__(
        self, saved: PersonStats | None = None, geometry: GeometryModel | None = GEOMETRY
    ) -> None:
        self.person = PersonTracker(TIMING.window_s, population(geometry), THRESHOLDS, saved)
        self.now_s = 0.0

    def show(
        self,
        crop: np.ndarray | None,
        seconds: float,
        shape: np.ndarray = OWN,
        intensity: float = 0.0,
    ) -> None:
        for i in range(round(seconds * 30)):
            observed = (shape + RNG.normal(0, 0.003, 80)).astype(np.float32)
            self.person.add(self.now_s, observed, noisy(crop))
            self.now_s += 1 / 30
            if i % 6 == 5:
                self.person.set_intensity(intensity)

    def expression(self, crop: np.ndarray | None, shape: np.ndarray = OWN) -> None:
        self.show(crop, 1.0, shape)
        self.show(crop, 1.0, shape + SMILE, intensity=2.0)
        self.show(crop, 1.0, shape)

    def interrupt(self) -> None:
        self.now_s += 0.5
        self.person.interrupt()

    def leave(self) -> None:
        self.now_s += AWAY_S + 1
        self.person.depart()
        self.person.interrupt()


def enrolled(expressions: int, crop: np.ndarray | None = ANNA, **options) -> TrackedPerson:
    tracked = TrackedPerson(**options)
    for _ in range(expressions):
        tracked.expression(crop)
    return tracked


def saved_stats(clips: float = 10.0) -> PersonStats:
    return PersonStats(clips, OWN, np.full(80, 0.01, np.float32), clips)


def status_of(person: PersonTracker) -> tuple:
    return (
        person.person_id,
        person.observed_expressions,
        person.is_expected,
        person.confirmed,
        person.remembered_s,
    )


class TestDifferentPerson:
    def test_a_new_person_of_the_same_geometry_is_noticed_within_a_second(self) -> None:
        tracked = enrolled(4)
        tracked.interrupt()
        tracked.show(BERT, 0.9)
        assert (tracked.person.person_id, tracked.person.observed_expressions) == (1, 0)
        assert tracked.person.remembered_s == pytest.approx(0.9, abs=0.1)

    def test_geometry_alone_does_not_notice_them(self) -> None:
        tracked = enrolled(4, geometry=GEOMETRY_ONLY)
        tracked.interrupt()
        tracked.show(BERT, 6.0)
        assert tracked.person.person_id == 0

    def test_without_an_interruption_the_person_stays_the_same(self) -> None:
        """An appearance may change: a hand, a lamp. A shot cut is found frame by frame (below)."""
        tracked = enrolled(2)
        tracked.show(BERT, 6.0)
        assert tracked.person.person_id == 0

    def test_too_few_frames_leave_the_identity_undecided(self) -> None:
        tracked = enrolled(4)
        tracked.interrupt()
        tracked.show(BERT, 0.3)
        assert tracked.person.person_id == 0
        assert not tracked.person.confirmed

    def test_each_of_several_new_people_is_noticed(self) -> None:
        tracked = enrolled(2)
        for crop in (BERT, CARA, ANNA):
            tracked.interrupt()
            tracked.show(crop, 3.0)
        assert tracked.person.person_id == 3

    def test_an_expression_measured_from_the_wrong_neutral_is_discarded(self) -> None:
        """Without crops at first, intensity is measured from the neutral of the person before."""
        tracked = enrolled(4)
        tracked.interrupt()
        tracked.show(None, 1.6, OWN + SMILE, intensity=2.0)
        tracked.show(None, 0.2, OWN + SMILE)  # no expression any more: the segment ends
        assert tracked.person.observed_expressions == 5
        tracked.show(BERT, 1.0, OWN + SMILE)
        assert (tracked.person.person_id, tracked.person.observed_expressions) == (1, 0)

    def test_an_expression_before_the_change_was_noticed_counts_for_the_new_person(self) -> None:
        tracked = enrolled(4)
        tracked.interrupt()
        tracked.expression(None)
        tracked.show(BERT, 1.0)
        assert (tracked.person.person_id, tracked.person.observed_expressions) == (1, 1)


class TestSamePerson:
    def test_the_same_person_is_confirmed_within_a_second_despite_other_geometry(self) -> None:
        tracked = enrolled(4)
        tracked.interrupt()
        assert not tracked.person.confirmed
        tracked.show(ANNA, 0.9, OTHER)
        assert tracked.person.confirmed
        tracked.show(ANNA, 8.0, OTHER)
        assert (tracked.person.person_id, tracked.person.observed_expressions) == (0, 4)

    def test_geometry_alone_takes_them_for_another_person(self) -> None:
        tracked = enrolled(4, geometry=GEOMETRY_ONLY)
        tracked.interrupt()
        tracked.show(ANNA, 0.9, OTHER)
        assert not tracked.person.confirmed
        tracked.show(ANNA, 8.0, OTHER)
        assert tracked.person.person_id == 1

    def test_one_embedding_confirms_all_earlier_interruptions(self) -> None:
        tracked = enrolled(4)
        for _ in range(2):
            tracked.interrupt()
            tracked.show(None, 1.0)
        tracked.interrupt()
        tracked.show(ANNA, 0.6)  # up to the first embedding
        assert tracked.person.confirmed
        assert tracked.person.confirmed_expressions == 4


class TestExpectedPerson:
    def test_the_expected_person_is_recognised_after_another_person(self) -> None:
        tracked = enrolled(UNCONFIRMED_SEGMENTS_SAVED, saved=saved_stats())
        tracked.interrupt()
        tracked.show(BERT, 2.0)
        assert not tracked.person.is_expected
        assert tracked.person.known_expressions == 0
        tracked.interrupt()
        tracked.show(ANNA, 0.9)
        assert tracked.person.is_expected
        assert tracked.person.person_id == 2
        assert tracked.person.known_expressions == 10 + UNCONFIRMED_SEGMENTS_SAVED

    def test_a_returning_person_is_unconfirmed_until_a_second_embedding(self) -> None:
        tracked = enrolled(UNCONFIRMED_SEGMENTS_SAVED, saved=saved_stats())
        for crop, seconds in ((BERT, 2.0), (ANNA, 0.6)):
            tracked.interrupt()
            tracked.show(crop, seconds)
        assert (tracked.person.is_expected, tracked.person.confirmed) == (True, False)
        tracked.show(ANNA, 0.2)
        assert tracked.person.confirmed

    def test_a_returning_person_who_stays_is_confirmed_and_enrolled_further(self) -> None:
        tracked = enrolled(UNCONFIRMED_SEGMENTS_SAVED, saved=saved_stats())
        for crop in (BERT, ANNA):
            tracked.interrupt()
            tracked.expression(crop)
        assert tracked.person.confirmed
        confirmed = tracked.person.confirmed_stats
        assert confirmed is not None
        # Ten saved, those, and one since; none of the other person.
        assert confirmed.expressions == 11 + UNCONFIRMED_SEGMENTS_SAVED

    def test_a_third_person_is_not_the_expected_one(self) -> None:
        tracked = enrolled(UNCONFIRMED_SEGMENTS_SAVED, saved=saved_stats())
        for crop in (BERT, CARA):
            tracked.interrupt()
            tracked.show(crop, 2.0)
        assert tracked.person.person_id == 2
        assert not tracked.person.is_expected

    def test_a_person_without_familiar_embeddings_is_not_recognised(self) -> None:
        tracked = TrackedPerson(saved_stats())
        tracked.show(BERT, 2.0, OTHER)  # another person from the start, by geometry
        assert not tracked.person.is_expected
        tracked.interrupt()
        tracked.show(ANNA, 2.0)
        assert tracked.person.person_id == 2
        assert not tracked.person.is_expected

    def test_after_an_absence_appearance_decides_within_a_second(self) -> None:
        for crop, expected in ((ANNA, True), (BERT, False)):
            tracked = enrolled(UNCONFIRMED_SEGMENTS_SAVED, saved=saved_stats())
            tracked.leave()
            assert tracked.person.is_expected
            assert not tracked.person.confirmed
            tracked.show(crop, 0.9, OTHER if expected else OWN)
            assert tracked.person.is_expected is expected
            assert tracked.person.confirmed

    def test_after_a_reset_the_expected_person_is_not_recognised(self) -> None:
        tracked = enrolled(UNCONFIRMED_SEGMENTS_SAVED, saved=saved_stats())
        tracked.leave()
        tracked.show(ANNA, 2.0)
        tracked.person.reset()
        tracked.show(ANNA, 2.0)
        for crop in (BERT, ANNA):
            tracked.interrupt()
            tracked.show(crop, 2.0)
        assert not tracked.person.is_expected
        assert tracked.person.confirmed
        assert tracked.person.confirmed_stats is None

    def test_embeddings_of_an_undecided_person_do_not_become_familiar(self) -> None:
        tracked = enrolled(UNCONFIRMED_SEGMENTS_SAVED, saved=saved_stats())
        tracked.interrupt()
        tracked.show(ANNA // 2 + BERT // 2, 3.0)  # similar to both: undecided
        assert (tracked.person.person_id, tracked.person.confirmed) == (0, False)
        tracked.leave()
        familiar = tracked.person._familiar
        assert len(familiar) >= 4
        assert (
            min(
                embedding_similarity([APPEARANCE.embed(ANNA)], [embedding])
                for embedding in familiar
            )
            > 0.9
        )

    def test_the_number_of_familiar_embeddings_is_bounded(self) -> None:
        tracked = TrackedPerson(saved_stats())
        for _ in range(6):
            for _ in range(10):
                tracked.show(ANNA, 1.0)
                tracked.interrupt()
            tracked.leave()
        assert 0 < len(tracked.person._familiar) <= MAX_SEGMENTS


class TestWithoutCrops:
    @pytest.mark.parametrize("saved", [None, saved_stats()])
    def test_the_result_equals_that_without_an_appearance_model(
        self, saved: PersonStats | None
    ) -> None:
        both = [TrackedPerson(saved, geometry) for geometry in (GEOMETRY, GEOMETRY_ONLY)]
        for shape in (OWN, OWN, OTHER, OWN, OTHER):
            for tracked in both:
                tracked.expression(None, shape)
                tracked.interrupt()
            assert status_of(both[0].person) == status_of(both[1].person)
        assert both[0].person.person_id > 0

    def test_without_a_geometry_model_crops_are_ignored(self) -> None:
        tracked = enrolled(2, geometry=None)
        tracked.interrupt()
        tracked.show(BERT, 6.0)
        assert tracked.person.person_id == 0


class TestMotionStage:
    FACE = np.random.default_rng(1).uniform(0, 100, (40, 2)).astype(np.float32)
    FACE[16:22] += (-60, 0)
    FACE[22:28] += (60, 0)

    def motion(self, geometry: GeometryModel | None = GEOMETRY) -> MotionStage:
        basis = MovementBasis(np.eye(80, dtype=np.float32), 3.0)
        model = population(geometry, align_to_eyes(self.FACE))
        return MotionStage(TIMING, model, basis, thresholds=THRESHOLDS)

    def add_frames(
        self,
        motion: MotionStage,
        crop: np.ndarray | None,
        first_s: float,
        seconds: float,
        clear: bool = True,
    ) -> None:
        """Add frames with constant points; take a window every 0.2 s."""
        for i in range(round(seconds * 30)):
            at_s = first_s + i / 30
            landmarks = Landmarks(
                self.FACE, at_s, round(at_s * 30), ViewQuality(100, 120, 0), noisy(crop)
            )
            motion.add(landmarks, clear)
            if i % 6 == 5:
                motion.window()

    def test_a_shot_cut_is_found_by_the_crop_alone(self) -> None:
        motion = self.motion()
        self.add_frames(motion, ANNA, 0.0, 2.0)
        assert motion.window() is not None
        self.add_frames(motion, BERT, 2.0, 0.4)
        assert motion.window() is None  # the second face is too short for one
        assert not motion.person.confirmed
        self.add_frames(motion, BERT, 2.4, 0.6)
        assert motion.person.person_id == 1

    @pytest.mark.parametrize("geometry", [GEOMETRY_ONLY, None])
    def test_without_an_appearance_model_there_is_no_shot_cut(
        self, geometry: GeometryModel | None
    ) -> None:
        motion = self.motion(geometry)
        self.add_frames(motion, ANNA, 0.0, 2.0)
        self.add_frames(motion, BERT, 2.0, 0.4)
        assert motion.window() is not None
        assert motion.person.person_id == 0

    def test_noise_on_one_face_is_no_shot_cut(self) -> None:
        motion = self.motion()
        self.add_frames(motion, ANNA, 0.0, 6.0)
        assert motion.person.confirmed
        window = motion.window()
        assert window is not None
        assert len(window[0].motion) == TIMING.frames

    @pytest.mark.parametrize(("crop", "number"), [(BERT, 1), (ANNA, 0)])
    def test_after_half_a_second_the_person_is_decided_within_a_second(
        self, crop: np.ndarray, number: int
    ) -> None:
        motion = self.motion()
        self.add_frames(motion, ANNA, 0.0, 4.0)
        self.add_frames(motion, crop, 4.5, 1.0)
        assert motion.person.person_id == number
        assert motion.person.confirmed

    def test_crops_of_a_poor_view_are_ignored(self) -> None:
        motion = self.motion()
        self.add_frames(motion, ANNA, 0.0, 4.0)
        # A head that turned away: its crop shows something else.
        self.add_frames(motion, BERT, 4.0, 2.0, clear=False)
        self.add_frames(motion, ANNA, 6.0, 1.0)
        assert motion.person.person_id == 0
        assert motion.person.confirmed
