"""Upright patch of a face: roll undone by rotation, for detectors and landmark fits.

Roll is in degrees, positive clockwise as seen in the picture; an upright face has roll 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, radians, sin

import cv2
import numpy as np

from realtime.core.messages import Box, Floats, Image
from realtime.faces.pyramid import Gray, pyramid_of


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

    def box_in_picture(self, box: Box) -> Box:
        """Return a box of the patch in pixels of the picture, its sides along the picture's."""
        x, y, width, height = box
        middle = self.to_picture(np.array([(x + width / 2, y + height / 2)], np.float32))[0]
        width, height = width / self.scale, height / self.scale
        return (float(middle[0]) - width / 2, float(middle[1]) - height / 2, width, height)

    def to_patch(self, points_px: Floats) -> Floats:
        """Return points (n, 2) of the picture in pixels of the patch."""
        return np.asarray(self.scale * (points_px @ self.rotation) + self.shift, np.float32)


def cut_upright(
    gray: Gray,
    centre_px: tuple[float, float],
    roll_deg: float,
    size_px: tuple[int, int],
    scale: float = 1.0,
    interpolation: int = cv2.INTER_LINEAR,
) -> UprightPatch:
    """Return the surroundings of `centre_px` with a roll of `roll_deg` undone.

    `gray` is uint8 (h, w), or the pyramid of such a picture. The patch has `size_px` (width,
    height) with the centre in its middle; beyond the picture its border is repeated.
    """
    rotation = rotation_of(roll_deg)
    middle = np.array([side / 2 for side in size_px], np.float32)
    shift = middle - scale * (np.array(centre_px, np.float32) @ rotation)
    picture, level = pyramid_of(gray).reduced(scale)
    placed = np.column_stack((scale * rotation.T.astype(np.float64), shift.astype(np.float64)))
    if level:  # from the level's pixels to the picture's, then to the patch
        placed[:, 2] += placed[:, :2] @ np.full(2, 2 ** (level - 1) - 0.5)
        placed[:, :2] *= 2**level
    patch = cv2.warpAffine(
        picture, placed, size_px, flags=interpolation, borderMode=cv2.BORDER_REPLICATE
    )
    return UprightPatch(np.asarray(patch, np.uint8), scale, rotation, shift)


def halved(patch: UprightPatch) -> UprightPatch:
    """Return the patch, of even sides, at half its size: sampled so, thin edges do not flicker."""
    height, width = patch.gray.shape
    gray = cv2.resize(patch.gray, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
    shift = np.asarray((patch.shift + 0.5) / 2 - 0.5, np.float32)
    return UprightPatch(np.asarray(gray, np.uint8), patch.scale / 2, patch.rotation, shift)


def rotation_of(roll_deg: float) -> Floats:
    """Return the matrix (2, 2) that rolls an upright column vector; the identity at 0."""
    along, across = cos(radians(roll_deg)), sin(radians(roll_deg))
    return np.array([[along, -across], [across, along]], np.float32)
