from __future__ import annotations

import numpy as np
import pytest

from realtime.core.messages import BoxSource, Frame
from realtime.landmarks.face_reader import FaceReader

EMPTY = np.full((360, 640, 3), 120, np.uint8)


class ReadVideo:
    """Passes pictures to a reader at 30 frames a second."""

    def __init__(self, predictor) -> None:
        self.reader, self.index = FaceReader(predictor=predictor), -1

    def show(self, image):
        self.index += 1
        return self.reader.read(Frame(self.index, self.index / 30, 0.0, image))


@pytest.fixture
def video(predictor) -> ReadVideo:
    return ReadVideo(predictor)


def eyes_px(landmarks) -> np.ndarray:
    return landmarks.points_px[16:28].mean(axis=0)


def test_landmarks_have_the_time_and_number_of_their_frame(video, scene):
    video.index = 41
    face, landmarks = video.show(scene((300, 180, 1.2)))
    assert (landmarks.frame, landmarks.captured_at_s) == (42, 42 / 30)
    assert face.box_source is BoxSource.HAAR
    assert landmarks.quality.brightness > 50


def test_the_points_move_with_the_face(video, scene):
    _, first = video.show(scene((300, 180, 1.2)))
    for step in range(1, 25):
        face, last = video.show(scene((300 + 5 * step, 180 - step, 1.2)))
        assert face.box_source is BoxSource.MOSSE
    assert eyes_px(last) - eyes_px(first) == pytest.approx((120, -24), abs=2)


def test_the_points_grow_with_the_face(video, scene):
    def width(landmarks) -> float:
        return float(np.ptp(landmarks.points_px[:, 0]))

    first_face, first = video.show(scene((320, 180, 0.8)))
    for step in range(1, 41):
        face, last = video.show(scene((320, 180, 0.8 + 0.02 * step)))
    assert width(last) == pytest.approx(2 * width(first), rel=0.05)
    assert face.box_px[2] == pytest.approx(2 * first_face.box_px[2], rel=0.06)


def test_the_box_lies_around_the_points(video, scene):
    face, landmarks = video.show(scene((300, 180, 1.2)))
    x, y, width, height = face.box_px
    points = (landmarks.points_px - (x, y)) / (width, height)
    assert points.min() > -0.1
    assert points.max() < 1.1


def test_a_still_face_gives_still_points(video, scene):
    picture = scene((300, 180, 1.2))
    points = [video.show(picture)[1].points_px for _ in range(12)][2:]
    assert np.ptp(points, axis=0).max() < 0.03 * 53  # 3 % of the distance of the eyes


def test_no_landmarks_from_the_first_blank_frame_and_no_face_soon_after(video, scene):
    for _ in range(10):
        assert video.show(scene((300, 180, 1.2)))[1]
    blank = [video.show(EMPTY) for _ in range(15)]
    assert all(landmarks is None for _, landmarks in blank)
    assert all(face is None for face, _ in blank[7:])  # 0.2 s and a frame


def test_a_face_in_the_dark_is_read_and_called_dark(video, scene):
    _, bright = video.show(scene((300, 180, 1.2)))
    for _ in range(5):
        _, dark = video.show(scene((300, 180, 1.2)) // 8)
    assert dark.points_px == pytest.approx(
        bright.points_px, abs=0.06 * 53
    )  # 6 % of the distance of the eyes
    assert dark.quality.brightness < 25


def test_found_again_after_a_loss(video, scene):
    for picture in [scene((300, 180, 1.2))] * 5 + [EMPTY] * 15:
        video.show(picture)
    again = [video.show(scene((180, 200, 1.1))) for _ in range(4)]  # 0.1 s and a frame
    assert again[-1][1]
    assert eyes_px(again[-1][1])[0] < 220


def test_a_slow_fade_to_background_is_noticed(video, scene):
    # The tracker learns what fades in and its PSR stays high: the shape of the points tells.
    picture = scene((300, 180, 1.2)).astype(np.float32)
    clouds = (
        np.random.default_rng(4)
        .normal(size=(12, 20, 3))
        .repeat(30, axis=0)
        .repeat(32, axis=1)[:360, :640]
    )
    ground = np.clip(120 + 40 * clouds, 0, 255).astype(np.float32)
    for step in range(91):
        _, landmarks = video.show(((1 - step / 90) * picture + step / 90 * ground).astype(np.uint8))
        if step == 0:
            assert landmarks
    after = [video.show(ground.astype(np.uint8)) for _ in range(10)]
    assert after[-1] == (None, None)


def test_the_larger_face_is_read_and_stays_tracked(video, scene):
    for _ in range(5):
        _, landmarks = video.show(scene((150, 180, 0.9), (450, 180, 1.2)))
        assert eyes_px(landmarks)[0] > 320
    for _ in range(10):
        _, landmarks = video.show(scene((150, 180, 1.5), (450, 180, 1.2)))
        assert eyes_px(landmarks)[0] > 320


def test_nothing_is_read_where_there_is_no_face(video):
    noise = np.random.default_rng(0).integers(0, 256, (360, 640, 3), np.uint8)
    assert [video.show(picture) for picture in (EMPTY, noise) * 10] == [(None, None)] * 20


def test_the_same_video_gives_the_same_landmarks(predictor, scene):
    def run() -> list:
        video = ReadVideo(predictor)
        results = [
            video.show(scene((300 + 3 * step, 180, 1.2)) if step % 20 < 14 else EMPTY)
            for step in range(30)
        ]
        return [
            (face, None if landmarks is None else landmarks.points_px.tolist())
            for face, landmarks in results
        ]

    assert run() == run()


def test_a_picture_of_another_size_resets_the_tracker():
    class RecordingTracker:
        resets = 0

        def reset(self) -> None:
            self.resets += 1

        def update(self, gray, captured_at_s) -> None:
            return None

    tracker = RecordingTracker()
    reader = FaceReader(tracker, predictor=object())
    for number, height in enumerate((48, 48, 24, 24, 48)):
        reader.read(Frame(number, number / 30, 0.0, np.zeros((height, 64, 3), np.uint8)))
    assert tracker.resets == 3
