from __future__ import annotations

import numpy as np

from realtime.landmarks.points40 import select_40_points


def points68() -> np.ndarray:
    """Point n at (n, 100 + n): a point that lands in a wrong place shows its number."""
    numbers = np.arange(68, dtype=np.float32)
    return np.stack([numbers, 100 + numbers], axis=1)


def test_the_order_is_the_paper_s():
    kept = [*range(17, 27), *range(30, 36), *range(36, 48), 48, 50, 51, 52, 54, 56, 57, 58]
    midpoints = [8.5, 21.0, 15.5, 21.5]  # of (0, 17), (26, 16), (2, 29), (14, 29)
    assert select_40_points(points68())[:, 0].tolist() == [*kept, *midpoints]


def test_x_and_y_go_together():
    points = select_40_points(points68())
    assert np.array_equal(points[:, 1], points[:, 0] + 100)


def test_forty_float32_points():
    points = select_40_points(points68().astype(np.float64))
    assert points.shape == (40, 2)
    assert points.dtype == np.float32


def test_the_input_is_left_alone():
    points = points68()
    select_40_points(points)[:] = 0
    assert np.array_equal(points, points68())
