from __future__ import annotations

import cv2
import numpy as np
import pytest

from realtime.faces.hog_detector import HogDetector, reduced_to


@pytest.fixture(scope="module")
def detector() -> HogDetector:
    return HogDetector()


def middle(box):
    return box[0] + box[2] / 2, box[1] + box[3] / 2


@pytest.mark.parametrize(("x", "scale"), [(200, 1.2), (450, 1.5)])
def test_a_face_is_found_where_it_is(detector, scene, x, scale):
    found = detector.find(scene((x, 180, scale)), 480)
    assert found[0].sure
    assert middle(found[0].box) == pytest.approx((x, 170), abs=25)
    assert found[0].box[2] == pytest.approx(100 * scale, rel=0.35)


def test_boxes_are_in_pixels_of_the_full_picture(detector, scene):
    picture = scene((300, 180, 1.5))
    large = cv2.resize(picture, None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC)
    small, wide = (detector.find(gray, 480)[0].box for gray in (picture, large))
    assert wide == pytest.approx([3 * side for side in small], rel=0.1)


@pytest.mark.parametrize("picture", ["plain", "noise"])
def test_nothing_is_found_where_nothing_is(detector, picture):
    noise = np.random.default_rng(0).integers(0, 256, (360, 640), np.uint8)
    gray = noise if picture == "noise" else np.full((360, 640), 120, np.uint8)
    assert detector.find(gray, 320) == []


def test_the_larger_face_comes_first(detector, scene):
    first, second = detector.find(scene((150, 180, 1.1), (450, 180, 1.5)), 640)
    assert first.box[0] > second.box[0]


def test_a_head_rolled_too_far_for_the_detector_is_not_sure(detector, scene):
    turn = cv2.getRotationMatrix2D((320, 180), 40, 1.0)
    rolled = cv2.warpAffine(scene((320, 180, 1.4)), turn, (640, 360), borderValue=120)
    assert not any(found.sure for found in detector.find(rolled, 480))


@pytest.mark.parametrize("shape", [(360, 640), (2160, 3840), (641, 359)])
def test_pictures_are_reduced_to_the_longer_side(shape):
    reduced, scale = reduced_to(np.zeros(shape, np.uint8), 320)
    assert max(reduced.shape) == 320
    assert scale == pytest.approx(320 / max(shape))


def test_a_small_picture_is_not_enlarged():
    reduced, scale = reduced_to(np.zeros((100, 200), np.uint8), 320)
    assert (reduced.shape, scale) == ((100, 200), 1.0)
