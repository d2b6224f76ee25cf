from __future__ import annotations

import numpy as np
import pytest

from realtime.landmarks.tree_kernels import TreeArrays, compiled_kernels

POWERS = 2.0 ** np.arange(-8, 8, dtype=np.float64)


def packed(value: int) -> bytes:
    """Return `value` as dlib packs it: length and sign, then the magnitude."""
    magnitude = abs(value).to_bytes((abs(value).bit_length() + 7) // 8, "little")
    return bytes([len(magnitude) | (0x80 if value < 0 else 0)]) + magnitude


def number(mantissa: int, exponent: int) -> bytes:
    return packed(mantissa) + packed(exponent)


def tree_file(leaf_exponent: int = 1) -> bytes:
    """Return one cascade of one tree: one split on pixels 1 and 0, two leaves of two numbers."""
    split = packed(1) + packed(0) + number(-3, -1)
    leaves = b"".join(
        packed(-2) + packed(-1) + number(value, leaf_exponent) + number(-value, 0)
        for value in (5, 300)
    )
    return packed(1) + packed(1) + split + packed(2) + leaves


def read(data: bytes) -> tuple[int, np.ndarray, np.ndarray, np.ndarray]:
    split_pixels = np.zeros((1, 1, 1, 2), np.int16)
    thresholds, leaves = np.zeros((1, 1, 1), np.float32), np.zeros((1, 1, 2, 2), np.float32)
    position = np.array([0])
    compiled_kernels().read_trees(
        np.frombuffer(data, np.uint8).copy(), position, POWERS, split_pixels, thresholds, leaves
    )
    return int(position[0]), split_pixels, thresholds, leaves


def test_trees_are_read_with_signs_and_exponents() -> None:
    data = tree_file()
    end, split_pixels, thresholds, leaves = read(data)
    assert end == len(data)
    assert split_pixels.tolist() == [[[[1, 0]]]]
    assert thresholds.tolist() == [[[-1.5]]]
    assert leaves.tolist() == [[[[10.0, -5.0], [600.0, -300.0]]]]


@pytest.mark.parametrize("kept", range(len(tree_file())))
def test_trees_that_end_too_early_are_refused(kept: int) -> None:
    assert read(tree_file()[:kept])[0] == -1


@pytest.mark.parametrize(
    "data", [tree_file(leaf_exponent=99), packed(2) + tree_file()[1:], b"\x0f"]
)
def test_numbers_and_counts_that_cannot_be_are_refused(data: bytes) -> None:
    assert read(data)[0] == -1


@pytest.mark.parametrize(
    ("left", "right", "moved"), [(200, 100, (0.25, 0.5)), (100, 200, (-0.25, 0.0))]
)
def test_a_split_compares_two_pixels(left: int, right: int, moved: tuple[float, float]) -> None:
    """Two points at the corners of the box, with a pixel at each; the first leaf is for more."""
    mean_shape = np.array([0, 0, 1, 1], np.float32)
    leaves = np.zeros((1, 1, 2, 4), np.float32)
    leaves[0, 0, 0, :2], leaves[0, 0, 1, :2] = (0.25, 0.5), (-0.25, 0.0)
    trees = TreeArrays(
        mean_shape,
        np.array([[[[0, 1]]]], np.int16),
        np.zeros((1, 1, 1), np.float32),
        leaves,
        np.array([[0, 1]], np.int16),
        np.zeros((1, 2, 2), np.float32),
    )
    image = np.zeros((8, 8), np.uint8)
    image[2, 1], image[6, 5] = left, right
    shapes, pixels = np.empty((1, 4), np.float32), np.empty(2, np.float32)
    chosen = np.empty(1, np.int64)
    box = np.array([[1, 2, 4]], np.float32)
    compiled_kernels().fit_shapes(image, box, trees, shapes, pixels, chosen)
    assert pixels.tolist() == [left, right]
    assert chosen.tolist() == [int(left < right)]
    assert shapes[0].tolist() == [*moved, 1.0, 1.0]
