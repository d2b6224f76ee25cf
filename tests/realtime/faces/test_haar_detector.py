from __future__ import annotations

import cv2
import numpy as np
import pytest

from engines.errors import GaugeError
from realtime.faces import haar_detector
from realtime.faces.haar_detector import SMALL, UPRIGHT, HaarDetector, rolled_view


@pytest.fixture(scope="module")
def detector() -> HaarDetector:
    return HaarDetector()


def middle(box):
    x, y, width, height = box
    return x + width / 2, y + height / 2


def test_finds_the_face_where_it_is(detector, scene):
    (box,) = detector.find(scene((400, 180, 1.0)))
    # Eyes and mouth are around (82, 118) in the cropped head, whose centre is (85, 115).
    assert middle(box) == pytest.approx((397, 178), abs=8)
    assert box[2] == box[3] == pytest.approx(85, rel=0.15)


def test_boxes_are_in_the_picture_s_own_pixels(detector, scene):
    small = scene((400, 180, 1.0))
    large = cv2.resize(small, None, fx=2, fy=2, interpolation=cv2.INTER_LINEAR)
    assert np.array(detector.find(large)[0]) == pytest.approx(
        2 * np.array(detector.find(small)[0]), abs=12
    )


def test_finds_a_face_of_a_seventh_of_the_height(detector, scene):
    (box,) = detector.find(scene((200, 200, 0.6)))
    assert box[2] < 360 / 6


def test_the_largest_comes_first(detector, scene):
    boxes = detector.find(scene((150, 180, 0.8), (450, 180, 1.4)))
    assert len(boxes) == 2
    assert boxes[0][2] > boxes[1][2]
    assert middle(boxes[0])[0] > 320


def test_finds_a_face_in_the_dark(detector, scene):
    assert detector.find(scene((320, 180, 1.2)) // 10)


@pytest.mark.parametrize("level", [0, 120, 255])
def test_finds_nothing_on_a_plain_picture(detector, level):
    assert detector.find(np.full((360, 640), level, np.uint8)) == []


def test_finds_nothing_in_noise(detector):
    noise = np.random.default_rng(1).integers(0, 256, (360, 640), np.uint8)
    assert detector.find(noise) == []


def test_near_finds_the_face_that_is_there(detector, scene):
    picture = scene((400, 180, 1.0))
    (box,) = detector.find(picture)
    (again,) = detector.find_near(picture, box)
    assert again == pytest.approx(box, abs=0.12 * box[2])


def test_near_does_not_find_a_face_elsewhere(detector, scene):
    picture = scene((480, 180, 1.0))
    assert detector.find_near(picture, (80, 120, 85, 85)) == []


@pytest.mark.parametrize(
    "near", [(-40, -40, 85, 85), (600, 330, 85, 85), (2000, 2000, 85, 85), (-900, 0, 85, 85)]
)
def test_near_the_border_and_beyond_is_harmless(detector, scene, near):
    assert detector.find_near(scene((320, 180, 1.0)), near) == []


@pytest.mark.parametrize("shape", [(1, 1), (8, 640), (20, 20)])
def test_a_tiny_picture_has_no_face(detector, shape):
    views = (UPRIGHT, SMALL, rolled_view(60))
    assert [detector.find(np.zeros(shape, np.uint8), view) for view in views] == [[], [], []]


def test_an_opencv_without_cascades_says_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setattr(haar_detector.cv2, "__file__", str(tmp_path / "__init__.py"))
    with pytest.raises(GaugeError, match="pip install 'opencv-python<5'"):
        HaarDetector()


def rolled(picture: np.ndarray, roll_deg: float) -> np.ndarray:
    """Return the picture turned clockwise about its middle."""
    turn = cv2.getRotationMatrix2D((320, 180), -roll_deg, 1.0)
    return cv2.warpAffine(picture, turn, (640, 360), borderValue=120)


@pytest.mark.parametrize("roll_deg", [-130, -90, -60, -30, 30, 60, 90, 130, 180])
def test_a_rolled_face_is_found_where_it_is_in_the_view_of_its_roll(detector, scene, roll_deg):
    picture = rolled(scene((320, 180, 1.2)), roll_deg)
    (box,) = detector.find(picture, rolled_view(roll_deg))
    assert middle(box) == pytest.approx((320, 180), abs=14)
    assert box[2] == box[3] == pytest.approx(102, rel=0.2)


@pytest.mark.parametrize("place", [(110, 110), (540, 250), (110, 250)])
def test_a_rolled_face_in_a_corner_is_found(detector, scene, place):
    turn = cv2.getRotationMatrix2D(place, -30, 1.0)
    picture = cv2.warpAffine(scene((*place, 0.9)), turn, (640, 360), borderValue=120)
    boxes = detector.find(picture, rolled_view(30))
    assert [middle(box) for box in boxes] == [pytest.approx(place, abs=14)]


@pytest.mark.parametrize("roll_deg", [-40, 35, 90])
def test_near_finds_a_rolled_face_with_its_roll(detector, scene, roll_deg):
    picture = rolled(scene((320, 180, 1.2)), roll_deg)
    near = (275, 135, 102, 102)
    assert detector.find_near(picture, near) == []
    (box,) = detector.find_near(picture, near, roll_deg)
    assert middle(box) == pytest.approx((320, 180), abs=14)


@pytest.mark.parametrize("scale", [0.7, 0.8, 0.9])
def test_a_small_face_is_found_in_its_own_view(detector, scene, scale):
    canvas = np.full((720, 1280), 120, np.uint8)
    canvas[200:560, 300:940] = scene((300, 180, scale))
    (box,) = detector.find(canvas, SMALL)
    assert middle(box) == pytest.approx((600, 380), abs=8)
    assert box[2] == pytest.approx(88 * scale, rel=0.15)
