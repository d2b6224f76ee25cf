"""View quality of a face: sharpness, brightness, yaw, roll."""

from __future__ import annotations

import cv2
import numpy as np

from realtime.core.messages import Floats, Image, ViewQuality
from realtime.faces.pyramid import Gray, Pyramid, pyramid_of
from realtime.faces.upright import cut_upright, rotation_of
from realtime.landmarks.roll import head_roll_deg

WIDTH_PX = 96  # width at which sharpness is measured; unscaled, large faces would appear blurred
LONGEST = 10.0  # height of a face in widths

# Of the 40 points (`realtime.landmarks.points40`).
NOSE_TIP, RIGHT_EYE_CORNER, LEFT_EYE_CORNER = 10, 16, 25


def measure_quality(gray: Gray, points_px: Floats, undone_deg: float = 0.0) -> ViewQuality:
    """Return the view quality at the points (40, 2) of a picture uint8 (h, w), or its pyramid.

    Sharpness and brightness are those of the face's upright rectangle once a roll of `undone_deg`
    is undone, so that a rolled head has no more background in it than an upright one.
    """
    yaw, roll_deg = head_yaw(points_px), head_roll_deg(points_px)
    face = _upright_face(pyramid_of(gray), points_px, undone_deg)
    if face is None:
        return ViewQuality(sharpness=0.0, brightness=0.0, yaw=yaw, roll_deg=roll_deg)
    _, deviation = cv2.meanStdDev(cv2.Laplacian(face, cv2.CV_16S))
    return ViewQuality(
        sharpness=deviation.item() ** 2, brightness=cv2.mean(face)[0], yaw=yaw, roll_deg=roll_deg
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


def _upright_face(gray: Pyramid, points_px: Floats, roll_deg: float) -> Image | None:
    """Return the rectangle around the points, `WIDTH_PX` wide; None outside the picture."""
    upright = points_px @ rotation_of(roll_deg)
    (left, top), (right, bottom) = upright.min(axis=0), upright.max(axis=0)
    middle = rotation_of(roll_deg) @ ((left + right) / 2, (top + bottom) / 2)
    width, height = float(right - left), float(bottom - top)
    inside = (middle >= 0).all() and (middle < gray.shape[::-1]).all()
    if not inside or not 0 < height < LONGEST * width:
        return None
    scale = WIDTH_PX / width
    size, centre = (WIDTH_PX, max(1, round(height * scale))), (float(middle[0]), float(middle[1]))
    # Linear interpolation would take a quarter of the sharpness.
    return cut_upright(gray, centre, roll_deg, size, scale, interpolation=cv2.INTER_CUBIC).gray
