import numpy as np
import pytest
from populations import plain_population

from realtime.core.messages import Landmarks, ViewQuality
from realtime.motion.align import align_to_eyes
from realtime.motion.basis import MovementBasis
from realtime.motion.motion import AWAY_S, MotionStage, make_tick
from realtime.motion.resample import WindowTiming
from realtime.person.geometry import GeometryModel
from realtime.person.population import Population
from realtime.person.stats import PersonStats
from realtime.person.tracker import ExpressionThresholds

TIMING = WindowTiming(rate_hz=15, window_s=1.6, min_window_s=0.8, stride_s=0.2, smooth_s=0.033)
BASIS = MovementBasis(np.eye(80, dtype=np.float32), 3.0)
FACE = np.random.default_rng(1).uniform(0, 100, (40, 2)).astype(np.float32)
FACE[16:22] += (-60, 0)
FACE[22:28] += (60, 0)


def population(geometry: GeometryModel | None = None) -> Population:
    return plain_population(
        align_to_eyes(FACE), neutral_prior=0.01, range_prior=10.0, geometry=geometry
    )


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


class TestTwoPeople:
    """Tracks of two synthetic people joined like two videos."""

    # The first five x coordinates: the distance between the brows.
    GEOMETRY = GeometryModel(np.eye(80, dtype=np.float32)[:5] * 50, 4.0, 1.0)

    def faces(self, at_s: float, other: bool, opened_px: float = 0.0) -> Landmarks:
        face = landmarks(at_s, opened_px)
        points = face.points_px.copy()
        points[:5, 0] += 12.0 * other
        return Landmarks(points, at_s, face.frame, face.quality)

    def joined(self, pause_s: float, geometry: GeometryModel | None) -> MotionStage:
        """Show two people for 4 s each, `pause_s` apart; both open the mouth halfway."""
        motion = MotionStage(
            TIMING, population(geometry), BASIS, thresholds=ExpressionThresholds(0.5, 0.3)
        )
        for other in (False, True):
            for i in range(120):
                motion.add(self.faces(i / 30 + other * (4 + pause_s), other, 30.0 * (i >= 75)))
                if i % 6 == 5:
                    motion.window()
        return motion

    @pytest.mark.parametrize("pause_s", [0.0, 0.5, 1.9])
    def test_the_second_person_has_their_own_neutral_within_two_seconds(
        self, pause_s: float
    ) -> None:
        person = self.joined(pause_s, self.GEOMETRY).person
        neutral = person.neutral()
        assert neutral is not None
        assert person.person_id == 1
        np.testing.assert_allclose(
            neutral, align_to_eyes(self.faces(0.0, other=True).points_px), atol=0.01
        )

    def test_without_a_geometry_model_they_are_one_person(self) -> None:
        assert self.joined(1.9, None).person.person_id == 0

    def test_a_shot_cut_between_them_is_no_movement(self) -> None:
        motion = MotionStage(TIMING, population(self.GEOMETRY), BASIS)
        for i in range(60):
            motion.add(self.faces(i / 30, other=i >= 45))
        assert motion.window() is None  # half a second of the second face is not yet a window
