"""Alignment by the eyes: pixels to eye coordinates, free of translation, scale and tilt."""

from __future__ import annotations

import numpy as np

from realtime.core.messages import Floats
from realtime.landmarks.points40 import FIRST_EYE, SECOND_EYE


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
