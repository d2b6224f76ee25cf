"""Face detection with OpenCV's frontal Haar cascade (Viola & Jones 2001) at reduced size."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, radians, sin
from pathlib import Path

import cv2
import numpy as np

from engines.errors import GaugeError
from realtime.core.messages import Box, Image
from realtime.faces.pyramid import Gray, pyramid_of
from realtime.faces.upright import UprightPatch, cut_upright, halved

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
SMALL = SearchView(short_side_px=320, largest=0.17)
# Finds those from 4 % in pictures of 640 px and more, in 6 times the time of the upright view.
TINY = SearchView(short_side_px=640, largest=0.085)


def rolled_view(roll_deg: float) -> SearchView:
    """Return the view for heads of this roll, at the size that shows those in the corners, too."""
    return SearchView(roll_deg)


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

    def find(self, gray: Gray, view: SearchView = UPRIGHT) -> list[Box]:
        """Return the faces in a picture uint8 (h, w), or its pyramid, in its pixels, largest first.

        The sides of a box are parallel to the picture's, whatever the roll of the face.
        """
        picture = pyramid_of(gray)
        height_px, width_px = picture.shape
        short_px = min(height_px, width_px)
        scale, smallest = min(1.0, view.short_side_px / short_px), SMALLEST_PX / view.short_side_px
        size = _doubled_size(width_px * scale, height_px * scale, view.roll_deg)
        centre = ((width_px - 1) / 2, (height_px - 1) / 2)
        patch = cut_upright(picture, centre, view.roll_deg, size, 2 * scale)
        return self._search(halved(patch), (smallest * short_px, view.largest * short_px))

    def find_near(self, gray: Gray, near: Box, roll_deg: float = 0.0) -> list[Box]:
        """Return the faces around a box that have about its size and roll; faster than `find`."""
        x, y, width, height = near
        side_px = width / SHRINK
        scale = NEAR_PX / side_px
        size = (2 * round(2 * width * scale), 2 * round(2 * height * scale))
        centre = (x + width / 2, y + height / 2)
        return self._search(
            halved(cut_upright(gray, centre, roll_deg, size, 2 * scale)),
            (0.7 * side_px, 1.5 * side_px),
        )

    def _search(self, patch: UprightPatch, sizes_px: tuple[float, float]) -> list[Box]:
        """Return the boxes in an upright patch; sizes and boxes are in pixels of the picture."""
        # Without normalisation the cascade fails in dim rooms.
        gray = cv2.normalize(patch.gray, patch.gray, 0, 255, cv2.NORM_MINMAX)
        smallest, largest = (round(side * patch.scale) for side in sizes_px)
        boxes = self._cascade_boxes(np.asarray(gray, np.uint8), (smallest, largest))
        return [patch.box_in_picture(box) for box in boxes]

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


def _doubled_size(width: float, height: float, roll_deg: float) -> tuple[int, int]:
    """Return width and height of the picture that holds all of a rotated one, twice as large."""
    along, across = abs(cos(radians(roll_deg))), abs(sin(radians(roll_deg)))
    return 2 * round(width * along + height * across), 2 * round(width * across + height * along)


def _as_dlib(x: float, y: float, side: float) -> Box:
    centre_x, centre_y, smaller = x + side / 2, y + (0.5 + DOWN) * side, SHRINK * side
    return (centre_x - smaller / 2, centre_y - smaller / 2, smaller, smaller)
