"""A small grey picture of the face, laid straight by the eyes: what tells at a glance that another face sits there."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from realtime.core.messages import CROP_PX, Floats, Image
from realtime.landmarks.points40 import FIRST_EYE, SECOND_EYE

# What the patch shows, in distances of the eyes from the middle between them: brows to chin, cheek to cheek.
LEFT, TOP, WIDTH, HEIGHT = -0.94, -0.58, 1.88, 2.12
OVER_PX = (
    2 * CROP_PX
)  # the patch is read twice as fine and then halved, or thin edges would flicker


def aligned_crop(gray: Image, points_px: Floats) -> Image:
    """The patch uint8 (24, 24) of a face with those points (40, 2) in a uint8 (h, w) picture; black beyond its edge.

    Raises ValueError where the eyes fall together.
    """
    first, second = (
        points_px[eye].mean(axis=0).astype(np.float64) for eye in (FIRST_EYE, SECOND_EYE)
    )
    across = second - first
    if not across.any():
        raise ValueError("both eyes lie on one point; these are no landmarks of a face")
    turn = np.array(
        [[across[0], -across[1]], [across[1], across[0]]]
    )  # from eye coordinates to pixels
    steps = (
        turn @ np.diag([WIDTH, HEIGHT]) / OVER_PX
    )  # of the fine patch's columns and rows, in pixels
    start = (first + second) / 2 + turn @ (LEFT, TOP) + steps.sum(axis=1) / 2
    gray, scale, corner = _near(gray, start, steps)
    placed = np.column_stack((steps / scale, (start - corner + 0.5) / scale - 0.5))
    fine = cv2.warpAffine(
        gray, placed, (OVER_PX, OVER_PX), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    )
    return np.asarray(cv2.resize(fine, (CROP_PX, CROP_PX), interpolation=cv2.INTER_AREA), np.uint8)


def _near(
    gray: Image, start: NDArray[np.float64], steps: NDArray[np.float64]
) -> tuple[Image, float, NDArray[np.intp]]:
    """The picture around the patch, so small that a step is at most a pixel; by how much smaller, and its corner."""
    ends = start + np.array([(0, 0), (1, 0), (0, 1), (1, 1)]) @ steps.T * OVER_PX
    scale = float(np.linalg.norm(steps, axis=0).min())
    around = max(
        2, math.ceil(scale)
    )  # or the patch's edge would be mixed with the black beyond this
    low = np.clip(np.floor(ends.min(axis=0)).astype(int) - around, 0, None)
    high = np.clip(np.ceil(ends.max(axis=0)).astype(int) + around, low + 1, None)
    near = gray[low[1] : high[1], low[0] : high[0]]
    if scale <= 1 or not near.size:
        return (near if near.size else np.zeros((1, 1), np.uint8)), 1.0, low
    size = [max(1, round(side / scale)) for side in near.shape[::-1]]
    return np.asarray(cv2.resize(near, size, interpolation=cv2.INTER_AREA), np.uint8), scale, low
