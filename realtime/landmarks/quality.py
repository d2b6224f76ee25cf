"""View quality of a face: sharpness, brightness, yaw."""

from __future__ import annotations

import cv2
import numpy as np

from realtime.core.messages import Floats, Image, ViewQuality

WIDTH_PX = 96  # width at which sharpness is measured; unscaled, large faces would appear blurred

# Of the 40 points (`realtime.landmarks.points40`).
NOSE_TIP, RIGHT_EYE_CORNER, LEFT_EYE_CORNER = 10, 16, 25


def measure_quality(gray: Image, points_px: Floats) -> ViewQuality:
    """Return sharpness, brightness and yaw at the points (40, 2) of a uint8 (h, w) picture."""
    crop = _crop(gray, points_px)
    if crop.size == 0:
        return ViewQuality(sharpness=0.0, brightness=0.0, yaw=head_yaw(points_px))
    scale = WIDTH_PX / crop.shape[1]
    # Enlarging by area would add steps that measure as sharp.
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    face = cv2.resize(crop, (WIDTH_PX, max(1, round(crop.shape[0] * scale))), interpolation=how)
    edges = cv2.Laplacian(face, cv2.CV_16S)
    return ViewQuality(
        sharpness=float(edges.var()), brightness=float(face.mean()), yaw=head_yaw(points_px)
    )


def head_yaw(points_px: Floats) -> float:
    """Return the yaw of the head: -1 to 1, to the picture's left or right, 0 facing the camera.

    Twice the offset of the nose tip from the midpoint of the outer eye corners, along their line
    and in units of its length, so that roll alone gives 0.
    """
    across = points_px[LEFT_EYE_CORNER] - points_px[RIGHT_EYE_CORNER]
    way = points_px[NOSE_TIP] - (points_px[LEFT_EYE_CORNER] + points_px[RIGHT_EYE_CORNER]) / 2
    length2 = float(across @ across)
    return float(np.clip(2 * float(way @ across) / length2, -1, 1)) if length2 > 0 else 0.0


def _crop(gray: Image, points_px: Floats) -> Image:
    left, top = np.maximum(np.floor(points_px.min(axis=0)).astype(int), 0)
    right, bottom = np.ceil(points_px.max(axis=0)).astype(int)
    return gray[top : max(top, bottom), left : max(left, right)]
