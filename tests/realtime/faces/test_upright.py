from __future__ import annotations

import cv2
import numpy as np
import pytest

from realtime.faces.upright import cut_upright, rotation_of

CENTRE, SIZE = (300.0, 180.0), (200, 160)
ROLLS = (-170.0, -40.0, -7.5, 0.0, 12.0, 40.0, 90.0)


def dotted(*places: tuple[float, float]) -> np.ndarray:
    """Return a black 360 x 640 picture with a white disc at each place (x, y)."""
    picture = np.zeros((360, 640), np.uint8)
    for place in places:
        cv2.circle(picture, tuple(round(16 * at) for at in place), 16 * 3, 255, -1, cv2.LINE_AA, 4)
    return picture


def brightest(gray: np.ndarray) -> tuple[float, float]:
    """Return the centre of gravity (x, y) of the light."""
    moments = cv2.moments(gray)
    return moments["m10"] / moments["m00"], moments["m01"] / moments["m00"]


def below(roll_deg: float, length_px: float) -> tuple[float, float]:
    """Return the place below the centre of a face with this roll."""
    x, y = rotation_of(roll_deg) @ (0, length_px)
    return CENTRE[0] + float(x), CENTRE[1] + float(y)


def test_a_positive_roll_turns_clockwise_in_the_picture():
    right, down = rotation_of(30.0) @ (1.0, 0.0)
    assert right > 0 < down  # y points down: what was to the right is now lower


def test_no_roll_is_the_identity_to_the_bit():
    assert rotation_of(0.0).tolist() == [[1, 0], [0, 1]]


@pytest.mark.parametrize("roll_deg", ROLLS)
@pytest.mark.parametrize("scale", [0.5, 1.0, 1.7])
def test_the_chin_of_a_rolled_face_is_below_the_middle_of_the_patch(roll_deg, scale):
    patch = cut_upright(dotted(below(roll_deg, 40)), CENTRE, roll_deg, SIZE, scale)
    assert patch.gray.shape == SIZE[::-1]
    assert brightest(patch.gray) == pytest.approx((100, 80 + 40 * scale), abs=0.5)


@pytest.mark.parametrize("roll_deg", ROLLS)
def test_points_of_the_patch_are_mapped_back_to_where_they_were(roll_deg):
    place = (330.0, 150.0)
    patch = cut_upright(dotted(place), CENTRE, roll_deg, SIZE, 1.5)
    found = np.array([brightest(patch.gray)], np.float32)
    assert patch.to_picture(found)[0] == pytest.approx(place, abs=0.4)
    assert patch.to_patch(np.array([place], np.float32))[0] == pytest.approx(found[0], abs=0.6)


@pytest.mark.parametrize("roll_deg", ROLLS)
def test_there_and_back_is_the_same_place(roll_deg):
    patch = cut_upright(dotted(), CENTRE, roll_deg, SIZE, 0.7)
    points = np.random.default_rng(0).uniform(0, 640, (40, 2)).astype(np.float32)
    assert patch.to_picture(patch.to_patch(points)) == pytest.approx(points, abs=1e-3)


def test_beyond_the_picture_its_border_is_repeated():
    patch = cut_upright(np.full((360, 640), 90, np.uint8), (0.0, 0.0), 25.0, SIZE)
    assert (patch.gray == 90).all()
