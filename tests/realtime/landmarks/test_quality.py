from __future__ import annotations

import cv2
import numpy as np
import pytest

from realtime.faces.upright import rotation_of
from realtime.landmarks.points40 import select_40_points
from realtime.landmarks.quality import head_yaw, measure_quality

BOX = (120.0, 79.0, 88.0, 88.0)


@pytest.fixture(scope="module")
def points(predictor, gray):
    return select_40_points(predictor.predict(gray, BOX).points_px)


def test_blur_lowers_the_sharpness_step_by_step(gray, points):
    blurred = [gray, *(cv2.GaussianBlur(gray, (0, 0), sigma) for sigma in (1, 2, 4))]
    sharpness = [measure_quality(picture, points).sharpness for picture in blurred]
    assert sharpness == sorted(sharpness, reverse=True)
    assert sharpness[0] > 10 * sharpness[-1]


def test_sharpness_does_not_depend_on_the_size_of_the_face(gray, points):
    smooth = cv2.GaussianBlur(
        gray, (0, 0), 2
    )  # nothing in it that the smaller picture could not hold
    half = cv2.resize(smooth, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    double = cv2.resize(smooth, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    sizes = [(half, 0.5), (smooth, 1), (double, 2)]
    sharpness = [
        measure_quality(picture, points * np.float32(scale)).sharpness for picture, scale in sizes
    ]
    assert max(sharpness) < 2 * min(sharpness)


def test_brightness_is_the_mean_gray_of_the_face(gray, points):
    bright, dim = (
        measure_quality(gray, points).brightness,
        measure_quality(gray // 4, points).brightness,
    )
    assert 100 < bright < 220
    assert dim == pytest.approx(bright / 4, rel=0.05)


def test_only_the_face_counts(gray, points):
    left, top = points.min(axis=0).astype(int) - 2
    right, bottom = points.max(axis=0).astype(int) + 3
    alone = np.zeros_like(gray)
    alone[top:bottom, left:right] = gray[top:bottom, left:right]
    assert measure_quality(alone, points) == measure_quality(gray, points)


@pytest.mark.parametrize("roll_deg", [-40, -15, 15, 40])
def test_a_rolled_face_is_as_sharp_and_bright_as_an_upright_one(gray, points, roll_deg):
    # sharp beside the face: more of it would be in the box around a rolled face
    framed = np.where(np.indices(gray.shape).sum(axis=0) % 4 < 2, 0, 255).astype(np.uint8)
    left, top = points.min(axis=0).astype(int) - 2
    right, bottom = points.max(axis=0).astype(int) + 3
    framed[top:bottom, left:right] = cv2.GaussianBlur(gray, (0, 0), 1)[top:bottom, left:right]
    centre = tuple(float(value) for value in points.mean(axis=0))
    turn = cv2.getRotationMatrix2D(centre, -roll_deg, 1.0)
    rolled = cv2.warpAffine(framed, turn, gray.shape[::-1], flags=cv2.INTER_CUBIC)
    moved = ((points - centre) @ rotation_of(roll_deg).T + centre).astype(np.float32)
    wanted, found = measure_quality(framed, points), measure_quality(rolled, moved, roll_deg)
    assert found.sharpness == pytest.approx(wanted.sharpness, rel=0.2)
    assert found.brightness == pytest.approx(wanted.brightness, rel=0.03)
    assert found.yaw == pytest.approx(wanted.yaw, abs=1e-3)
    assert found.roll_deg - wanted.roll_deg == pytest.approx(roll_deg, abs=0.1)


def face(turn: float = 0.0, tilt_deg: float = 0.0) -> np.ndarray:
    """Return 40 points; `turn` moves the nose tip, in interocular distances."""
    points = np.zeros((40, 2), np.float32)
    points[16], points[25], points[10] = (-1, 0), (1, 0), (2 * turn, 0.8)
    angle = np.deg2rad(tilt_deg)
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return (points @ rotation.T * 40 + 160).astype(np.float32)


@pytest.mark.parametrize("tilt_deg", [0, 25, -40])
@pytest.mark.parametrize("turn", [-0.3, 0.0, 0.2])
def test_yaw_measures_the_turn_and_not_the_tilt(turn, tilt_deg):
    assert head_yaw(face(turn, tilt_deg)) == pytest.approx(2 * turn, abs=1e-4)


def test_yaw_stays_within_one():
    assert head_yaw(face(2.0)) == 1
    assert head_yaw(face(-2.0)) == -1
    assert head_yaw(np.zeros((40, 2), np.float32)) == 0


def test_a_mirrored_face_turns_the_other_way(predictor, gray, points):
    mirrored = cv2.flip(gray, 1)
    other = select_40_points(
        predictor.predict(mirrored, (320 - BOX[0] - BOX[2], *BOX[1:])).points_px
    )
    assert head_yaw(other) == pytest.approx(-head_yaw(points), abs=0.12)


@pytest.mark.parametrize("shift", [(-1000, 0), (0, 1000), (-150, -100), (250, 200)])
def test_points_beyond_the_picture_are_harmless(gray, points, shift):
    quality = measure_quality(gray, points + np.array(shift, np.float32))
    assert quality.brightness >= 0


def test_all_points_in_one_place_are_harmless(gray):
    assert measure_quality(gray, np.full((40, 2), 100, np.float32)).sharpness == 0
