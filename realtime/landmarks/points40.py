"""Selection of the paper's 40 points from dlib's 68 (Huynh & Kim 2017, order of their code)."""

from __future__ import annotations

import numpy as np

from realtime.core.messages import Floats

BROWS = range(17, 27)
NOSE = range(30, 36)
EYES = range(36, 48)
MOUTH = (48, 50, 51, 52, 54, 56, 57, 58)  # the outline without points 49, 53, 55, 59
MIDPOINTS = ((0, 17), (26, 16), (2, 29), (14, 29))  # the brows' ends, then the cheeks

# The eyes among the 40: 10 points of the brows and 6 of the nose come before them.
FIRST_EYE, SECOND_EYE = slice(16, 22), slice(22, 28)

# Polylines that draw a face: brows, nose, eyes, mouth. The four midpoints are on none of them.
FACE_LINES = (
    [*range(5)],
    [*range(5, 10)],
    [*range(11, 16)],
    [11, 10, 15],
    [*range(16, 22), 16],
    [*range(22, 28), 22],
    [*range(28, 36), 28],
)
FIRST_MIDPOINT = 36

COPIED = [*BROWS, *NOSE, *EYES, *MOUTH]
FIRST, SECOND = (list(ends) for ends in zip(*MIDPOINTS, strict=True))


def select_40_points(points68_px: Floats) -> Floats:
    """Return the paper's points (40, 2) from dlib's (68, 2): 36 copied, then four midpoints."""
    midpoints = (points68_px[FIRST] + points68_px[SECOND]) / 2
    return np.concatenate([points68_px[COPIED], midpoints]).astype(np.float32)
