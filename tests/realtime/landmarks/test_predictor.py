from __future__ import annotations

import sys
from importlib.machinery import ModuleSpec
from pathlib import Path

import cv2
import dlib
import numpy as np
import pytest

from engines.errors import GaugeError
from realtime.core import model_files
from realtime.faces.upright import rotation_of
from realtime.landmarks.predictor import FILE, LandmarkPredictor, dlib_box_of, model_path

BOX = (120.0, 79.0, 88.0, 88.0)  # of the portrait's face
PARTS = {  # read off the portrait by eye
    "right eye": (slice(36, 42), (142, 102)),
    "left eye": (slice(42, 48), (186, 104)),
    "nose tip": (slice(30, 31), (163, 126)),
    "mouth": (slice(48, 68), (164, 147)),
    "chin": (slice(8, 9), (164, 178)),
}


def interocular_px(points) -> float:
    return float(np.linalg.norm(points[36:42].mean(axis=0) - points[42:48].mean(axis=0)))


def distance(points, others) -> float:
    return float(np.linalg.norm(points - others, axis=1).mean() / interocular_px(others))


@pytest.fixture(scope="module")
def fit(predictor, gray):
    return predictor.predict(gray, BOX)


@pytest.mark.parametrize(("part", "where"), PARTS.values(), ids=PARTS)
def test_the_points_are_on_the_face(fit, part, where):
    assert fit.points_px.dtype == np.float32
    assert fit.points_px.shape == (68, 2)
    assert fit.points_px[part].mean(axis=0) == pytest.approx(where, abs=6)


def test_equal_calls_give_equal_points(predictor, gray, fit):
    assert np.array_equal(predictor.predict(gray, BOX).points_px, fit.points_px)


@pytest.mark.parametrize("shift", [(3, 0), (-3, 2), (0, -3)])
def test_a_slightly_wrong_box_hardly_moves_the_points(predictor, gray, fit, shift):
    moved = predictor.predict(gray, (BOX[0] + shift[0], BOX[1] + shift[1], BOX[2], BOX[3]))
    assert distance(moved.points_px, fit.points_px) < 0.03


@pytest.mark.parametrize("scale", [0.5, 2.0, 4.0])
def test_the_size_of_the_face_does_not_matter(predictor, gray, fit, scale):
    zoom = np.array([[scale, 0, 0], [0, scale, 0]])
    picture = cv2.warpAffine(
        gray, zoom, (round(320 * scale), round(320 * scale)), flags=cv2.INTER_LINEAR
    )
    points = predictor.predict(picture, tuple(scale * v for v in BOX)).points_px / scale
    assert distance(points, fit.points_px) < 0.03


def test_movement_below_a_pixel_is_measured(predictor, gray, fit):
    moved = cv2.warpAffine(gray, np.array([[1, 0, 0.5], [0, 1, 0]]), (320, 320))
    points = predictor.predict(moved, (BOX[0] + 0.5, *BOX[1:])).points_px
    assert (points - fit.points_px).mean(axis=0) == pytest.approx((0.5, 0), abs=0.15)


def test_the_three_fits_agree_on_a_face_and_nowhere_else(predictor, gray, fit):
    noise = np.random.default_rng(0).integers(0, 256, gray.shape, np.uint8)
    plain = np.full_like(gray, 128)
    assert fit.disagreement < 0.01
    assert min(predictor.predict(picture, BOX).disagreement for picture in (noise, plain)) > 0.03
    assert predictor.predict(gray, (115, 215, 100, 100)).disagreement > 0.02  # the space suit


def test_the_box_from_the_points_equals_that_of_dlibs_detector(gray, fit):
    # The detector's box sizes are 1.2 apart: average over two such steps of zoom.
    detector, boxes = dlib.get_frontal_face_detector(), []
    for zoom in np.geomspace(1, 1.44, 9):
        (found,) = detector(
            cv2.resize(gray, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_LINEAR)
        )
        boxes.append(np.array([found.left(), found.top(), found.width(), found.height()]) / zoom)
    x, y, width, height = np.mean(boxes, axis=0)
    left, top, side, _ = dlib_box_of(fit.points_px)
    assert side == pytest.approx(width, rel=0.08)
    assert (left + side / 2, top + side / 2) == pytest.approx(
        (x + width / 2, y + height / 2), abs=0.04 * width
    )


def test_the_box_from_the_points_stays_where_it_is(predictor, gray, fit):
    # Twenty frames of a still face: a biased box would drift or shrink from frame to frame.
    box = first = dlib_box_of(fit.points_px)
    for _ in range(20):
        box = dlib_box_of(predictor.predict(gray, box).points_px)
    assert box == pytest.approx(first, abs=0.04 * first[2])


def test_a_wrong_box_is_corrected_by_the_points(predictor, gray, fit):
    box = (BOX[0] + 12, BOX[1] - 10, BOX[2] * 1.15, BOX[3] * 1.15)
    for _ in range(4):
        box = dlib_box_of(predictor.predict(gray, box).points_px)
    assert box == pytest.approx(dlib_box_of(fit.points_px), abs=0.05 * BOX[2])


def test_the_box_follows_the_points():
    points = np.random.default_rng(0).normal(size=(68, 2)).astype(np.float32)
    x, y, width, height = dlib_box_of(points)
    assert width == height > 0
    assert dlib_box_of(3 * points + 50) == pytest.approx(
        (3 * x + 50, 3 * y + 50, 3 * width, 3 * height), rel=1e-4
    )


@pytest.mark.parametrize(
    "box", [(-60.0, -60.0, 88.0, 88.0), (290.0, 290.0, 88.0, 88.0), (900.0, 900.0, 50.0, 50.0)]
)
def test_a_box_beyond_the_picture_gives_finite_points(predictor, gray, box):
    assert np.isfinite(predictor.predict(gray, box).points_px).all()


def test_the_package_that_holds_the_model_is_not_imported():
    assert model_path().name == FILE
    assert "face_recognition_models" not in sys.modules


def test_a_missing_package_says_what_to_run(monkeypatch):
    monkeypatch.setattr(model_files, "find_spec", lambda name: None)
    with pytest.raises(GaugeError, match="Run `pip install face_recognition_models`"):
        LandmarkPredictor()


@pytest.mark.parametrize("content", [None, b"", b"no predictor"], ids=["missing", "empty", "other"])
def test_a_broken_package_says_which_file_and_what_to_run(monkeypatch, tmp_path, content):
    place_package(monkeypatch, tmp_path, content)
    with pytest.raises(GaugeError, match="--force-reinstall") as caught:
        LandmarkPredictor()
    assert FILE in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_truncated_file_says_what_to_run(monkeypatch, tmp_path):
    with model_path().open("rb") as whole:
        place_package(monkeypatch, tmp_path, whole.read(1_000_000))
    with pytest.raises(GaugeError, match="--force-reinstall"):
        LandmarkPredictor()


def place_package(monkeypatch, folder: Path, content: bytes | None) -> None:
    (folder / "models").mkdir()
    if content is not None:
        (folder / "models" / FILE).write_bytes(content)
    spec = ModuleSpec("face_recognition_models", None, is_package=True)
    spec.submodule_search_locations = [str(folder)]
    monkeypatch.setattr(model_files, "find_spec", lambda name: spec)


@pytest.mark.parametrize("roll_deg", [-130, -40, -15, 20, 40, 90])
def test_a_fit_with_the_roll_undone_is_that_of_the_upright_picture(predictor, gray, fit, roll_deg):
    centre = (BOX[0] + BOX[2] / 2, BOX[1] + BOX[3] / 2)
    turn = cv2.getRotationMatrix2D(centre, -roll_deg, 1.0)
    rolled = cv2.warpAffine(gray, turn, gray.shape[::-1], borderMode=cv2.BORDER_REPLICATE)
    found = predictor.predict(rolled, BOX, roll_deg)
    upright = (found.points_px - centre) @ rotation_of(roll_deg) + centre
    assert distance(upright, fit.points_px) < 0.015
    assert found.disagreement < 0.01
    x, y, side, _ = dlib_box_of(found.points_px, roll_deg)
    left, top, wanted, _ = dlib_box_of(fit.points_px)
    middle = np.array([[x + side / 2, y + side / 2]], np.float32)
    back = (middle - centre) @ rotation_of(roll_deg) + centre
    assert side == pytest.approx(wanted, rel=0.02)
    assert back[0] == pytest.approx((left + wanted / 2, top + wanted / 2), abs=1)


@pytest.mark.parametrize("roll_deg", [0.0, 25.0])
def test_kernel_and_dlib_give_the_same_points(predictor, gray, roll_deg):
    by_dlib = LandmarkPredictor("dlib").predict(gray, BOX, roll_deg)
    by_kernel = predictor.predict(gray, BOX, roll_deg)
    np.testing.assert_array_equal(by_kernel.points_px, by_dlib.points_px)
    assert by_kernel.disagreement == by_dlib.disagreement
