"""Warp the demo clip's portrait to an expression: skin by radial basis functions, mouth behind it.

The portrait is NASA's of Eileen Collins (public domain), as shipped with scikit-image. Lengths are
in portrait pixels unless they are named as canvas pixels; the canvas is larger.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from scipy.interpolate import RBFInterpolator

from calibrate.demo.blend_shapes import (
    MIDDLE_PX,
    MOVING_PX,
    Array,
    DrawnExpression,
    Muscles,
    build_muscles,
    edges_of_lips,
)
from engines.errors import GaugeError
from realtime.core.messages import Floats, Image
from realtime.landmarks.predictor import model_path

SCALE = 3  # canvas pixels per portrait pixel
STRIDE = 2  # canvas pixels per sample of the warp
TEETH_UP_PX = 0.8  # without the smile the lip covers a little more of the teeth
TEETH_TINT = np.array([0.86, 0.93, 1.0], np.float32)  # BGR; warmer in the shade of the mouth
# Blue, green, red; each under the upper lip, half way down, on the tongue.
CAVITY = ((22, 18, 62), (20, 16, 58), (44, 34, 112))


def load_portrait() -> Image:
    """Load the portrait, uint8 BGR (512, 512, 3), without importing scikit-image.

    Raises `GaugeError` where it is missing.
    """
    spec = find_spec("skimage")
    if spec is None or not spec.submodule_search_locations:
        raise GaugeError(
            "skimage, which ships the demo clip's portrait, is not installed."
            " Run `pip install scikit-image`."
        )
    path = Path(spec.submodule_search_locations[0]) / "data" / "astronaut.png"
    image = cv2.imread(str(path))
    if image is None or image.shape != (512, 512, 3):
        raise GaugeError(
            f"no picture of 512 x 512 at {path}. Run `pip install --force-reinstall scikit-image`."
        )
    return image.astype(np.uint8, copy=False)


def landmarks(image: Image, zoom: int = 1) -> Array:
    """Return dlib's landmarks (68, 2) in px of the clearest face, found at `zoom` times size."""
    detector, predictor = _finders()
    large = cv2.resize(image, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_CUBIC)
    rgb = cv2.cvtColor(large, cv2.COLOR_BGR2RGB)
    boxes, scores, _ = detector.run(rgb, 0, 0.0)
    if not boxes:
        raise GaugeError(
            f"no face found in a picture of {image.shape[1]} x {image.shape[0]}; use a larger one."
        )
    shape = predictor(rgb, boxes[int(np.argmax(scores))])
    return np.array([(part.x, part.y) for part in shape.parts()], dtype=float) / zoom


@cache
def _finders() -> tuple[Any, Any]:
    import dlib

    return dlib.get_frontal_face_detector(), dlib.shape_predictor(str(model_path()))


@dataclass(frozen=True, slots=True, eq=False)
class WarpedFace:
    """Portrait that can be warped; `canvas` is the enlarged portrait, uint8 BGR (1536, 1536, 3)."""

    canvas: Image
    muscles: Muscles

    def express(self, expression: DrawnExpression) -> Image:
        """Return the canvas warped to `expression`; deterministic."""
        moved = self.muscles.moved(expression)
        return _with_mouth(
            self._skin(moved), self.canvas, edges_of_lips(self.muscles.rest), edges_of_lips(moved)
        )

    def _skin(self, moved: Array) -> Image:
        left, top, right, bottom = (SCALE * side for side in MOVING_PX)
        source = _warp(moved, self.muscles.rest)
        drawn = self.canvas.copy()
        drawn[top:bottom, left:right] = cv2.remap(
            self.canvas, source[..., 0], source[..., 1], cv2.INTER_LINEAR
        )
        return drawn


def load_face() -> WarpedFace:
    """Load the portrait and find its landmarks; raises `GaugeError` where a package is missing."""
    image = load_portrait()
    large = cv2.resize(image, None, fx=SCALE, fy=SCALE, interpolation=cv2.INTER_CUBIC)
    sharp = cv2.addWeighted(large, 1.3, cv2.GaussianBlur(large, (0, 0), 1.2 * SCALE), -0.3, 0)
    return WarpedFace(sharp.astype(np.uint8, copy=False), build_muscles(landmarks(image, zoom=2)))


def _warp(moved: Array, rest: Array) -> Floats:
    """Return the source (h, w, 2) on the canvas of each canvas pixel inside `MOVING_PX`."""
    left, top, right, bottom = MOVING_PX
    height, width = SCALE * (bottom - top), SCALE * (right - left)
    y, x = np.mgrid[0:height:STRIDE, 0:width:STRIDE] + (STRIDE - 1) / 2
    at = np.stack([x.ravel(), y.ravel()], 1) / SCALE + (left, top)
    # A linear kernel does not overshoot: a thin plate would fold where lips or lids meet.
    back = RBFInterpolator(moved, rest - moved, kernel="linear", degree=0)(at)
    coarse = ((at + back) * SCALE).reshape(*x.shape, 2).astype(np.float32)
    return np.asarray(
        cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR), np.float32
    )


def _with_mouth(
    skin: Image, canvas: Image, rest: tuple[Array, Array], moved: tuple[Array, Array]
) -> Image:
    """Draw the inside of the mouth between the lips; `rest` and `moved` are the lips' edges."""
    upper, lower = moved
    opening_px = float((lower - upper)[:, 1].max())
    inside = _filled(skin, np.concatenate([upper, lower[::-1]]), blur_px=0.35)
    narrower = float(np.ptp(upper[:, 0]) / np.ptp(rest[0][:, 0]))
    teeth, visible = _teeth(canvas, rest, narrower)
    light = TEETH_TINT * np.float32(np.interp(opening_px, [0.5, 2.5, 6], [0.1, 0.6, 0.85]))
    cavity = _cavity(skin.shape[0], float(upper[4, 1]), float(lower[4, 1]))
    mouth = cavity + (teeth * light - cavity) * visible
    return np.round(skin + (mouth - skin) * inside).astype(np.uint8)


def _teeth(canvas: Image, rest: tuple[Array, Array], narrower: float) -> tuple[Image, Floats]:
    """Return the teeth, narrowed with the mouth, and their mask (h, w, 1)."""
    upper, lower = rest
    outline = np.concatenate([np.add(upper, (0, -1.0)), np.add(lower, (0, -0.4))[::-1]])
    shift_x, shift_y = SCALE * MIDDLE_PX * (1 - narrower), -SCALE * TEETH_UP_PX
    transform = np.array([[narrower, 0, shift_x], [0, 1, shift_y]])
    size = (canvas.shape[1], canvas.shape[0])
    mask = cv2.warpAffine(_filled(canvas, outline, blur_px=0.4), transform, size)
    teeth = cv2.warpAffine(canvas, transform, size).astype(np.uint8, copy=False)
    return teeth, mask[..., None].astype(np.float32, copy=False)


def _filled(like: Image, outline: Array, blur_px: float) -> Floats:
    """Return a soft mask (h, w, 1) of the inside of an outline, 0 to 1."""
    mask = np.zeros(like.shape[:2], np.uint8)
    cv2.fillPoly(mask, [np.round(outline * SCALE * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
    soft = cv2.GaussianBlur(mask, (0, 0), blur_px * SCALE)
    return (soft[..., None] / 255).astype(np.float32)


def _cavity(height: int, top_px: float, bottom_px: float) -> Floats:
    """Return the shade (height, 1, 3) of the mouth from the upper lip down to the tongue."""
    depth = np.clip((np.arange(height) / SCALE - top_px) / max(bottom_px - top_px, 1.0), 0, 1)
    colours = [np.interp(depth, [0, 0.55, 1], levels) for levels in CAVITY]
    return np.stack(colours, 1)[:, None].astype(np.float32)
