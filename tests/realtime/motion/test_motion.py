from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from populations import plain_population
from stages import descriptor_of

from realtime.core.messages import Expression, Landmarks, Onset, Showing, ViewQuality
from realtime.motion.align import align_to_eyes
from realtime.motion.basis import MovementBasis
from realtime.motion.motion import AWAY_S, MotionStage, make_tick
from realtime.motion.resample import WindowTiming
from realtime.person.expression_watch import RestLimits
from realtime.person.known_face import FEW
from realtime.person.population import Population
from realtime.person.stats import PersonStats
from realtime.person.tracker import ExpressionThresholds

TIMING = WindowTiming(rate_hz=15, window_s=1.6, min_window_s=0.8, stride_s=0.2, smooth_s=0.033)
BASIS = MovementBasis(np.eye(80, dtype=np.float32), 3.0)
FACE = np.random.default_rng(1).uniform(0, 100, (40, 2)).astype(np.float32)
FACE[16:22] += (-60, 0)
FACE[22:28] += (60, 0)


def population() -> Population:
    return plain_population(align_to_eyes(FACE), neutral_prior=0.01, range_prior=10.0)


def landmarks(at_s: float, opened_px: float = 0.0) -> Landmarks:
    points = FACE.copy()
    points[28:36, 1] += opened_px
    return Landmarks(points, at_s, round(at_s * 30), ViewQuality(100, 120, 0))


def motion_after(
    seconds: float, opened_from_s: float = 1e9, saved: PersonStats | None = None
) -> MotionStage:
    motion = MotionStage(TIMING, population(), BASIS, saved)
    for i in range(round(seconds * 30)):
        motion.add(landmarks(i / 30, 30.0 if i / 30 >= opened_from_s else 0.0))
    return motion


def test_there_is_no_window_below_the_minimum_length() -> None:
    assert motion_after(0.7).window() is None
    window = motion_after(0.9).window()
    assert window is not None
    assert TIMING.min_frames <= len(window[0].motion) < TIMING.frames


def test_a_full_window_has_the_frames_of_the_model_and_ends_now() -> None:
    window = motion_after(3.0).window()
    assert window is not None
    assert len(window[0].motion) == TIMING.frames
    assert window[0].ended_at_s == pytest.approx(89 / 30)


def test_a_still_face_does_not_move_and_an_opened_mouth_does() -> None:
    still, opened = motion_after(3.0).window(), motion_after(3.0, opened_from_s=2.5).window()
    assert still is not None
    assert opened is not None
    assert still[1] < 0.01
    assert opened[1] > 0.3
    moved = np.abs(opened[0].motion[-1]).reshape(2, 40)[1]
    assert moved[28:36].min() > 5 * moved[:28].max()


def test_intensity_is_of_the_newest_shapes_alone() -> None:
    motion = motion_after(2.0, opened_from_s=1.2)
    for i in range(60, 72):
        motion.add(landmarks(i / 30))
    window = motion.window()
    assert window is not None
    assert np.abs(window[0].motion).max() > 0.3
    assert window[1] < 0.05


def test_saved_stats_apply_to_the_window() -> None:
    other = PersonStats(1000.0, align_to_eyes(FACE) + 0.5, np.full(80, 0.05**2, np.float32), 1000.0)
    window = motion_after(2.0, saved=other).window()
    assert window is not None
    # Ten movement ranges, clipped by the basis.
    np.testing.assert_allclose(window[0].motion[:, :40], -1.5, atol=0.01)


def test_after_a_long_absence_enrolment_starts_again() -> None:
    motion = motion_after(2.0)
    motion.add(landmarks(2.0 + AWAY_S - 0.2))
    assert motion.person.remembered_s > 2.0
    motion.add(landmarks(10.0))
    assert motion.person.remembered_s == pytest.approx(0.1)
    assert make_tick(motion, 0, 0.0, 10.0, None, landmarks(10.0)).person.person_id == 1


def test_a_poor_view_is_neither_movement_nor_neutral() -> None:
    """A head that turns away and back has not moved, and its turned face is not neutral."""
    motion = motion_after(2.0)
    remembered_s = motion.person.remembered_s
    for i in range(60, 90):
        motion.add(landmarks(i / 30, opened_px=80.0), clear=False)
    assert motion.person.remembered_s == remembered_s
    for i in range(90, 126):
        motion.add(landmarks(i / 30))
    window = motion.window()
    assert window is not None
    assert window[1] < 0.01
    assert np.abs(window[0].motion).max() < 0.1


def test_a_frame_without_landmarks_has_no_window() -> None:
    motion = motion_after(2.0)
    assert make_tick(motion, 60, 0.0, 2.0, None, None).window is None
    assert make_tick(motion, 60, 0.0, 2.0, None, landmarks(2.0)).window is not None


class TestOnset:
    """An expression through the motion stage, whose mouth opens in 0.6 s."""

    def stage(self) -> MotionStage:
        thresholds = ExpressionThresholds(0.3, 0.2)
        return MotionStage(TIMING, population(), BASIS, thresholds=thresholds)

    def show(self, motion: MotionStage, from_s: float, until_s: float) -> None:
        """Show the mouth opening from 2.0 s on."""
        for i in range(round(from_s * 30), round(until_s * 30)):
            opened_px = 30 * min(max(i / 30 - 2.0, 0.0) / 0.6, 1.0)
            motion.add(landmarks(i / 30, opened_px))

    def onset(self, motion: MotionStage, at_s: float) -> Onset | None:
        return make_tick(motion, round(at_s * 30), at_s, at_s, None, landmarks(at_s)).onset

    def test_a_tick_has_the_onset_of_the_expression_that_is_there(self) -> None:
        motion = self.stage()
        self.show(motion, 0.0, 2.0)
        assert self.onset(motion, 2.0) is None
        self.show(motion, 2.0, 4.0)
        found = self.onset(motion, 4.0)
        assert found is not None
        assert found.start_s == pytest.approx(2.15, abs=0.03)
        assert found.duration_s == pytest.approx(0.39, abs=0.03)

    def test_without_landmarks_there_is_none(self) -> None:
        motion = self.stage()
        self.show(motion, 0.0, 4.0)
        assert make_tick(motion, 120, 4.0, 4.0, None, None).onset is None

    @pytest.mark.parametrize(
        "interrupt",
        [
            lambda motion: motion.discard(),
            lambda motion: motion.add(landmarks(2.4, 20.0), clear=False),
        ],
        ids=["another face", "poor view"],
    )
    def test_after_an_interruption_there_is_none(
        self, interrupt: Callable[[MotionStage], None]
    ) -> None:
        motion = self.stage()
        self.show(motion, 0.0, 2.4)
        interrupt(motion)
        self.show(motion, 2.44, 4.0)
        assert self.onset(motion, 4.0) is None


class TestTwoPeople:
    """Two people one after another, like two joined videos, with crops and descriptors."""

    CROPS = np.random.default_rng(4).integers(40, 200, (2, 24, 24)).astype(np.uint8)

    def show(
        self,
        motion: MotionStage,
        first_s: float,
        seconds: float,
        person: int,
        crop: bool = True,
        described: bool = True,
    ) -> None:
        for i in range(round(seconds * 30)):
            at_s = first_s + i / 30
            points = FACE.copy()
            points[:5, 0] += 12.0 * person
            seen = self.CROPS[person] if crop else None
            motion.add(
                Landmarks(points, at_s, round(at_s * 30), ViewQuality(100, 120, 0), crop=seen)
            )
            if described and i % 6 == 0:
                motion.recognise(descriptor_of(person))
            if i % 6 == 5:
                motion.window()

    def after(self, pause_s: float, seconds: float, **options: bool) -> MotionStage:
        motion = MotionStage(TIMING, population(), BASIS, thresholds=ExpressionThresholds(0.5, 0.3))
        self.show(motion, 0.0, 4.0, 0, **options)
        self.show(motion, 4.0 + pause_s, seconds, 1, **options)
        return motion

    @pytest.mark.parametrize("pause_s", [0.0, 0.5, 1.9])
    def test_the_second_person_has_their_own_neutral_within_a_second(self, pause_s: float) -> None:
        person = self.after(pause_s, 1.0).person
        points = FACE.copy()
        points[:5, 0] += 12.0
        neutral = person.neutral()
        assert neutral is not None
        assert person.person_id == 1
        np.testing.assert_allclose(neutral, align_to_eyes(points), atol=0.01)

    def test_without_descriptors_they_are_one_person(self) -> None:
        assert self.after(1.9, 4.0, described=False).person.person_id == 0

    def test_a_cut_between_them_is_no_movement(self) -> None:
        motion = self.after(0.0, 0.5)
        assert motion.window() is None  # the second face is too short for one

    def test_a_cut_that_no_crop_shows_is_no_movement_once_the_person_is_told(self) -> None:
        motion = self.after(0.0, 0.2 * (FEW - 1), crop=False)
        window = motion.window()
        assert window is not None  # still with both faces
        self.show(motion, 4.0 + 0.2 * (FEW - 1), 0.2, 1, crop=False)
        assert motion.person.person_id == 1
        assert motion.window() is None

    def test_noise_on_one_face_is_no_cut(self) -> None:
        motion = MotionStage(TIMING, population(), BASIS)
        self.show(motion, 0.0, 6.0, 0)
        window = motion.window()
        assert window is not None
        assert len(window[0].motion) == TIMING.frames
        assert motion.person.confirmed

    def test_crops_of_a_poor_view_are_ignored(self) -> None:
        """A head that turned away shows something else, which is no cut."""
        motion = MotionStage(TIMING, population(), BASIS)
        self.show(motion, 0.0, 4.0, 0)
        motion.add(Landmarks(FACE, 4.0, 120, ViewQuality(100, 120, 0.9), self.CROPS[1]), False)
        self.show(motion, 4.1, 1.0, 0)
        assert motion.window() is not None
        assert (motion.person.person_id, motion.person.confirmed) == (0, True)


class TestReadOut:
    """Faces with a read-out: the neutral is learned at rest alone."""

    LIMITS = RestLimits(np.zeros(1, np.float32), np.full(1, 0.1, np.float32), 1.0, 3.0)

    def motion(self, neutral_at_s: float | None = None) -> MotionStage:
        thresholds = ExpressionThresholds(0.3, 0.2, self.LIMITS)
        motion = MotionStage(TIMING, population(), BASIS, thresholds=thresholds)
        motion.neutral_at_s = neutral_at_s
        return motion

    def show(self, motion: MotionStage, first_s: float, seconds: float, smile: float) -> None:
        for i in range(round(seconds * 30)):
            seen = landmarks(first_s + i / 30, opened_px=80.0 * smile)
            expression = Expression(("smile",), np.full(1, smile, np.float32))
            motion.add(replace(seen, expression=expression))

    def test_who_smiles_from_the_first_frame_on_has_no_neutral_yet(self) -> None:
        motion = self.motion()
        self.show(motion, 0.0, 5.0, smile=0.9)
        assert (motion.showing, motion.neutral_known) == (Showing.EXPRESSION, False)
        found = motion.window()
        assert found is not None
        assert found[1] < 0.01  # no movement away from a neutral that is not known
        self.show(motion, 5.0, 2.0, smile=0.0)
        assert (motion.showing, motion.neutral_known) == (Showing.REST, True)
        self.assert_neutral_is_rest(motion)
        self.show(motion, 7.0, 1.0, smile=0.9)
        found = motion.window()
        assert found is not None
        assert found[1] > 0.3

    def test_the_tick_says_what_the_face_shows(self) -> None:
        motion = self.motion()
        self.show(motion, 0.0, 2.0, smile=0.2)
        tick = make_tick(motion, 60, 0.0, 2.0, None, landmarks(2.0))
        assert (tick.showing, tick.neutral_known) == (Showing.UNCLEAR, False)

    def test_the_user_says_that_the_face_is_neutral(self) -> None:
        motion = self.motion()
        self.show(motion, 0.0, 2.0, smile=0.9)
        motion.reset_neutral()
        self.show(motion, 2.0, 2.0, smile=0.9)
        assert (motion.showing, motion.neutral_known) == (Showing.REST, True)

    def test_the_user_says_when_the_face_is_neutral(self) -> None:
        motion = self.motion(neutral_at_s=1.0)
        self.show(motion, 0.0, 1.0, smile=0.5)
        assert motion.showing is Showing.EXPRESSION
        self.show(motion, 1.0, 2.0, smile=0.5)
        assert (motion.showing, motion.neutral_known) == (Showing.REST, True)
        self.show(motion, 3.0, 1.0, smile=0.95)  # not taken for neutral again
        assert motion.showing is Showing.EXPRESSION
        found = motion.window()
        assert found is not None
        assert found[1] > 0.3

    def test_a_moment_that_passes_for_rest_is_no_neutral_of_a_face_that_always_smiles(self) -> None:
        motion = self.motion()
        self.show(motion, 0.0, 8.0, smile=0.9)
        self.show(motion, 8.0, 2.0, smile=0.0)
        assert (motion.showing, motion.neutral_known) == (Showing.REST, False)
        self.show(motion, 10.0, 2.0, smile=0.0)
        assert (motion.showing, motion.neutral_known) == (Showing.REST, True)

    @pytest.mark.parametrize("rest", [0.08, 0.095, 0.1, 0.105, 0.15, 0.2])
    @pytest.mark.parametrize("seed", [0, 1])
    def test_a_face_in_doubt_at_rest_gives_the_onset_of_a_smile_all_the_same(
        self, rest: float, seed: int
    ) -> None:
        """The read-out's jitter, such as a codec's, decides nothing: 0.1 is the limit of rest."""
        motion, rng = self.motion(), np.random.default_rng(seed)
        for i in range(66):
            rise = min(max((i / 30 - 0.7) / 0.25, 0.0), 1.0)
            smile = rest + 0.75 * rise
            values = np.array([smile + rng.normal(0, 0.008)], np.float32)
            seen = landmarks(i / 30, opened_px=80 * smile)
            motion.add(replace(seen, expression=Expression(("smile",), values)))
            if i % 6 == 5:
                motion.window()
        found = motion.onset()
        assert found is not None
        assert found.start_s == pytest.approx(0.76, abs=0.04)
        assert found.duration_s == pytest.approx(0.16, abs=0.04)

    @pytest.mark.parametrize(
        ("before", "counts"),
        [
            ([(2.0, 0.35)], False),
            ([(7.5, 0.35)], False),
            ([(2.0, 0.2)], True),
            ([(2.0, 0.0)], True),
        ],
        ids=["in a smile", "in a smile that is held for long", "in doubt", "at rest"],
    )
    def test_a_laugh_begins_where_no_expression_was_sure(self, before, counts: bool) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(MotionStage, "neutral_known", False)
            for after in ([], [(0.8, 0.5)], [(0.8, 0.25)]):  # and while it fades
                motion = self.motion()
                self.show_all(motion, (0.4, 0.2), *before, (1.0, 0.95), *after)
                motion.window()
                found = motion.onset()
                assert found is None or counts, (found, after)
                assert found is not None or not counts or after, after

    def test_a_face_that_was_seen_at_rest_keeps_its_neutral_while_it_is_in_doubt(self) -> None:
        motion = self.motion()
        self.show_all(motion, (4.0, 0.0), (30.0, 0.2))
        self.assert_neutral_is_rest(motion)

    def test_rest_counts_as_soon_as_it_is_seen(self) -> None:
        motion = self.motion()
        self.show_all(motion, (3.1, 0.2), (1.6, 0.0))
        self.assert_neutral_is_rest(motion)

    def test_faces_in_doubt_have_no_part_in_what_is_known_of_a_person(self) -> None:
        motion = self.motion()
        self.show_all(motion, (5.5, 0.2))
        assert motion.person.neutral() is not None
        assert motion.person.stats() is None

    def test_an_expression_that_has_just_begun_is_no_rest(self) -> None:
        """Half a second shows an expression when half of it does, so until then it shows rest."""
        motion = self.motion()
        self.show(motion, 0.0, 0.4, smile=0.0)
        self.show(motion, 0.4, 0.2, smile=0.9)
        assert motion.showing is Showing.REST
        self.assert_neutral_is_rest(motion)

    def assert_neutral_is_rest(self, motion: MotionStage) -> None:
        neutral = motion.person.neutral()
        assert neutral is not None
        np.testing.assert_allclose(neutral, align_to_eyes(FACE), atol=0.02)

    def show_all(self, motion: MotionStage, *smiles: tuple[float, float]) -> list[Showing | None]:
        """Show each smile for so many seconds; return what was showing at each end."""
        first_s, showing = 0.0, []
        for seconds, smile in smiles:
            self.show(motion, first_s, seconds, smile)
            first_s += seconds
            showing.append(motion.showing)
        return showing

    @pytest.mark.parametrize(
        "smiles",
        [
            [(2.5, 0.12), (1.5, 0.28), (1.5, 0.12), (1.5, 0.28)],
            [(1.5, 0.12), (0.8, 0.28), (1.5, 0.12), (0.8, 0.9), (1.0, 0.12), (0.8, 0.28)],
        ],
        ids=["one expression, then another", "several expressions"],
    )
    def test_the_neutral_of_who_smiles_at_rest_is_the_look_held_longest(self, smiles) -> None:
        motion = self.motion()
        assert Showing.REST not in self.show_all(motion, *smiles)
        assert motion.neutral_known
        neutral = motion.person.neutral()
        assert neutral is not None
        rest = align_to_eyes(landmarks(0.0, opened_px=80 * 0.12).points_px)
        np.testing.assert_allclose(neutral, rest, atol=0.01)

    def test_a_long_laugh_that_fades_gives_no_neutral(self) -> None:
        motion = self.motion()
        fading = [(0.3, smile) for smile in np.linspace(0.9, 0.12, 8)]
        assert Showing.REST not in self.show_all(motion, (10.0, 0.9), *fading, (3.0, 0.12))
        assert not motion.neutral_known

    def test_after_a_change_of_person_nothing_is_known_of_their_rest(self) -> None:
        motion = self.motion()
        self.show(motion, 0.0, 2.0, smile=0.09)
        self.show(motion, 2.0, 2.0, smile=0.15)
        assert motion.showing is Showing.REST  # against this person's own
        self.show(motion, 4.0 + AWAY_S + 1, 1.0, smile=0.15)
        assert motion.showing is Showing.UNCLEAR
