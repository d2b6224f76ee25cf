"""dlib's frontal face detector: HOG features and a sliding window (Dalal & Triggs 2005).

It finds what the Haar cascade misses: close-ups, scarves and hats, tilted heads, dim light.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import cv2
import numpy as np

from realtime.core.messages import Box, Image
from realtime.faces.pyramid import Gray, pyramid_of

LEAST_SCORE = 0.0  # from which a box counts
SURE_SCORE = 0.5  # from which it holds a face even where the landmarks are unclear


@dataclass(frozen=True, slots=True)
class ScoredBox:
    """Box of a face in pixels of the picture, and whether its score is `SURE_SCORE` or more."""

    box: Box
    sure: bool


class BoxDetector(Protocol):
    """Contract of `HogDetector`."""

    def load(self) -> None:
        """Load the model now instead of at the first `find`."""
        ...

    def find(self, gray: Gray, long_side_px: int) -> list[ScoredBox]:
        """Return the faces in a picture reduced to `long_side_px`, largest first."""
        ...


class HogDetector:
    """Detector of faces from 80 px of the reduced picture, upright within about 20 degrees.

    Owned by one thread. Loaded when first needed, which most files never need: it takes 0.2 s, in
    which dlib holds Python's global lock, so a live run loads it before its first frame.
    """

    def __init__(self) -> None:
        self._detector: Any = None

    def load(self) -> None:
        """Load the model now instead of at the first `find`."""
        if self._detector is None:
            import dlib

            self._detector = dlib.get_frontal_face_detector()

    def find(self, gray: Gray, long_side_px: int) -> list[ScoredBox]:
        """Return the faces in a picture reduced to `long_side_px`, largest first."""
        self.load()
        picture, scale = reduced_to(gray, long_side_px)
        rectangles, scores, _ = self._detector.run(picture, 0, LEAST_SCORE)
        found = zip(rectangles, scores, strict=True)
        boxes = [ScoredBox(_box(each, scale), score >= SURE_SCORE) for each, score in found]
        return largest_first(boxes)


def largest_first(boxes: list[ScoredBox]) -> list[ScoredBox]:
    """Return the boxes by width, then by place: the same picture gives the same order."""
    return sorted(boxes, key=lambda scored: (-scored.box[2], *scored.box))


def reduced_to(gray: Gray, long_side_px: int) -> tuple[Image, float]:
    """Return the picture reduced to a longer side of `long_side_px`, and its scale."""
    pyramid = pyramid_of(gray)
    scale = min(1.0, long_side_px / max(pyramid.shape))
    height, width = (max(1, round(side * scale)) for side in pyramid.shape)
    level, _ = pyramid.reduced(scale)
    reduced = cv2.resize(level, (width, height), interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(reduced, np.uint8), scale


def _box(rectangle: Any, scale: float) -> Box:
    x, y = rectangle.left() / scale, rectangle.top() / scale
    return (x, y, rectangle.width() / scale, rectangle.height() / scale)
