from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from engines.errors import GaugeError
from realtime.faces import dlib_detectors
from realtime.faces.dlib_detectors import (
    CnnDetector,
    HogDetector,
    ScoredBox,
    cnn_path,
    largest_first,
    load_cnn,
    reduced_to,
    scored_by_cnn,
)


def middle(box):
    return box[0] + box[2] / 2, box[1] + box[3] / 2


@pytest.fixture(scope="module", params=[HogDetector, CnnDetector])
def detector(request):
    return request.param()


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


def test_the_cnn_sees_a_head_that_is_rolled(scene):
    turn = cv2.getRotationMatrix2D((320, 180), 40, 1.0)
    rolled = cv2.warpAffine(scene((320, 180, 1.4)), turn, (640, 360), borderValue=120)
    assert not any(found.sure for found in HogDetector().find(rolled, 480))
    assert any(found.sure for found in CnnDetector().find(rolled, 480))


def test_a_weak_score_is_no_face_and_a_strong_one_is_sure():
    boxes = [(float(side), 0.0, side, side) for side in (10.0, 20.0, 30.0)]
    found = scored_by_cnn(list(zip(boxes, (1.0, 0.5, 0.1), strict=True)))
    assert found == [ScoredBox(boxes[1], sure=False), ScoredBox(boxes[0], sure=True)]


def test_equal_boxes_come_in_an_order_of_their_own():
    boxes = [ScoredBox((x, 0.0, 9.0, 9.0), True) for x in (5.0, 1.0, 3.0)]
    assert largest_first(boxes) == largest_first(boxes[::-1])


@pytest.mark.parametrize("shape", [(360, 640), (2160, 3840), (641, 359)])
def test_pictures_are_reduced_to_the_longer_side(shape):
    reduced, scale = reduced_to(np.zeros(shape, np.uint8), 320)
    assert max(reduced.shape) == 320
    assert scale == pytest.approx(320 / max(shape))


def test_a_small_picture_is_not_enlarged():
    reduced, scale = reduced_to(np.zeros((100, 200), np.uint8), 320)
    assert (reduced.shape, scale) == ((100, 200), 1.0)


def test_a_damaged_file_names_its_cure(tmp_path: Path):
    path = tmp_path / "cnn.dat"
    path.write_bytes(cnn_path().read_bytes()[:1000])
    with pytest.raises(GaugeError, match="pip install --force-reinstall"):
        load_cnn(path)


@pytest.mark.parametrize("missing", ["PACKAGE", "CNN_FILE"])
def test_a_missing_file_names_its_cure(monkeypatch, missing):
    monkeypatch.setattr(dlib_detectors, missing, "no_such_thing")
    with pytest.raises(GaugeError, match="pip install"):
        cnn_path()
