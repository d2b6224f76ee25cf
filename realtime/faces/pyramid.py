"""Gray picture at one size for every stage: halved as often as the stage's own size allows.

Time per frame then hardly depends on the source: only halving grows with it, and that is fast.
"""

from __future__ import annotations

import cv2
import numpy as np

from realtime.core.messages import Image

SMALLEST_PX = 16  # of a side; a picture is not halved below it


class Pyramid:
    """Picture uint8 (h, w) and its halvings, each made when first asked for.

    Owned by one thread. Level n has a pixel for 2**n x 2**n pixels of the picture.
    """

    def __init__(self, gray: Image) -> None:
        self._levels = [gray]

    @property
    def gray(self) -> Image:
        """The picture at its full size."""
        return self._levels[0]

    @property
    def shape(self) -> tuple[int, ...]:
        """Height and width of the picture at its full size."""
        return self._levels[0].shape

    def reduced(self, scale: float) -> tuple[Image, int]:
        """Return the smallest level that holds the picture scaled by `scale`, and its number."""
        level = 0
        while scale * 2 ** (level + 1) <= 1 and self._has(level + 1):
            level += 1
        return self._levels[level], level

    def _has(self, level: int) -> bool:
        """Make `level` from the one above it; return False if that is too small."""
        if level < len(self._levels):
            return True
        last = self._levels[-1]
        height, width = last.shape[0] // 2, last.shape[1] // 2
        if min(height, width) < SMALLEST_PX:
            return False
        even = last[: 2 * height, : 2 * width]
        half = cv2.resize(even, (width, height), interpolation=cv2.INTER_AREA)
        self._levels.append(np.asarray(half, np.uint8))
        return True


Gray = Image | Pyramid


def pyramid_of(gray: Gray) -> Pyramid:
    """Return `gray` as a pyramid: itself, or one of a picture uint8 (h, w)."""
    return gray if isinstance(gray, Pyramid) else Pyramid(gray)
