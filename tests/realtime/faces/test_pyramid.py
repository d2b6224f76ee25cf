from __future__ import annotations

import cv2
import numpy as np
import pytest

from realtime.faces.pyramid import SMALLEST_PX, Pyramid, pyramid_of
from realtime.faces.upright import cut_upright


def smooth(height: int, width: int) -> np.ndarray:
    noise = np.random.default_rng(1).normal(size=(height // 40, width // 40)).astype(np.float32)
    wide = cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC)
    return cv2.normalize(wide, None, 0, 255, cv2.NORM_MINMAX).astype(np.uint8)


@pytest.mark.parametrize(
    ("scale", "level"), [(3.0, 0), (1.0, 0), (0.51, 0), (0.5, 1), (0.3, 1), (0.25, 2), (0.1, 3)]
)
def test_the_smallest_level_that_still_holds_the_scale_is_taken(scale, level):
    picture, number = Pyramid(smooth(480, 640)).reduced(scale)
    assert number == level
    assert picture.shape == (480 >> level, 640 >> level)


@pytest.mark.parametrize("shape", [(481, 639), (97, 640), (33, 35)])
def test_odd_sides_lose_their_last_line(shape):
    picture, number = Pyramid(
        smooth(*(max(80, side) for side in shape))[: shape[0], : shape[1]]
    ).reduced(0.5)
    assert number == (1 if min(shape) // 2 >= SMALLEST_PX else 0)
    assert picture.shape == tuple(side >> number for side in shape)


def test_a_picture_is_not_halved_below_its_smallest_side():
    picture, _ = Pyramid(smooth(80, 640)).reduced(1e-6)
    assert SMALLEST_PX <= min(picture.shape) < 2 * SMALLEST_PX


def test_each_level_is_made_once():
    pyramid = Pyramid(smooth(480, 640))
    assert pyramid.reduced(0.25)[0] is pyramid.reduced(0.2)[0]
    assert pyramid.reduced(0.5)[0] is pyramid.reduced(0.5)[0]


def test_the_full_picture_stays_at_hand():
    picture = smooth(480, 640)
    pyramid = Pyramid(picture)
    pyramid.reduced(0.1)
    assert pyramid.gray is picture
    assert pyramid.shape == (480, 640)
    assert pyramid_of(pyramid) is pyramid
    assert pyramid_of(picture).gray is picture


@pytest.mark.parametrize("scale", [0.9, 0.45, 0.23, 0.12])
@pytest.mark.parametrize("roll_deg", [0.0, 30.0])
def test_a_patch_from_a_level_shows_what_one_from_the_picture_shows(scale, roll_deg):
    """The same content at the same place, to a small part of a pixel."""
    picture = smooth(960, 1280)
    patch = cut_upright(picture, (640.3, 480.7), roll_deg, (100, 80), scale)
    rows, columns = np.mgrid[10:70, 10:90].astype(np.float32)
    places = patch.to_picture(np.stack([columns.ravel(), rows.ravel()], axis=1))
    wanted = cv2.remap(
        cv2.GaussianBlur(picture, (0, 0), 0.3 / scale),
        places[:, 0].reshape(rows.shape),
        places[:, 1].reshape(rows.shape),
        cv2.INTER_LINEAR,
    )
    difference = patch.gray[10:70, 10:90].astype(float) - wanted
    assert abs(difference).mean() < 1.0
