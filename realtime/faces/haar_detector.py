"""Face detection with OpenCV's frontal Haar cascade (Viola & Jones 2001) at reduced size."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from engines.errors import GaugeError
from realtime.core.messages import Box, Image

SHORT_SIDE_PX = 200  # of the reduced picture; 12 % of it is the smallest face of the cascade
SMALLEST = 0.12  # of the shorter side
NEAR_PX = 56  # side of the expected face in a search near a known box
# Overlapping hits required for a face; 4 would miss a tenth of the faces of 14 % of the height.
NEIGHBOURS = 3
STEP = 1.2  # between two sizes of the search window

# From a Haar box to dlib's: medians over 540 frames of 55 videos where both found the face.
DOWN, SHRINK = 0.091, 0.88


class HaarDetector:
    """Detector of faces in gray pictures; boxes match dlib's detector, brows to chin."""

    def __init__(self) -> None:
        path = Path(cv2.__file__).parent / "data" / "haarcascade_frontalface_default.xml"
        self._cascade = (
            cv2.CascadeClassifier(str(path)) if path.is_file() else cv2.CascadeClassifier()
        )
        if self._cascade.empty():
            raise GaugeError(
                f"no face cascade in {path}; OpenCV 5 ships none: "
                "run `pip install 'opencv-python<5'`."
            )

    def find(self, gray: Image, near: Box | None = None) -> list[Box]:
        """Return the faces in a uint8 (h, w) picture, in its pixels, largest first.

        With `near`, search only around that box for a face of about its size, which is faster.
        """
        if near is not None:
            return self._find_near(gray, near)
        short_px = min(gray.shape)
        return self._search(
            gray, scale=min(1.0, SHORT_SIDE_PX / short_px), sizes_px=(SMALLEST * short_px, short_px)
        )

    def _find_near(self, gray: Image, near: Box) -> list[Box]:
        x, y, width, height = near
        left, top = (max(0, round(start)) for start in (x - width / 2, y - height / 2))
        part = gray[
            top : max(top, round(y + 1.5 * height)), left : max(left, round(x + 1.5 * width))
        ]
        if min(part.shape) < width / 2:
            return []
        side_px = width / SHRINK
        found = self._search(part, scale=NEAR_PX / side_px, sizes_px=(0.7 * side_px, 1.5 * side_px))
        return [(x + left, y + top, width, height) for x, y, width, height in found]

    def _search(self, gray: Image, scale: float, sizes_px: tuple[float, float]) -> list[Box]:
        size = (max(1, round(gray.shape[1] * scale)), max(1, round(gray.shape[0] * scale)))
        reduced = cv2.resize(gray, size, interpolation=cv2.INTER_AREA)
        # Without normalisation the cascade fails in dim rooms.
        reduced = cv2.normalize(reduced, reduced, 0, 255, cv2.NORM_MINMAX)
        smallest, largest = (round(side * scale) for side in sizes_px)
        hits = self._cascade.detectMultiScale(
            reduced, STEP, NEIGHBOURS, minSize=(smallest, smallest), maxSize=(largest, largest)
        )
        # Sort by all fields: the cascade's threads report in any order, replays must repeat.
        ordered = sorted(
            (tuple(float(v) for v in hit) for hit in np.reshape(hits, (-1, 4))),
            key=lambda b: (-b[2], *b),
        )
        return [_as_dlib(x / scale, y / scale, side / scale) for x, y, side, _ in ordered]


def _as_dlib(x: float, y: float, side: float) -> Box:
    centre_x, centre_y, smaller = x + side / 2, y + (0.5 + DOWN) * side, SHRINK * side
    return (centre_x - smaller / 2, centre_y - smaller / 2, smaller, smaller)
