"""Upright patch of a face: roll undone by rotation, for detectors and landmark fits.

Roll is in degrees, positive clockwise as seen in the picture; an upright face has roll 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, radians, sin

import cv2
import numpy as np

from realtime.core.messages import Floats, Image


@dataclass(frozen=True, slots=True, eq=False)
class UprightPatch:
    """Part of a picture, scaled and rotated: `gray` uint8 (h, w).

    Point p of the picture is at scale * rotation.T @ p + shift (2,).
    """

    gray: Image
    scale: float
    rotation: Floats  # (2, 2), from the patch to the picture
    shift: Floats  # (2,)

    def to_picture(self, points: Floats) -> Floats:
        """Return points (n, 2) of the patch in pixels of the picture."""
        return np.asarray(((points - self.shift) / self.scale) @ self.rotation.T, np.float32)

    def to_patch(self, points_px: Floats) -> Floats:
        """Return points (n, 2) of the picture in pixels of the patch."""
        return np.asarray(self.scale * (points_px @ self.rotation) + self.shift, np.float32)


def cut_upright(
    gray: Image,
    centre_px: tuple[float, float],
    roll_deg: float,
    size_px: tuple[int, int],
    scale: float = 1.0,
    interpolation: int = cv2.INTER_LINEAR,
) -> UprightPatch:
    """Return the surroundings of `centre_px` with a roll of `roll_deg` undone.

    `gray` is uint8 (h, w). The patch has `size_px` (width, height) with the centre in its middle;
    beyond the picture its border is repeated.
    """
    rotation = rotation_of(roll_deg)
    middle = np.array([side / 2 for side in size_px], np.float32)
    shift = middle - scale * (np.array(centre_px, np.float32) @ rotation)
    placed = np.column_stack((scale * rotation.T.astype(np.float64), shift.astype(np.float64)))
    patch = cv2.warpAffine(
        gray, placed, size_px, flags=interpolation, borderMode=cv2.BORDER_REPLICATE
    )
    return UprightPatch(np.asarray(patch, np.uint8), scale, rotation, shift)


def rotation_of(roll_deg: float) -> Floats:
    """Return the matrix (2, 2) that rolls an upright column vector; the identity at 0."""
    along, across = cos(radians(roll_deg)), sin(radians(roll_deg))
    return np.array([[along, -across], [across, along]], np.float32)
