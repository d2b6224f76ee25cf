"""Roll of a head, and how much of it is undone before its landmarks are fitted."""

from __future__ import annotations

import math

from realtime.core.messages import Floats
from realtime.landmarks.points40 import FIRST_EYE, SECOND_EYE

# The predictor bears a small roll. Undoing all of it would move the points of every face by 0.2 to
# 0.4 px, those of the training clips too, 96 % of whose frames are rolled by less than this.
BORNE_DEG = 8.0
GAIN = 3.0  # of the roll beyond it, until all is undone: a step would make the points jump


def head_roll_deg(points_px: Floats) -> float:
    """Return the roll of a head (40, 2) by its eyes: -180 to 180, positive clockwise, 0 upright."""
    first, second = (points_px[eye].mean(axis=0) for eye in (FIRST_EYE, SECOND_EYE))
    return math.degrees(math.atan2(float(second[1] - first[1]), float(second[0] - first[0])))


def roll_to_undo(roll_deg: float) -> float:
    """Return how much of a head's roll to undo: 0 up to `BORNE_DEG`, all from 12 degrees."""
    excess_deg = max(0.0, abs(roll_deg) - BORNE_DEG)
    return math.copysign(min(abs(roll_deg), GAIN * excess_deg), roll_deg)
