from __future__ import annotations

import numpy as np

from realtime.landmarks.points40 import FACE_LINES, FIRST_MIDPOINT, select_40_points


def points68() -> np.ndarray:
    """Return point n at (n, 100 + n), so that a misplaced point shows its number."""
    numbers = np.arange(68, dtype=np.float32)
    return np.stack([numbers, 100 + numbers], axis=1)


def test_points_follow_the_order_of_the_paper():
    copied = [*range(17, 27), *range(30, 36), *range(36, 48), 48, 50, 51, 52, 54, 56, 57, 58]
    midpoints = [8.5, 21.0, 15.5, 21.5]  # of (0, 17), (26, 16), (2, 29), (14, 29)
    assert select_40_points(points68())[:, 0].tolist() == [*copied, *midpoints]


def test_x_and_y_stay_together():
    points = select_40_points(points68())
    assert np.array_equal(points[:, 1], points[:, 0] + 100)


def test_output_is_40_float32_points():
    points = select_40_points(points68().astype(np.float64))
    assert points.shape == (40, 2)
    assert points.dtype == np.float32


def test_the_input_is_not_modified():
    points = points68()
    select_40_points(points)[:] = 0
    assert np.array_equal(points, points68())


def test_every_point_but_the_midpoints_is_on_a_face_line() -> None:
    assert {point for line in FACE_LINES for point in line} == set(range(FIRST_MIDPOINT))
