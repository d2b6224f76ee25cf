"""Alignment by the eyes: pixels to eye coordinates, free of translation, scale and tilt."""

from __future__ import annotations

import numpy as np

from engines.model.shape import LANDMARKS, POINTS
from realtime.core.messages import Floats, Landmarks
from realtime.landmarks.points40 import FIRST_EYE, SECOND_EYE


def shape_of(landmarks: Landmarks, width: int) -> Floats:
    """Return the shape (width,): the points in eye coordinates (80,), then the appearance if the
    width has room for it.

    Raises ValueError where the appearance is missing or of another size.
    """
    shape = align_to_eyes(landmarks.points_px)
    if width == len(shape):
        return shape
    return joined_shapes(shape, landmarks.appearance, width)


def joined_shapes(aligned: Floats, appearance: Floats | None, width: int) -> Floats:
    """Return points (..., 80) and appearance (..., A) as shapes (..., width).

    Raises ValueError where the appearance is missing or of another size.
    """
    size = 0 if appearance is None else appearance.shape[-1]
    if appearance is None or aligned.shape[-1] + size != width:
        raise ValueError(
            f"landmarks with {size} numbers of appearance; the networks want "
            f"{width - aligned.shape[-1]}"
        )
    return np.concatenate((aligned, appearance), axis=-1)


def points_of_shape(shape: Floats) -> Floats:
    """Return the points (40, 2) of one shape (D,) in eye coordinates, without its appearance."""
    return np.ascontiguousarray(shape[:LANDMARKS].reshape(2, POINTS).T, np.float32)


def align_to_eyes(points_px: Floats) -> Floats:
    """Return points (..., 40, 2) in eye coordinates (..., 80): origin and unit from the eyes, no
    tilt.

    40 x, then 40 y, the order of the network inputs. Raises ValueError where the eyes coincide.
    """
    first = points_px[..., FIRST_EYE, :].mean(axis=-2)
    second = points_px[..., SECOND_EYE, :].mean(axis=-2)
    across = second - first
    squared = np.square(across).sum(axis=-1, keepdims=True)
    if (squared <= 0).any():
        raise ValueError("both eyes lie on one point; these are no landmarks of a face")
    centred = points_px - ((first + second) / 2)[..., None, :]
    # (cos, sin) of the tilt, divided by the distance of the eyes
    unit = (across / squared)[..., None, :]
    x = (centred * unit).sum(axis=-1)
    y = centred[..., 1] * unit[..., 0] - centred[..., 0] * unit[..., 1]
    return np.concatenate((x, y), axis=-1).astype(np.float32)
