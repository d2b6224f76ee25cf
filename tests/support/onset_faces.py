"""Made-up expressions with known ramps, as shapes of a face whose movement range is 0.1."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engines.model.shape import LANDMARKS, POINTS
from realtime.motion.onset_curve import EYES, MOUTH, SECOND_HALF

RANGE = np.full(LANDMARKS, 0.1, np.float32)
NEUTRAL = np.random.default_rng(7).normal(0, 1, LANDMARKS).astype(np.float32)
DIRECTION = np.where(np.arange(LANDMARKS) % 3 == 0, -1.0, 1.0)  # every coordinate moves as far


@dataclass(frozen=True)
class MadeUpExpression:
    """Expression that rises linearly from `began_s` in `rise_s` to `amplitude`, and stays.

    The eyes and the mouth move later by `eyes_late_s` and `mouth_late_s`; the second half of the
    face moves `second_half` as far as the first.
    """

    began_s: float = 1.0
    rise_s: float = 0.8
    amplitude: float = 2.0
    eyes_late_s: float = 0.0
    mouth_late_s: float = 0.0
    second_half: float = 1.0

    def shapes(self, times_s: np.ndarray, noise: float = 0.0) -> np.ndarray:
        """Return the shapes (n, 80) at `times_s` with `noise` in movement ranges."""
        late_s, size = np.zeros(POINTS), np.ones(POINTS)
        late_s[EYES], late_s[MOUTH] = self.eyes_late_s, self.mouth_late_s
        size[SECOND_HALF] = self.second_half
        after_s = times_s[:, None] - self.began_s - np.tile(late_s, 2)
        level = self.amplitude * np.clip(after_s / self.rise_s, 0, 1) * np.tile(size, 2)
        jitter = np.random.default_rng(3).normal(0, noise, level.shape) if noise else 0.0
        return np.asarray(NEUTRAL + RANGE * (level * DIRECTION + jitter), np.float32)


def frame_times(until_s: float, hz: float = 30.0) -> np.ndarray:
    """Return the times of the frames from 0 to `until_s`."""
    return np.arange(round(until_s * hz) + 1) / hz
