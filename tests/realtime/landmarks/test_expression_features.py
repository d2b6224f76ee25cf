from __future__ import annotations

import numpy as np
import pytest

from realtime.faces.pyramid import Pyramid
from realtime.landmarks.expression_features import (
    FEATURES,
    FIRST_EYE,
    HOG_VALUES,
    SECOND_EYE,
    measure_face,
)

POINTS = np.random.default_rng(3).uniform(-0.6, 0.6, (68, 2))  # in interocular distances
for eye, x in ((FIRST_EYE, -0.5), (SECOND_EYE, 0.5)):
    POINTS[eye] += (x, 0) - POINTS[eye].mean(axis=0)


def drawn(x_px: float, y_px: float, eyes_px: float, tilt: float = 0.0, smile: float = 0.0):
    """Return a picture (360, 480) of eyes and a mouth, and its points (68, 2)."""
    turn = eyes_px * np.array([[np.cos(tilt), -np.sin(tilt)], [np.sin(tilt), np.cos(tilt)]])
    rows, columns = np.mgrid[:360, :480]
    at = np.stack((columns, rows)).reshape(2, -1) - np.array([[x_px], [y_px]])
    x, y = np.linalg.inv(turn) @ at
    eyes = np.exp(-((np.abs(x) - 0.5) ** 2 + y**2) / 0.03)
    mouth = np.exp(-(x**2 / 0.15 + (y - 1.0 + smile * x**2) ** 2 / 0.02))
    gray = np.clip(150 + 20 * np.sin(2 * x + y) - 70 * eyes - 70 * mouth, 0, 255)
    return gray.reshape(360, 480).astype(np.uint8), (POINTS @ turn.T + (x_px, y_px)).astype("f4")


@pytest.mark.parametrize("place", [(150, 120, 60), (300.4, 150.7, 60), (240, 150, 90)])
@pytest.mark.parametrize("tilt", [0.0, -0.4, 0.7])
def test_place_size_and_tilt_have_little_effect(place, tilt: float) -> None:
    straight = measure_face(*drawn(240, 160, 60))
    moved = measure_face(*drawn(*place, tilt))
    assert (moved.dtype, moved.shape) == (np.float32, (FEATURES,))
    np.testing.assert_allclose(moved[HOG_VALUES:], straight[HOG_VALUES:], atol=1e-4)
    smiling = measure_face(*drawn(240, 160, 60, smile=1.0))
    change = np.linalg.norm(smiling[:HOG_VALUES] - straight[:HOG_VALUES])
    assert np.linalg.norm(moved[:HOG_VALUES] - straight[:HOG_VALUES]) < change / 2


def test_points_are_in_interocular_distances_from_the_middle_of_the_eyes() -> None:
    features = measure_face(*drawn(240, 160, 60, 0.3))
    np.testing.assert_allclose(features[HOG_VALUES:].reshape(68, 2), POINTS, atol=1e-4)


def test_a_pyramid_gives_the_same_as_its_picture() -> None:
    gray, points = drawn(240, 160, 60)
    np.testing.assert_array_equal(measure_face(Pyramid(gray), points), measure_face(gray, points))


def test_a_face_beyond_the_edge_is_measured() -> None:
    assert np.isfinite(measure_face(*drawn(0, 0, 60))).all()


def test_eyes_at_one_point_are_no_face() -> None:
    with pytest.raises(ValueError, match="both eyes are at one point"):
        measure_face(np.zeros((90, 90), np.uint8), np.ones((68, 2), np.float32))
