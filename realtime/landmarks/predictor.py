"""dlib's 68 points (Kazemi & Sullivan 2014, learned on iBUG 300-W) in a face's box."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import cv2
import dlib
import numpy as np

from engines.errors import GaugeError
from realtime.core.messages import Box, Floats, Image

PACKAGE = "face_recognition_models"
FILE = "shape_predictor_68_face_landmarks.dat"

# The same face is read in three boxes, each 5 % off, and the points averaged: with one box their jitter is 1.2 to 1.6
# times as large. Nothing is delayed by it, and how far apart the three fall tells a face from a background.
BOX_SHIFTS = ((-0.05, -0.025), (0.05, -0.025), (0.0, 0.05))  # shifts right and down, in box sides

# The face is scaled to one size first: dlib's boxes and points are whole pixels, and those of a small face are coarse.
SIDE_PX, MIDDLE_PX = 256, 224  # of the box; where its middle comes to be, which leaves 96 around it
DIM = 64  # mean gray below which a face is brightened: the predictor's thresholds are gray levels of well-lit pictures

# From the points to the box of dlib's detector: medians over 540 frames of 55 videos. The predictor was learned on
# such boxes, and a shift of 5 % moves its points.
SIDE, RIGHT, DOWN = 2.81, -0.005, -0.021  # in spreads of the points; in sides; in sides


@dataclass(frozen=True, slots=True, eq=False)
class LandmarkFit:
    """A face's shape: `points_px` float32 (68, 2), and `disagreement`, how far apart the looks are in box sides.

    On a clear face it is about 0.0025; on anything else the looks follow their boxes, and 0.03 to 0.06 is usual.
    """

    points_px: Floats
    disagreement: float


class LandmarkPredictor:
    """Fits the 68 points; loads 100 MB once. Belongs to one thread."""

    def __init__(self) -> None:
        path = model_path()
        try:
            self._predictor = dlib.shape_predictor(str(path))
        except RuntimeError as error:
            raise GaugeError(
                f"cannot read {path} ({error}); run `pip install --force-reinstall {PACKAGE}`."
            ) from error

    def predict(self, gray: Image, box: Box) -> LandmarkFit:
        """The shape in a uint8 (h, w) picture; `box` as dlib's detector would place it. Gray is as good as colour."""
        crop, scale, away = _scaled(gray, box)
        looks = np.stack([self._fit_shifted(crop, *look) for look in BOX_SHIFTS])
        points = looks.mean(axis=0)
        apart = np.linalg.norm(looks - points, axis=2).mean(axis=0)
        return LandmarkFit(
            ((points - away) / scale).astype(np.float32), float(np.median(apart)) / SIDE_PX
        )

    def _fit_shifted(self, crop: Image, right: float, down: float) -> Floats:
        left, top = (round(MIDDLE_PX + (shift - 0.5) * SIDE_PX) for shift in (right, down))
        box = dlib.rectangle(left, top, left + SIDE_PX, top + SIDE_PX)
        return np.array(
            [(point.x, point.y) for point in self._predictor(crop, box).parts()], dtype=np.float32
        )


def _scaled(gray: Image, box: Box) -> tuple[Image, float, Floats]:
    """The face with its box at one size in the middle; a point p of the picture is at scale * p + away (2,) in it."""
    x, y, width, height = box
    scale = 2 * SIDE_PX / (width + height)
    away = MIDDLE_PX - scale * np.array([x + width / 2, y + height / 2], dtype=np.float32)
    zoom = np.array([[scale, 0, away[0]], [0, scale, away[1]]])
    crop = cv2.warpAffine(
        gray, zoom, (2 * MIDDLE_PX, 2 * MIDDLE_PX), borderMode=cv2.BORDER_REPLICATE
    )
    edge = MIDDLE_PX - SIDE_PX // 2
    gain = max(1.0, DIM / (1.0 + float(crop[edge:-edge, edge:-edge].mean())))
    return np.asarray(cv2.convertScaleAbs(crop, alpha=gain), dtype=np.uint8), scale, away


def dlib_box_of(points68_px: Floats) -> Box:
    """The box that dlib's detector would put around these points (68, 2)."""
    side = SIDE * float(np.sqrt(points68_px.var(axis=0).sum()))
    x, y = (float(value) for value in points68_px.mean(axis=0))
    return (x + (RIGHT - 0.5) * side, y + (DOWN - 0.5) * side, side, side)


def model_path() -> Path:
    """Where the landmark file is. Its package is found but not imported: it would ask for `pkg_resources`."""
    spec = find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise GaugeError(
            f"the landmark file is missing: no package {PACKAGE}. Run `pip install {PACKAGE}`."
        )
    path = Path(spec.submodule_search_locations[0]) / "models" / FILE
    if not path.is_file():
        raise GaugeError(f"no landmark file {path}. Run `pip install --force-reinstall {PACKAGE}`.")
    return path
