from __future__ import annotations

from dataclasses import replace
from unittest.mock import Mock

import cv2
import dlib
import numpy as np
import pytest

from realtime.core.messages import BoxSource, Expression, Frame
from realtime.faces.face_search import OTHER_VIEWS, FaceSearch
from realtime.faces.face_tracker import FaceTracker
from realtime.faces.upright import rotation_of
from realtime.landmarks.face_reader import FACE_LIKE, SURE_FACE, FaceReader
from realtime.landmarks.points40 import select_40_points
from realtime.landmarks.predictor import LandmarkFit

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


def test_a_face_in_the_dark_is_read_with_low_brightness(video, scene):
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


def ground(name: str, seed: int) -> np.ndarray:
    """Return a picture (360, 640, 3) without a face."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[:360, :640]
    plain = {
        "noise": lambda: rng.integers(0, 256, (360, 640)),
        "blobs": lambda: cv2.resize(
            rng.integers(0, 256, (23, 40), np.uint8), (640, 360), interpolation=cv2.INTER_CUBIC
        ),
        "gradient": lambda: (0.3 * rows + (0.1 + 0.05 * seed) * columns) % 256,
        "checkers": lambda: (rows // (15 + 9 * seed) + columns // (15 + 9 * seed)) % 2 * 200,
    }[name]()
    return np.repeat(np.asarray(plain, np.uint8)[..., None], 3, axis=2)


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("name", ["noise", "blobs", "gradient", "checkers"])
def test_nothing_is_read_in_any_view_of_a_picture_without_a_face(video, name, seed):
    picture = ground(name, seed)
    frames = 4 * len(OTHER_VIEWS)  # enough for every view
    assert [video.show(picture) for _ in range(frames)] == [(None, None)] * frames


def rolled(picture: np.ndarray, roll_deg: float) -> np.ndarray:
    """Return the picture turned clockwise about (300, 180)."""
    turn = cv2.getRotationMatrix2D((300, 180), -roll_deg, 1.0)
    return cv2.warpAffine(picture, turn, (640, 360), borderValue=(120, 120, 120))


def unrolled(points_px: np.ndarray, roll_deg: float) -> np.ndarray:
    """Return where points (n, 2) of the rolled picture are in the upright one."""
    return (points_px - (300, 180)) @ rotation_of(roll_deg) + (300, 180)


@pytest.mark.parametrize("roll_deg", [-40, -30, -20, -12, 14, 25, 33, 40])
def test_a_rolled_head_is_read_as_an_upright_one(predictor, scene, roll_deg):
    picture = scene((300, 180, 1.2))
    upright, video = ReadVideo(predictor), ReadVideo(predictor)
    _, wanted = [upright.show(picture) for _ in range(8)][-1]
    face, landmarks = [video.show(rolled(picture, roll_deg)) for _ in range(8)][-1]
    points = unrolled(landmarks.points_px, roll_deg)
    assert np.linalg.norm(points - wanted.points_px, axis=1).mean() < 0.02 * 53
    rolled_by = landmarks.quality.roll_deg - wanted.quality.roll_deg
    assert rolled_by == pytest.approx(roll_deg, abs=1)
    # The picture was interpolated twice: by this test, and to undo the roll.
    assert 0.6 < landmarks.quality.sharpness / wanted.quality.sharpness < 1.3
    assert landmarks.quality.brightness == pytest.approx(wanted.quality.brightness, rel=0.05)
    assert face.psr > 20


@pytest.mark.parametrize("roll_deg", [-90, -60, 60, 90, 180])
def test_a_head_rolled_too_far_is_read_with_its_roll(video, scene, roll_deg):
    picture = rolled(scene((300, 180, 1.2)), roll_deg)
    read = [video.show(picture)[1] for _ in range(4 * len(OTHER_VIEWS))]
    assert read[-1]
    assert abs(read[-1].quality.roll_deg) == pytest.approx(abs(roll_deg), abs=5)


@pytest.mark.parametrize("degrees_a_second", [15, 40, -40])
def test_a_head_that_rolls_is_followed_to_the_shoulder_and_back(video, scene, degrees_a_second):
    picture = scene((300, 180, 1.2))
    quarter = round(40 / abs(degrees_a_second) * 30)
    steps = [*range(quarter), *range(quarter, -quarter, -1), *range(-quarter, 0)]
    rolls = [degrees_a_second * step / 30 for step in steps]
    points = []
    for roll_deg in rolls:
        face, landmarks = video.show(rolled(picture, roll_deg))
        assert landmarks, f"lost at {roll_deg:.0f} degrees"
        assert face.psr > 10
        points.append(unrolled(landmarks.points_px, roll_deg))
    jumps = np.linalg.norm(np.diff(points[2:], axis=0), axis=2).mean(axis=1)
    assert jumps.max() < 0.03 * 53  # of the distance of the eyes


@pytest.mark.parametrize(("height", "side_px"), [(360, 29), (360, 32), (360, 36), (1080, 48)])
def test_a_small_face_is_read(predictor, scene, height, side_px):
    """A face 8 to 10 % as high as the picture, brows to chin; 4.4 % in a large picture."""
    video, canvas = ReadVideo(predictor), np.full((height, 16 * height // 9, 3), 120, np.uint8)
    large = scene((320, 180, 1.5))
    scale = side_px / 132  # the face is 88 px at scale 1
    small = cv2.resize(large, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    canvas[100 : 100 + len(small), 200 : 200 + small.shape[1]] = small
    read = [video.show(canvas) for _ in range(4 * len(OTHER_VIEWS))]
    face, landmarks = read[-1]
    assert landmarks
    assert face.box_px[2] == pytest.approx(side_px, rel=0.15)


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


def test_the_expression_is_read_at_the_68_points(predictor, scene):
    seen = []

    class Expressions:
        def read(self, gray, points68_px):
            seen.append((gray.shape, points68_px))
            return Expression(("smile",), np.ones(1, np.float32)), np.arange(3, dtype=np.float32)

    reader = FaceReader(predictor=predictor, expressions=Expressions())
    _, landmarks = reader.read(Frame(0, 0.0, 0.0, scene((300, 180, 1.2))))
    assert landmarks.expression.by_name() == {"smile": 1.0}
    np.testing.assert_array_equal(landmarks.appearance, [0, 1, 2])
    ((shape, points),) = seen
    assert shape == EMPTY.shape[:2]
    assert points.shape == (68, 2)
    np.testing.assert_allclose(select_40_points(points), landmarks.points_px)


def test_without_a_read_out_no_expression_is_read(video, scene):
    assert video.show(scene((300, 180, 1.2)))[1].expression is None


class OneFit:
    """Predictor whose fit always disagrees by the same amount."""

    def __init__(self, fit: LandmarkFit, disagreement: float) -> None:
        self._fit = replace(fit, disagreement=disagreement)

    def predict(self, gray, box, roll_deg=0.0) -> LandmarkFit:
        return self._fit


class BlindHog:
    def find(self, gray, long_side_px):
        return []


@pytest.mark.parametrize(
    ("disagreement", "hog_sees", "read"),
    [
        (SURE_FACE, False, True),
        (SURE_FACE + 0.001, False, False),
        (SURE_FACE + 0.001, True, True),
        (FACE_LIKE + 0.001, True, False),
    ],
)
def test_hog_decides_what_the_points_of_a_find_of_haar_leave_open(
    predictor, scene, disagreement, hog_sees, read
):
    picture = scene((320, 180, 1.5))
    fit = predictor.predict(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), (250.0, 100.0, 140.0, 140.0))
    search = FaceSearch(hog=None if hog_sees else BlindHog())
    reader = FaceReader(FaceTracker(search), OneFit(fit, disagreement))
    face, landmarks = reader.read(Frame(0, 0.0, 0.0, picture))
    assert (face is not None) == (landmarks is not None) == read


def test_what_is_loaded_early_is_not_loaded_by_a_frame(predictor, monkeypatch):
    load = Mock(side_effect=dlib.get_frontal_face_detector)
    monkeypatch.setattr(dlib, "get_frontal_face_detector", load)
    reader = FaceReader(predictor=predictor)
    reader.load_detectors()
    for index in range(10):
        reader.read(Frame(index, index / 30, 0.0, EMPTY))
    load.assert_called_once_with()
