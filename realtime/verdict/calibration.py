"""From score to probability: the map that was fitted on people the booster never saw."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class PlattScaling:
    """p = sigmoid(slope * score + shift). `abstain` is the half width around 0.5 inside which nothing is claimed."""

    slope: float
    intercept: float
    abstain_margin: float

    def __post_init__(self) -> None:
        if self.slope <= 0 or not 0 <= self.abstain_margin < 0.5:
            raise ValueError(f"{self}: want slope > 0 and 0 <= abstain < 0.5")

    def log_odds(self, score: float) -> float:
        """The log odds that the movement is genuine."""
        return self.slope * score + self.intercept

    def p_genuine(self, score: float) -> float:
        """The probability that the movement is genuine."""
        return float(1 / (1 + np.exp(-np.clip(self.log_odds(score), -30, 30))))

    def is_uncertain(self, p_genuine: float) -> bool:
        """Whether too little separates `p_genuine` from even odds to be called either way."""
        return abs(p_genuine - 0.5) < self.abstain_margin


@dataclass(frozen=True, slots=True)
class CalibrationByExperience:
    """Which map holds for how much is known: `steps` of expressions known and the map from there on, rising from 0.

    `own` is how far the person who is expected is from everybody, where that was fitted: in the logarithm of the slope,
    and in the shift.
    """

    steps: tuple[tuple[int, PlattScaling], ...]
    personal_offset: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        known = [expressions for expressions, _ in self.steps]
        if not known or known[0] != 0 or known != sorted(set(known)):
            raise ValueError(f"maps for {known} expressions known; want them to rise from 0")

    def at(self, expressions: int, expected: bool = False) -> PlattScaling:
        """The map for somebody of whom so many expressions are known."""
        usual = next(platt for known, platt in reversed(self.steps) if known <= expressions)
        if not expected or self.personal_offset is None:
            return usual
        return PlattScaling(
            usual.slope * math.exp(self.personal_offset[0]),
            usual.intercept + self.personal_offset[1],
            usual.abstain_margin,
        )
