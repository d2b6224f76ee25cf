"""Small grey crop of the face aligned by the eyes, input of the appearance embedding."""

from __future__ import annotations

import cv2
import numpy as np

from realtime.core.messages import CROP_PX, Floats, Image
from realtime.faces.pyramid import Gray, pyramid_of
from realtime.landmarks.points40 import FIRST_EYE, SECOND_EYE

# Crop in interocular distances from the midpoint of the eyes: brows to chin, cheek to cheek.
LEFT, TOP, WIDTH, HEIGHT = -0.94, -0.58, 1.88, 2.12
OVER_PX = 2 * CROP_PX  # sampled at twice the size, then halved: thin edges would flicker


def crop_aligned_face(gray: Gray, points_px: Floats) -> Image:
    """Return the crop uint8 (24, 24) at points (40, 2) of a picture, padded black.

    The picture is uint8 (h, w), or its pyramid.

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
    picture, level = pyramid_of(gray).reduced(1 / float(np.linalg.norm(steps, axis=0).min()))
    placed = np.column_stack((steps / 2**level, (start + 0.5) / 2**level - 0.5))
    fine = cv2.warpAffine(
        picture, placed, (OVER_PX, OVER_PX), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    )
    return np.asarray(cv2.resize(fine, (CROP_PX, CROP_PX), interpolation=cv2.INTER_AREA), np.uint8)
