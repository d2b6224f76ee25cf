"""Fits of Platt scaling for everyone and of one person's offset from it."""

from __future__ import annotations

import numpy as np

from calibrate.metrics import Flags, Numbers
from realtime.verdict.calibration import PlattScaling

# Prior standard deviations of a person's intercept and log slope around the population's. They are
# tight because a person gives few clips; they are not learned from data.
INTERCEPT_SPREAD, SLOPE_SPREAD = 0.5, 0.25
NELDER_MEAD = {"method": "Nelder-Mead", "options": {"xatol": 1e-6, "fatol": 1e-10}}


def fit_platt_scaling(score: Numbers, genuine: Flags) -> tuple[float, float]:
    """Return slope (above 0) and intercept of the sigmoid from `score` (n,) to P(genuine).

    Targets are smoothed as in Platt (1999).
    """
    from scipy.optimize import minimize

    positives = int(genuine.sum())
    negatives = len(genuine) - positives
    target = np.where(genuine, (positives + 1) / (positives + 2), 1 / (negatives + 2))

    def cost(parameters: Numbers) -> float:
        odds = np.exp(parameters[0]) * score + parameters[1]
        return float(np.mean(np.logaddexp(0, odds) - target * odds))

    log_slope, intercept = minimize(cost, np.zeros(2), **NELDER_MEAD).x
    return float(np.exp(log_slope)), float(intercept)


def fit_personal_offset(
    score: Numbers, genuine: Flags, population: PlattScaling
) -> tuple[float, float] | None:
    """Return a person's offsets of log slope and intercept from `population`, shrunk to 0.

    None without a labelled clip.
    """
    from scipy.optimize import minimize

    if not len(score):
        return None
    sign = np.where(genuine, 1.0, -1.0)

    def cost(offset: Numbers) -> float:
        """Return the negative log posterior; `offset` is in standard deviations of the prior."""
        slope = population.slope * np.exp(SLOPE_SPREAD * offset[0])
        intercept = population.intercept + INTERCEPT_SPREAD * offset[1]
        log_loss = np.logaddexp(0, -sign * (slope * score + intercept)).sum()
        return float(log_loss + 0.5 * offset @ offset)

    offset = minimize(cost, np.zeros(2), **NELDER_MEAD).x
    return float(SLOPE_SPREAD * offset[0]), float(INTERCEPT_SPREAD * offset[1])
