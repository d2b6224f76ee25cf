"""From score to probability: the map that was fitted on people the booster never saw."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Platt:
    """p = sigmoid(slope * score + shift). `abstain` is the half width around 0.5 inside which nothing is claimed."""

    slope: float
    shift: float
    abstain: float

    def __post_init__(self) -> None:
        if self.slope <= 0 or not 0 <= self.abstain < 0.5:
            raise ValueError(f"{self}: want slope > 0 and 0 <= abstain < 0.5")

    def p_genuine(self, score: float) -> float:
        """The probability that the movement is genuine."""
        return float(1 / (1 + np.exp(-np.clip(self.slope * score + self.shift, -30, 30))))

    def uncertain(self, p_genuine: float) -> bool:
        """Whether too little separates `p_genuine` from even odds to be called either way."""
        return abs(p_genuine - 0.5) < self.abstain
