"""From pixels to eye coordinates: the eyes set origin, scale and tilt, so that the camera's place drops out."""

from __future__ import annotations

import numpy as np

from realtime.core.messages import Floats
from realtime.landmarks.points40 import FIRST_EYE, SECOND_EYE


def align_to_eyes(points_px: Floats) -> Floats:
    """Points (..., 40, 2) in eye coordinates (..., 80): origin between the eyes, unit their distance, tilt removed.

    The result is 40 x, then 40 y, the order of the network's inputs. Raises ValueError where the eyes fall together.
    """
    first = points_px[..., FIRST_EYE, :].mean(axis=-2)
    second = points_px[..., SECOND_EYE, :].mean(axis=-2)
    across = second - first
    squared = np.square(across).sum(axis=-1, keepdims=True)
    if (squared <= 0).any():
        raise ValueError("both eyes lie on one point; these are no landmarks of a face")
    centred = points_px - ((first + second) / 2)[..., None, :]
    unit = (across / squared)[
        ..., None, :
    ]  # (cos, sin) of the tilt, divided by the distance of the eyes
    x = (centred * unit).sum(axis=-1)
    y = centred[..., 1] * unit[..., 0] - centred[..., 0] * unit[..., 1]
    return np.concatenate((x, y), axis=-1).astype(np.float32)
