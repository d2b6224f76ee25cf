"""dlib's 68 landmarks (Kazemi & Sullivan 2014, trained on iBUG 300-W) in a face box."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np

from engines.errors import GaugeError
from realtime.core.labels import DLIB, KERNEL
from realtime.core.messages import Box, Floats, Image
from realtime.core.model_files import REINSTALL, model_file
from realtime.faces.pyramid import Gray
from realtime.faces.upright import UprightPatch, cut_upright, rotation_of
from realtime.landmarks.shape_model import read_shape_model

FILE = "shape_predictor_68_face_landmarks.dat"

# Fits in three boxes, each shifted by 5 %, are averaged: jitter with one box is 1.2 to 1.6 times as
# large. This adds no delay, and the disagreement of the fits separates faces from background.
BOX_SHIFTS = ((-0.05, -0.025), (0.05, -0.025), (0.0, 0.05))  # shifts right and down, in box sides

# Faces are scaled to one size first: dlib's boxes and points are integers, coarse on a small face.
SIDE_PX, MIDDLE_PX = 256, 224  # of the box; its centre in the crop, which leaves a margin of 96
FIT_BOXES = np.array(
    [
        (
            round(MIDDLE_PX + (right - 0.5) * SIDE_PX),
            round(MIDDLE_PX + (down - 0.5) * SIDE_PX),
            SIDE_PX,
        )
        for right, down in BOX_SHIFTS
    ],
    np.float32,
)  # (3, 3): left, top, side in the crop
# Mean gray below which a face is brightened: the predictor's thresholds suit well-lit pictures.
DIM = 64

# From the points to the box of dlib's detector: medians over 540 frames of 55 videos. The predictor
# was trained on such boxes, and a shift of 5 % moves its points.
SIDE, RIGHT, DOWN = 2.81, -0.005, -0.021  # in standard deviations of the points; in sides; in sides


@dataclass(frozen=True, slots=True, eq=False)
class LandmarkFit:
    """Landmarks `points_px` float32 (68, 2) and the `disagreement` of the three fits in box sides.

    Disagreement is about 0.0025 on a clear face and 0.03 to 0.06 elsewhere, where fits follow
    their boxes.
    """

    points_px: Floats
    disagreement: float


class PointFitter(Protocol):
    """Fit of the 68 points in several boxes at once (`ShapeModel`, `DlibFitter`)."""

    def fit(self, image: Image, boxes: Floats) -> Floats:
        """Return points float32 (B, 68, 2) in `boxes` (B, 3: left, top, side) of a gray image."""
        ...


class DlibFitter:
    """The same fit by dlib itself, box by box: the reference, about four times as slow."""

    def __init__(self, path: Path) -> None:
        import dlib

        try:
            self._rectangle, self._predictor = dlib.rectangle, dlib.shape_predictor(str(path))
        except RuntimeError as error:
            raise GaugeError(f"cannot read {path}: {error}") from error

    def fit(self, image: Image, boxes: Floats) -> Floats:
        """Return points float32 (B, 68, 2) in `boxes` (B, 3: left, top, side) of a gray image."""
        fits = []
        for left, top, side in boxes.astype(int).tolist():
            found = self._predictor(image, self._rectangle(left, top, left + side, top + side))
            fits.append([(point.x, point.y) for point in found.parts()])
        return np.array(fits, dtype=np.float32)


class LandmarkPredictor:
    """Predictor of the 68 points; loads 100 MB once. Owned by one thread.

    `by` is "kernel" or "dlib"; both give the same points. Raises `GaugeError` if it cannot run.
    """

    def __init__(self, by: str = KERNEL) -> None:
        path = model_path()
        try:
            self._fitter: PointFitter = FITTERS[by](path)
        except GaugeError as error:
            raise GaugeError(f"{error}; run {REINSTALL}.") from error

    def predict(self, gray: Gray, box: Box, roll_deg: float = 0.0) -> LandmarkFit:
        """Return the landmarks in a picture uint8 (h, w), or its pyramid; `box` is like dlib's.

        The fit is made with a roll of `roll_deg` undone. Gray is as accurate as colour.
        """
        patch = _upright_face(gray, box, roll_deg)
        crop = _lit(patch.gray)
        fits = self._fitter.fit(crop, FIT_BOXES)
        points = fits.mean(axis=0)
        apart = np.linalg.norm(fits - points, axis=2).mean(axis=0)
        return LandmarkFit(patch.to_picture(points), float(np.median(apart)) / SIDE_PX)


FITTERS: dict[str, Callable[[Path], PointFitter]] = {KERNEL: read_shape_model, DLIB: DlibFitter}


def _upright_face(gray: Gray, box: Box, roll_deg: float) -> UprightPatch:
    """Return the patch in which the box is upright, `SIDE_PX` wide and centred."""
    x, y, width, height = box
    centre, size = (x + width / 2, y + height / 2), (2 * MIDDLE_PX, 2 * MIDDLE_PX)
    return cut_upright(gray, centre, roll_deg, size, scale=2 * SIDE_PX / (width + height))


def _lit(crop: Image) -> Image:
    """Return the crop, brightened if the face in its middle is dim."""
    edge = MIDDLE_PX - SIDE_PX // 2
    gain = max(1.0, DIM / (1.0 + cv2.mean(crop[edge:-edge, edge:-edge])[0]))
    return crop if gain == 1.0 else np.asarray(cv2.convertScaleAbs(crop, alpha=gain), np.uint8)


def dlib_box_of(points68_px: Floats, roll_deg: float = 0.0) -> Box:
    """Return the box of dlib's detector around these points (68, 2) of a face with this roll.

    Its sides stay parallel to the picture's; the detector would find the face in the upright patch.
    """
    side = SIDE * float(np.sqrt(points68_px.var(axis=0).sum()))
    x, y = (float(value) for value in points68_px.mean(axis=0))
    right, down = (float(value) for value in rotation_of(roll_deg) @ (RIGHT, DOWN))
    return (x + (right - 0.5) * side, y + (down - 0.5) * side, side, side)


def model_path() -> Path:
    """Return the path of the landmark file; raises `GaugeError` if it is not installed."""
    return model_file(FILE, "landmark file")
