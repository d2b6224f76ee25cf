"""Recognition mode as in the paper: the PB of a movement, from zero, by the engines that run live."""

from __future__ import annotations

import numpy as np

from engines.engine import Engine
from engines.model.shape import PB
from realtime.core.messages import Floats

TOGETHER = 5  # passes at a time: an engine's memory grows with them


def recognised(engine: Engine, motion: Floats, steps: int) -> Floats:
    """The PBs (passes, 64) of `motion` (passes, frames, 80) after `steps` steps of Eq. 2."""
    found = []
    for start in range(0, len(motion), TOGETHER):
        windows = motion[start : start + TOGETHER]
        lengths = np.full(len(windows), windows.shape[1])
        found.append(
            engine.refine(windows, lengths, np.zeros((len(windows), PB), np.float32), steps).pb
        )
    return np.concatenate(found)
