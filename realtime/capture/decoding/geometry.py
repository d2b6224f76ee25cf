"""From stored to displayed pictures: pixel aspect ratio, rotation, mirrors."""

from __future__ import annotations

import struct
from dataclasses import dataclass

import cv2
import numpy as np
from cv2.typing import MatLike

from realtime.core.picture import Image

MOST_ASPECT = 8.0  # a pixel aspect ratio beyond 1:8 is a damaged header


@dataclass(frozen=True, slots=True)
class Geometry:
    """Steps that make a stored picture upright with square pixels, applied in this order.

    `pixel_aspect` is the width of a stored pixel divided by its height.
    """

    pixel_aspect: float = 1.0
    transpose: bool = False
    flip_x: bool = False
    flip_y: bool = False

    def __post_init__(self) -> None:
        if not 1 / MOST_ASPECT <= self.pixel_aspect <= MOST_ASPECT:
            object.__setattr__(self, "pixel_aspect", 1.0)

    def size_px(self, width_px: int, height_px: int) -> tuple[int, int]:
        """Return width and height of the displayed picture."""
        width_px, height_px = self._square_px(width_px, height_px)
        return (height_px, width_px) if self.transpose else (width_px, height_px)

    def apply(self, stored: Image) -> Image:
        """Return the displayed picture of `stored`, gray (h, w) or BGR (h, w, 3)."""
        height_px, width_px = stored.shape[:2]
        square_px = self._square_px(width_px, height_px)
        image: MatLike = stored
        if square_px != (width_px, height_px):
            image = cv2.resize(image, square_px, interpolation=cv2.INTER_LINEAR)
        if self.transpose:
            image = cv2.transpose(image)
        if self.flip_x or self.flip_y:
            image = cv2.flip(image, -1 if self.flip_x and self.flip_y else int(self.flip_x))
        return np.asarray(image, dtype=np.uint8)

    def _square_px(self, width_px: int, height_px: int) -> tuple[int, int]:
        """Return the size with square pixels: one side grows, so that no detail is lost."""
        if self.pixel_aspect >= 1:
            return round(width_px * self.pixel_aspect), height_px
        return width_px, round(height_px / self.pixel_aspect)


def parse_display_matrix(matrix: bytes) -> tuple[bool, bool, bool]:
    """Return (transpose, flip_x, flip_y) of a display matrix as FFmpeg stores it (9 int32).

    Maps (x, y) to (a x + c y, b x + d y), ISO/IEC 14496-12. Angles between right angles are rounded
    to the nearest one.
    """
    if len(matrix) < 36:
        return False, False, False
    a, b, _, c, d, *_ = struct.unpack("=9i", matrix[:36])
    if abs(a) + abs(d) >= abs(b) + abs(c):
        return False, a < 0, d < 0
    return True, c < 0, b < 0


def contiguous_plane(buffer: memoryview, stride: int, width_px: int, height_px: int) -> Image:
    """Return a plane of bytes without its padding, uint8 (h, w); shares the buffer's memory."""
    rows = np.frombuffer(buffer, np.uint8, count=stride * height_px)
    return rows.reshape(height_px, stride)[:, :width_px]
