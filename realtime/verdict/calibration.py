"""Platt scaling: score to probability, fitted on held-out people."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class PlattScaling:
    """Platt scaling p = sigmoid(slope * score + intercept).

    Within `abstain_margin` of 0.5 the verdict is uncertain.
    """

    slope: float
    intercept: float
    abstain_margin: float

    def __post_init__(self) -> None:
        if self.slope <= 0 or not 0 <= self.abstain_margin < 0.5:
            raise ValueError(f"{self}: want slope > 0 and 0 <= abstain < 0.5")

    def log_odds(self, score: float) -> float:
        """Return the calibrated log odds of genuine."""
        return self.slope * score + self.intercept

    def p_genuine(self, score: float) -> float:
        """Return the probability of genuine."""
        return float(1 / (1 + np.exp(-np.clip(self.log_odds(score), -30, 30))))

    def is_uncertain(self, p_genuine: float) -> bool:
        """Return whether `p_genuine` is too close to 0.5 to call."""
        return abs(p_genuine - 0.5) < self.abstain_margin


@dataclass(frozen=True, slots=True)
class CalibrationByExperience:
    """Platt scaling by the number of expressions known of a person.

    `steps` are (expressions, scaling), rising from 0. `personal_offset` shifts log slope and
    intercept for the expected person, where it was fitted.
    """

    steps: tuple[tuple[int, PlattScaling], ...]
    personal_offset: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        known = [expressions for expressions, _ in self.steps]
        if not known or known[0] != 0 or known != sorted(set(known)):
            raise ValueError(
                f"calibrations for {known} known expressions; want them to rise from 0"
            )

    def at(self, expressions: int, expected: bool = False) -> PlattScaling:
        """Return the scaling for a person with so many known expressions."""
        shared = next(platt for known, platt in reversed(self.steps) if known <= expressions)
        if not expected or self.personal_offset is None:
            return shared
        return PlattScaling(
            shared.slope * math.exp(self.personal_offset[0]),
            shared.intercept + self.personal_offset[1],
            shared.abstain_margin,
        )
