"""How well a face can be seen: sharp, bright, turned."""

from __future__ import annotations

import cv2
import numpy as np

from realtime.core.messages import Floats, Image, ViewQuality

WIDTH_PX = 96  # every face is scaled to this before its sharpness is taken, or large faces would look blurred

# Of the 40 points (`realtime.landmarks.points40`).
NOSE_TIP, RIGHT_EYE_CORNER, LEFT_EYE_CORNER = 10, 16, 25


def measure_quality(gray: Image, points_px: Floats) -> ViewQuality:
    """Sharpness and brightness within the box of the points (40, 2) in a uint8 (h, w) picture, and the head's turn."""
    crop = _crop(gray, points_px)
    if crop.size == 0:
        return ViewQuality(sharpness=0.0, brightness=0.0, yaw=head_yaw(points_px))
    scale = WIDTH_PX / crop.shape[1]
    how = (
        cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    )  # enlarged by area a face gets steps, which look sharp
    face = cv2.resize(crop, (WIDTH_PX, max(1, round(crop.shape[0] * scale))), interpolation=how)
    edges = cv2.Laplacian(face, cv2.CV_16S)
    return ViewQuality(
        sharpness=float(edges.var()), brightness=float(face.mean()), yaw=head_yaw(points_px)
    )


def head_yaw(points_px: Floats) -> float:
    """How far the head is turned: -1 to 1, towards the picture's left or right, 0 facing the camera.

    Twice the way of the nose tip from the middle of the outer eye corners, along their line and in its length: a head
    that is tilted but not turned gives 0.
    """
    across = points_px[LEFT_EYE_CORNER] - points_px[RIGHT_EYE_CORNER]
    way = points_px[NOSE_TIP] - (points_px[LEFT_EYE_CORNER] + points_px[RIGHT_EYE_CORNER]) / 2
    length2 = float(across @ across)
    return float(np.clip(2 * float(way @ across) / length2, -1, 1)) if length2 > 0 else 0.0


def _crop(gray: Image, points_px: Floats) -> Image:
    left, top = np.maximum(np.floor(points_px.min(axis=0)).astype(int), 0)
    right, bottom = np.ceil(points_px.max(axis=0)).astype(int)
    return gray[top : max(top, bottom), left : max(left, right)]
