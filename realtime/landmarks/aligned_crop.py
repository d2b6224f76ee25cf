"""Small grey crop of the face aligned by the eyes, input of the appearance embedding."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from realtime.core.messages import CROP_PX, Floats, Image
from realtime.landmarks.points40 import FIRST_EYE, SECOND_EYE

# Crop in interocular distances from the midpoint of the eyes: brows to chin, cheek to cheek.
LEFT, TOP, WIDTH, HEIGHT = -0.94, -0.58, 1.88, 2.12
OVER_PX = 2 * CROP_PX  # sampled at twice the size, then halved: thin edges would flicker


def crop_aligned_face(gray: Image, points_px: Floats) -> Image:
    """Return the crop uint8 (24, 24) at points (40, 2) of a uint8 (h, w) picture, padded black.

    Raises ValueError if the eyes coincide.
    """
    first, second = (
        points_px[eye].mean(axis=0).astype(np.float64) for eye in (FIRST_EYE, SECOND_EYE)
    )
    across = second - first
    if not across.any():
        raise ValueError("both eyes are at one point; these are not landmarks of a face")
    # from eye coordinates to pixels
    turn = np.array([[across[0], -across[1]], [across[1], across[0]]])
    # pixels per column and row of the oversampled crop
    steps = turn @ np.diag([WIDTH, HEIGHT]) / OVER_PX
    start = (first + second) / 2 + turn @ (LEFT, TOP) + steps.sum(axis=1) / 2
    gray, scale, corner = _reduced_surroundings(gray, start, steps)
    placed = np.column_stack((steps / scale, (start - corner + 0.5) / scale - 0.5))
    fine = cv2.warpAffine(
        gray, placed, (OVER_PX, OVER_PX), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    )
    return np.asarray(cv2.resize(fine, (CROP_PX, CROP_PX), interpolation=cv2.INTER_AREA), np.uint8)


def _reduced_surroundings(
    gray: Image, start: NDArray[np.float64], steps: NDArray[np.float64]
) -> tuple[Image, float, NDArray[np.intp]]:
    """Return the surroundings reduced to at most a pixel per step, their scale and corner."""
    ends = start + np.array([(0, 0), (1, 0), (0, 1), (1, 1)]) @ steps.T * OVER_PX
    scale = float(np.linalg.norm(steps, axis=0).min())
    margin = max(2, math.ceil(scale))  # keeps the black border out of the crop's edge
    low = np.clip(np.floor(ends.min(axis=0)).astype(int) - margin, 0, None)
    high = np.clip(np.ceil(ends.max(axis=0)).astype(int) + margin, low + 1, None)
    near = gray[low[1] : high[1], low[0] : high[0]]
    if scale <= 1 or not near.size:
        return (near if near.size else np.zeros((1, 1), np.uint8)), 1.0, low
    size = [max(1, round(side / scale)) for side in near.shape[::-1]]
    return np.asarray(cv2.resize(near, size, interpolation=cv2.INTER_AREA), np.uint8), scale, low
