"""Tracking of one face: found, followed, lost and found again."""

from __future__ import annotations

import numpy as np
import pytest
from scripted_faces import (
    EMPTY,
    FRAME_S,
    LOST_FRAMES,
    ScriptedCnn,
    ScriptedDetector,
    TrackedVideo,
    haar_alone,
    middle,
)

from realtime.core.messages import BoxSource
from realtime.faces.face_search import OTHER_VIEWS, SEARCH_EVERY_S, FaceSearch
from realtime.faces.face_tracker import FaceTracker
from realtime.faces.haar_detector import SMALL, UPRIGHT, rolled_view

FOUND_FRAMES = round(SEARCH_EVERY_S / FRAME_S) + 1  # within which a face that is there is found


@pytest.fixture
def video() -> TrackedVideo:
    return TrackedVideo(FaceTracker(FaceSearch(slow=ScriptedCnn())))


def test_a_face_is_detected_by_haar_and_tracked_by_mosse(video, scene):
    first = video.show(scene((300, 180, 1.2)))
    faces = [video.show(scene((300 + 4 * step, 180 + step, 1.2))) for step in range(1, 31)]
    assert first.box_source is BoxSource.HAAR
    assert all(face.box_source is BoxSource.MOSSE and face.psr > 10 for face in faces)
    shift = np.subtract(middle(faces[-1]), middle(first))
    assert shift == pytest.approx((120, 30), abs=4)


def test_a_picture_without_a_face_gives_none(video):
    assert [video.show(EMPTY) for _ in range(30)] == [None] * 30
    assert not video.tracker.tracking


def test_lost_when_blanked_and_found_again(video, scene):
    for _ in range(10):
        assert video.show(scene((300, 180, 1.2)))
    empty = [video.show(EMPTY) for _ in range(30)]
    assert all(face is None for face in empty[LOST_FRAMES:])
    back = [video.show(scene((200, 200, 1.2))) for _ in range(FOUND_FRAMES)]
    assert back[-1]
    assert middle(back[-1]) == pytest.approx((197, 198), abs=10)


def test_a_loss_depends_on_time_and_not_on_frames(video, scene):
    video.show(scene((300, 180, 1.2)))
    assert video.show(EMPTY, step_s=1.0) is None


def test_a_short_occlusion_is_no_loss(video, scene):
    for _ in range(10):
        before = video.show(scene((300, 180, 1.2)))
    for _ in range(4):
        assert video.show(EMPTY)
    after = video.show(scene((300, 180, 1.2)))
    assert after
    assert middle(after) == pytest.approx(middle(before), abs=5)


def test_after_a_shot_cut_without_a_face_the_box_is_dropped(video, scene):
    rng = np.random.default_rng(2)
    for _ in range(10):
        video.show(scene((150, 180, 1.2)))
    elsewhere = rng.integers(0, 256, (360, 640), np.uint8)
    assert [video.show(elsewhere) for _ in range(20)][LOST_FRAMES:] == [None] * (20 - LOST_FRAMES)


def test_after_a_shot_cut_a_face_elsewhere_is_found(video, scene):
    for _ in range(10):
        video.show(scene((150, 180, 1.2)))
    faces = [video.show(scene((500, 180, 1.2))) for _ in range(LOST_FRAMES + FOUND_FRAMES)]
    assert middle(faces[-1])[0] == pytest.approx(497, abs=10)


def test_a_face_that_leaves_the_picture_is_lost(video, scene):
    faces = [video.show(scene((480 + 8 * step, 180, 1.2))) for step in range(40)]
    assert faces[5]
    assert faces[-1] is None


@pytest.mark.parametrize(
    ("left", "kept"), [(-40.0, True), (-60.0, False), (580.0, True), (600.0, False)]
)
def test_a_box_of_which_less_than_half_is_in_the_picture_is_lost(scene, left, kept):
    detector = ScriptedDetector((left, 130.0, 100.0, 100.0))
    video = TrackedVideo(haar_alone(detector))
    picture = scene((60, 180, 1.2), (590, 180, 1.2))
    video.show(picture)
    detector.boxes = []
    assert (video.show(picture) is not None) == kept


def test_of_two_faces_the_larger_is_tracked(video, scene):
    assert middle(video.show(scene((150, 180, 0.9), (450, 180, 1.3))))[0] > 320


def test_the_tracked_face_stays_when_a_larger_one_appears(video, scene):
    video.show(scene((150, 180, 1.0)))
    faces = [video.show(scene((150, 180, 1.0), (450, 180, 1.5))) for _ in range(30)]
    assert all(middle(face)[0] < 200 for face in faces)


def test_the_other_face_is_tracked_once_the_first_has_gone(video, scene):
    for _ in range(5):
        video.show(scene((150, 180, 1.5), (450, 180, 1.0)))
    faces = [video.show(scene((450, 180, 1.0))) for _ in range(LOST_FRAMES + FOUND_FRAMES)]
    assert middle(faces[-1])[0] > 400


def test_corrected_boxes_change_the_tracked_size(video, scene):
    face = video.show(scene((300, 180, 1.0)))
    side = face.box_px[2]
    for step in range(1, 31):
        scale = 1 + 0.02 * step
        x, y = middle(video.show(scene((300, 180, scale))))
        video.tracker.reseat(
            (x - side * scale / 2, y - side * scale / 2, side * scale, side * scale)
        )
    last = video.show(scene((300, 180, 1.6)))
    assert last.box_px[2] == pytest.approx(1.6 * side)
    assert last.psr > 10


def test_full_searches_are_limited_in_rate():
    detector = ScriptedDetector()
    video = TrackedVideo(haar_alone(detector))
    for _ in range(60):
        video.show(EMPTY)
    upright = detector.views.count(UPRIGHT)
    assert 10 <= upright <= 60 * FRAME_S / SEARCH_EVERY_S + 1
    assert len(detector.views) <= 2 * upright


@pytest.mark.parametrize("view", [rolled_view(30), rolled_view(-30), rolled_view(180), SMALL])
def test_a_face_found_in_another_view_is_tracked_with_the_roll_of_the_view(scene, view):
    video = TrackedVideo(haar_alone(ScriptedDetector((250.0, 130.0, 100.0, 100.0), only=view)))
    faces = (video.show(scene((300, 180, 1.2))) for _ in range(5 * len(OTHER_VIEWS)))
    first = next(face for face in faces if face)
    assert first.box_source is BoxSource.HAAR
    assert video.tracker.roll_deg == view.roll_deg
    assert video.tracker.doubtful


def test_no_other_view_is_searched_while_an_upright_face_is_tracked(scene):
    detector = ScriptedDetector((250.0, 130.0, 100.0, 100.0))
    video = TrackedVideo(haar_alone(detector))
    for _ in range(10):
        video.tracker.reseat(video.show(scene((300, 180, 1.2))).box_px)
    assert detector.views == [UPRIGHT]


def test_a_rejected_upright_detection_does_not_keep_the_other_views_from_their_turn(scene):
    detector = ScriptedDetector((20.0, 20.0, 60.0, 60.0), only=UPRIGHT)
    video = TrackedVideo(haar_alone(detector))
    for _ in range(30):
        if video.show(scene((300, 180, 1.2))):
            video.tracker.mark_unsure()
    assert {rolled_view(30), rolled_view(-30)} < set(detector.views)


def test_the_search_near_a_rolled_face_uses_its_roll_until_the_face_is_lost(scene):
    detector = ScriptedDetector((250.0, 130.0, 100.0, 100.0))
    video = TrackedVideo(haar_alone(detector))
    video.tracker.reseat(video.show(scene((300, 180, 1.2))).box_px, 35.0)
    assert video.tracker.roll_deg == 35.0
    for _ in range(4):
        video.show(EMPTY)
    assert detector.near_rolls[0] == 35.0
    video.tracker.reset()
    assert video.tracker.roll_deg == 0.0


def test_a_restarted_clock_does_not_stop_the_search(video, scene):
    video.at_s = 1000.0
    video.show(EMPTY)
    video.at_s = 0.0
    assert any(video.show(scene((300, 180, 1.2))) for _ in range(FOUND_FRAMES))


def test_a_detection_that_the_landmarks_reject_is_dropped_at_once(video, scene):
    video.show(scene((300, 180, 1.2)))
    video.tracker.mark_unsure()
    assert not video.tracker.tracking


def test_repeated_rejections_end_the_track_whatever_the_psr(scene):
    video = TrackedVideo(haar_alone(ScriptedDetector((250.0, 130.0, 100.0, 100.0))))
    for _ in range(5):
        face = video.show(scene((300, 180, 1.2)))
        video.tracker.reseat(face.box_px)
    for frame in range(LOST_FRAMES + 1):
        assert (video.show(scene((300, 180, 1.2))) is not None) == (frame < LOST_FRAMES)
        video.tracker.mark_unsure()
        if not video.tracker.tracking:
            break
    assert frame + 1 == LOST_FRAMES


def test_a_confirmed_box_clears_earlier_rejections(video, scene):
    for frame in range(30):
        face = video.show(scene((300, 180, 1.2)))
        assert face
        if frame % 3 == 1:
            video.tracker.mark_unsure()
        else:
            video.tracker.reseat(face.box_px)


def test_a_confirmed_face_of_low_psr_is_kept(scene):
    video = TrackedVideo(haar_alone(ScriptedDetector((250.0, 130.0, 100.0, 100.0))))
    video.show(scene((300, 180, 1.2)))
    for _ in range(30):
        face = video.show(EMPTY)
        assert face.psr < 8
        video.tracker.reseat(face.box_px)


def test_the_same_video_gives_the_same_faces(scene):
    def run():
        video = TrackedVideo(FaceTracker())
        return [
            video.show(scene((300 + 3 * step, 180, 1.2)) if step % 20 < 12 else EMPTY)
            for step in range(60)
        ]

    assert run() == run()
