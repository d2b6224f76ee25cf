"""Picture of a face as dlib's descriptor network expects it: 150 px, aligned by eyes and nose."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from realtime.core.messages import Floats, Image

CHIP_PX = 150
PADDING = 0.25  # around the face, in face sides, as in the network's training
# Eye corners and the middle of the nostrils among the 40 points, in dlib's order, and where dlib's
# mean face has them, in face sides.
POINTS5 = [25, 22, 16, 19, 13]
MEAN_FACE = np.array(
    [
        (0.8595674595992, 0.2134981538014),
        (0.6460604764104, 0.2289674387677),
        (0.1205750620789, 0.2137274526848),
        (0.3340850613712, 0.2290642403242),
        (0.4901123135679, 0.6277975316475),
    ]
)
PLACES_PX = (PADDING + MEAN_FACE) / (2 * PADDING + 1) * CHIP_PX


def cut_face_chip(gray: Image, points_px: Floats) -> Image:
    """Return the chip, uint8 (150, 150), of a uint8 (h, w) picture with points (40, 2).

    Beyond the picture it is black. Raises ValueError if the eyes and the nose coincide.
    """
    turn, shift = _similarity(points_px[POINTS5].astype(np.float64), PLACES_PX)
    scale = float(np.hypot(*turn[0]))
    gray, reduced, corner = _reduced_surroundings(gray, turn, shift, scale)
    # pixels of the reduced surroundings -> pixels of the picture -> pixels of the chip
    start = turn @ (corner + reduced / 2 - 0.5) + shift
    placed = np.column_stack((turn * reduced, start))
    size = (CHIP_PX, CHIP_PX)
    return np.asarray(cv2.warpAffine(gray, placed, size, flags=cv2.INTER_LINEAR), np.uint8)


def eyes_px(points_px: Floats) -> float:
    """Return the distance of the outer eye corners among points (40, 2)."""
    right, left = points_px[[POINTS5[0], POINTS5[2]]]
    return float(np.linalg.norm(right - left))


def _similarity(
    points: NDArray[np.float64], places: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return rotation with scale (2, 2) and shift (2,) that bring `points` nearest to `places`."""
    middle, target = points.mean(axis=0), places.mean(axis=0)
    one, other = points - middle, places - target
    spread = float(np.square(one).sum())
    if spread <= 0:
        raise ValueError("eyes and nose are at one point; these are not landmarks of a face")
    along = float((one * other).sum()) / spread
    across = float((one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0]).sum()) / spread
    turn = np.array([[along, -across], [across, along]])
    return turn, target - turn @ middle


def _reduced_surroundings(
    gray: Image, turn: NDArray[np.float64], shift: NDArray[np.float64], scale: float
) -> tuple[Image, float, NDArray[np.intp]]:
    """Return what the chip shows, reduced to about its size, by how much, and its corner."""
    corners = CHIP_PX * np.array([(0, 0), (1, 0), (0, 1), (1, 1)])
    ends = (corners - shift) @ np.linalg.inv(turn).T
    limit = np.array(gray.shape[::-1])
    low = np.clip(np.floor(ends.min(axis=0)).astype(int) - 2, 0, limit - 1)
    high = np.clip(np.ceil(ends.max(axis=0)).astype(int) + 2, low + 1, limit)
    near = gray[low[1] : high[1], low[0] : high[0]]
    factor = int(1 / scale) if scale > 0 else 1
    if factor < 2:
        return near, 1.0, low
    width, height = (max(1, side // factor) for side in near.shape[::-1])
    near = near[: height * factor, : width * factor]
    small = cv2.resize(near, (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8), float(factor), low
