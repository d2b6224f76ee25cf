"""What expression and appearance are computed from: HOG of the aligned face, and its 68 points.

HOG: Dalal & Triggs, "Histograms of oriented gradients for human detection", CVPR 2005.
"""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np

from realtime.core.messages import Floats, Image
from realtime.faces.pyramid import Gray, pyramid_of

POINTS68 = 68
FIRST_EYE, SECOND_EYE = slice(36, 42), slice(42, 48)

# Crop in interocular distances from the midpoint of the eyes: forehead to chin, cheek to cheek.
LEFT, TOP, WIDTH, HEIGHT = -1.0, -0.7, 2.0, 7 / 3
SIZE_PX = (48, 56)  # width and height of the crop
CELL_PX, BINS = 8, 9
BLOCKS = (SIZE_PX[0] // CELL_PX - 1, SIZE_PX[1] // CELL_PX - 1)  # of two by two cells
HOG_VALUES = BLOCKS[0] * BLOCKS[1] * 4 * BINS
FEATURES = HOG_VALUES + 2 * POINTS68


def measure_face(gray: Gray, points68_px: Floats) -> Floats:
    """Return the features float32 (FEATURES,) of the face at points (68, 2): HOG, then the points.

    The picture is uint8 (h, w), or its pyramid. Raises ValueError if the eyes coincide.
    """
    middle, turn = _eyes(points68_px)
    points = (points68_px - middle) @ turn / (turn[0] @ turn[0])  # turned and scaled back
    hog = _hog().compute(_crop(gray, middle, turn))
    return np.concatenate((hog, points.ravel()), dtype=np.float32)


def _eyes(points68_px: Floats) -> tuple[Floats, Floats]:
    """Return the midpoint of the eyes (2,) and the matrix (2, 2) from eye coordinates to pixels."""
    first, second = points68_px[FIRST_EYE].mean(axis=0), points68_px[SECOND_EYE].mean(axis=0)
    x, y = (second - first).tolist()
    if not x and not y:
        raise ValueError("both eyes are at one point; these are not landmarks of a face")
    return (first + second) / 2, np.array([[x, -y], [y, x]], np.float32)


def _crop(gray: Gray, middle: Floats, turn: Floats) -> Image:
    """Return the aligned face uint8 (56, 48); beyond the picture its border is repeated."""
    step = turn.astype(np.float64) * (WIDTH / SIZE_PX[0])  # pixels per column and row
    start = middle + turn @ (LEFT, TOP) + step.sum(axis=1) / 2
    picture, level = pyramid_of(gray).reduced(1 / float(np.linalg.norm(step[:, 0])))
    placed = np.column_stack((step / 2**level, (start + 0.5) / 2**level - 0.5))
    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    crop = cv2.warpAffine(picture, placed, SIZE_PX, flags=how, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(crop, np.uint8)


@cache
def _hog() -> cv2.HOGDescriptor:
    cell, block = (CELL_PX, CELL_PX), (2 * CELL_PX, 2 * CELL_PX)
    return cv2.HOGDescriptor(SIZE_PX, block, cell, cell, BINS)
