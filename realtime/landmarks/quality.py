"""View quality of a face: sharpness, brightness, yaw, roll."""

from __future__ import annotations

import math

import cv2
import numpy as np

from realtime.core.messages import Floats, Image, ViewQuality
from realtime.faces.upright import cut_upright
from realtime.landmarks.roll import head_roll_deg

WIDTH_PX = 96  # width at which sharpness is measured; unscaled, large faces would appear blurred

# Of the 40 points (`realtime.landmarks.points40`).
NOSE_TIP, RIGHT_EYE_CORNER, LEFT_EYE_CORNER = 10, 16, 25


def measure_quality(gray: Image, points_px: Floats, undone_deg: float = 0.0) -> ViewQuality:
    """Return the view quality at the points (40, 2) of a uint8 (h, w) picture.

    Sharpness and brightness are those of the face's upright rectangle once a roll of `undone_deg`
    is undone, so that a rolled head has no more background in it than an upright one.
    """
    yaw, roll_deg = head_yaw(points_px), head_roll_deg(points_px)
    crop = _upright_crop(gray, points_px, undone_deg) if undone_deg else _crop(gray, points_px)
    if crop.size == 0:
        return ViewQuality(sharpness=0.0, brightness=0.0, yaw=yaw, roll_deg=roll_deg)
    scale = WIDTH_PX / crop.shape[1]
    # Enlarging by area would add steps that measure as sharp.
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    face = cv2.resize(crop, (WIDTH_PX, max(1, round(crop.shape[0] * scale))), interpolation=how)
    edges = cv2.Laplacian(face, cv2.CV_16S)
    return ViewQuality(
        sharpness=float(edges.var()), brightness=float(face.mean()), yaw=yaw, roll_deg=roll_deg
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


def _upright_crop(gray: Image, points_px: Floats, roll_deg: float) -> Image:
    """Return the rectangle around the points in the upright patch, within the picture's size."""
    x, y = (float(value) for value in (points_px.min(axis=0) + points_px.max(axis=0)) / 2)
    reach = 2 * math.ceil(float(np.linalg.norm(points_px - (x, y), axis=1).max())) + 2
    side = min(reach, 2 * max(gray.shape))
    # Linear interpolation would take a quarter of the sharpness.
    patch = cut_upright(gray, (x, y), roll_deg, (side, side), interpolation=cv2.INTER_CUBIC)
    return _crop(patch.gray, patch.to_patch(points_px))
