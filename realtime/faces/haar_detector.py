"""Face detection with OpenCV's frontal Haar cascade (Viola & Jones 2001) at reduced size."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, radians, sin
from pathlib import Path

import cv2
import numpy as np

from engines.errors import GaugeError
from realtime.core.messages import Box, Image
from realtime.faces.upright import cut_upright

SMALLEST_PX = 24  # side of the smallest face that the cascade sees
NEAR_PX = 56  # side of the expected face in a search near a known box
# Overlapping hits required for a face; 4 would miss a tenth of the faces of 14 % of the height.
NEIGHBOURS = 3
STEP = 1.2  # between two sizes of the search window

# From a Haar box to dlib's: medians over 540 frames of 55 videos where both found the face.
DOWN, SHRINK = 0.091, 0.88


@dataclass(frozen=True, slots=True)
class SearchView:
    """How a picture is searched: for heads of which roll, and at which reduced size.

    Heads are found whose roll differs from `roll_deg` by up to about 20 degrees, and whose Haar box
    is between `SMALLEST_PX` in a picture reduced to `short_side_px` and `largest` of its shorter
    side.
    """

    roll_deg: float = 0.0
    short_side_px: int = 200
    largest: float = 1.0


UPRIGHT = SearchView()
# Finds faces from 8 % of the shorter side, many from 7 %; the upright view is sure from 10 % on and
# takes 0.9 times as long.
SMALL = SearchView(short_side_px=300, largest=0.17)


def rolled_view(roll_deg: float) -> SearchView:
    """Return the view for rolled heads: a rotated picture is larger, so it is reduced further."""
    return SearchView(roll_deg, short_side_px=160)


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

    def find(self, gray: Image, view: SearchView = UPRIGHT) -> list[Box]:
        """Return the faces in a uint8 (h, w) picture, in its pixels, largest first.

        The sides of a box are parallel to the picture's, whatever the roll of the face.
        """
        short_px = min(gray.shape)
        smallest = SMALLEST_PX / view.short_side_px
        return self._search(
            gray,
            min(1.0, view.short_side_px / short_px),
            (smallest * short_px, view.largest * short_px),
            view.roll_deg,
        )

    def find_near(self, gray: Image, near: Box, roll_deg: float = 0.0) -> list[Box]:
        """Return the faces around a box that have about its size and roll; faster than `find`."""
        x, y, width, height = near
        left, top = (max(0, round(start)) for start in (x - width / 2, y - height / 2))
        part = gray[
            top : max(top, round(y + 1.5 * height)), left : max(left, round(x + 1.5 * width))
        ]
        if min(part.shape) < width / 2:
            return []
        side_px = width / SHRINK
        found = self._search(part, NEAR_PX / side_px, (0.7 * side_px, 1.5 * side_px), roll_deg)
        return [(x + left, y + top, width, height) for x, y, width, height in found]

    def _search(
        self, gray: Image, scale: float, sizes_px: tuple[float, float], roll_deg: float
    ) -> list[Box]:
        size = (max(1, round(gray.shape[1] * scale)), max(1, round(gray.shape[0] * scale)))
        reduced = cv2.resize(gray, size, interpolation=cv2.INTER_AREA)
        # Without normalisation the cascade fails in dim rooms.
        reduced = cv2.normalize(reduced, reduced, 0, 255, cv2.NORM_MINMAX)
        smallest, largest = (round(side * scale) for side in sizes_px)
        found = self._detect(np.asarray(reduced, np.uint8), (smallest, largest), roll_deg)
        return [(x / scale, y / scale, w / scale, h / scale) for x, y, w, h in found]

    def _detect(self, gray: Image, sizes_px: tuple[int, int], roll_deg: float) -> list[Box]:
        """Return the boxes in a reduced picture, sought in its upright rotation."""
        if not roll_deg:
            return self._cascade_boxes(gray, sizes_px)
        height, width = gray.shape
        whole = _rotated_size(width, height, roll_deg)
        patch = cut_upright(gray, (width / 2, height / 2), roll_deg, whole)
        boxes = self._cascade_boxes(patch.gray, sizes_px)
        middles = np.array([(x + w / 2, y + h / 2) for x, y, w, h in boxes], np.float32)
        places = patch.to_picture(middles.reshape(-1, 2)).tolist()
        return [
            (x - w / 2, y - h / 2, w, h) for (x, y), (_, _, w, h) in zip(places, boxes, strict=True)
        ]

    def _cascade_boxes(self, gray: Image, sizes_px: tuple[int, int]) -> list[Box]:
        smallest, largest = sizes_px
        hits = self._cascade.detectMultiScale(
            gray, STEP, NEIGHBOURS, minSize=(smallest, smallest), maxSize=(largest, largest)
        )
        # Sort by all fields: the cascade's threads report in any order, replays must repeat.
        ordered = sorted(
            (tuple(float(v) for v in hit) for hit in np.reshape(hits, (-1, 4))),
            key=lambda b: (-b[2], *b),
        )
        return [_as_dlib(x, y, side) for x, y, side, _ in ordered]


def _rotated_size(width: int, height: int, roll_deg: float) -> tuple[int, int]:
    """Return width and height of the picture that holds all of a rotated one."""
    along, across = abs(cos(radians(roll_deg))), abs(sin(radians(roll_deg)))
    return round(width * along + height * across), round(width * across + height * along)


def _as_dlib(x: float, y: float, side: float) -> Box:
    centre_x, centre_y, smaller = x + side / 2, y + (0.5 + DOWN) * side, SHRINK * side
    return (centre_x - smaller / 2, centre_y - smaller / 2, smaller, smaller)
