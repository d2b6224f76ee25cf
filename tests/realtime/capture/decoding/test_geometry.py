from __future__ import annotations

import struct

import cv2
import numpy as np
import pytest

from realtime.capture.decoding.geometry import (
    MOST_ASPECT,
    Geometry,
    contiguous_plane,
    parse_display_matrix,
)

ONE = 0x10000
PICTURE = np.arange(6, dtype=np.uint8).reshape(2, 3)


def matrix(a: int, b: int, c: int, d: int) -> bytes:
    return struct.pack("=9i", a * ONE, b * ONE, 0, c * ONE, d * ONE, 0, 0, 0, 1 << 30)


@pytest.mark.parametrize(
    ("entries", "shown"),
    [
        ((1, 0, 0, 1), PICTURE),
        ((0, 1, -1, 0), cv2.rotate(PICTURE, cv2.ROTATE_90_CLOCKWISE)),
        ((-1, 0, 0, -1), cv2.rotate(PICTURE, cv2.ROTATE_180)),
        ((0, -1, 1, 0), cv2.rotate(PICTURE, cv2.ROTATE_90_COUNTERCLOCKWISE)),
        ((-1, 0, 0, 1), PICTURE[:, ::-1]),
        ((1, 0, 0, -1), PICTURE[::-1]),
        ((0, 1, 1, 0), PICTURE.T),
        ((0, -1, -1, 0), PICTURE[::-1, ::-1].T),
    ],
)
def test_all_eight_orientations(entries: tuple[int, int, int, int], shown: np.ndarray) -> None:
    geometry = Geometry(1.0, *parse_display_matrix(matrix(*entries)))
    np.testing.assert_array_equal(geometry.apply(PICTURE), shown)
    assert geometry.size_px(3, 2) == shown.shape[::-1]
    colours = np.dstack([PICTURE] * 3)
    np.testing.assert_array_equal(geometry.apply(colours)[..., 1], shown)


@pytest.mark.parametrize("data", [b"", bytes(35), bytes(36)])
def test_a_matrix_that_says_nothing_leaves_the_picture(data: bytes) -> None:
    assert parse_display_matrix(data) == (False, False, False)


def test_an_angle_between_is_rounded() -> None:
    slanted = struct.pack("=9i", 6000, ONE - 900, 0, 900 - ONE, 6000, 0, 0, 0, 1 << 30)
    assert parse_display_matrix(slanted) == parse_display_matrix(matrix(0, 1, -1, 0))


@pytest.mark.parametrize(
    ("aspect", "stored", "shown"),
    [
        (1.0, (640, 360), (640, 360)),
        (4 / 3, (1440, 1080), (1920, 1080)),
        (6 / 11, (704, 288), (704, 528)),
        (24 / 11, (352, 576), (768, 576)),
    ],
)
def test_square_pixels_by_growing_one_side(
    aspect: float, stored: tuple[int, int], shown: tuple[int, int]
) -> None:
    assert Geometry(aspect).size_px(*stored) == shown
    image = np.zeros(stored[::-1], np.uint8)
    assert Geometry(aspect).apply(image).shape == shown[::-1]
    turned = Geometry(aspect, transpose=True)
    assert turned.size_px(*stored) == shown[::-1]
    assert turned.apply(image).shape == shown


@pytest.mark.parametrize("aspect", [0.0, 2 * MOST_ASPECT, 0.5 / MOST_ASPECT])
def test_an_impossible_aspect_is_ignored(aspect: float) -> None:
    assert Geometry(aspect).size_px(640, 360) == (640, 360)


def test_padding_is_left_out() -> None:
    rows = memoryview(bytes(range(8)))
    assert contiguous_plane(rows, 4, 3, 2).tolist() == [[0, 1, 2], [4, 5, 6]]
