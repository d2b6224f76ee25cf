"""Recognition mode as in the paper: the PB of a movement, from zero, with a live engine."""

from __future__ import annotations

import numpy as np

from engines.engine import Engine
from engines.model.shape import PB
from realtime.core.messages import Floats

BATCH = 5  # passes at a time: the engine's memory grows with them


def recognise_pbs(engine: Engine, motion: Floats, steps: int) -> Floats:
    """Return the PBs (passes, 64) of `motion` (passes, frames, 80) after `steps` of Eq. 2."""
    pbs = []
    for start in range(0, len(motion), BATCH):
        windows = motion[start : start + BATCH]
        lengths = np.full(len(windows), windows.shape[1])
        zeros = np.zeros((len(windows), PB), np.float32)
        pbs.append(engine.refine(windows, lengths, zeros, steps).pb)
    return np.concatenate(pbs)
