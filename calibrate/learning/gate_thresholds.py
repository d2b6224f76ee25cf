"""Fit of the onset and offset thresholds of an expression."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from calibrate.data.dataset import Dataset
from realtime.core.messages import Floats
from realtime.person.population import Population
from realtime.person.stats import QUIET_SHARE, estimate_stats
from realtime.person.tracker import ExpressionThresholds
from realtime.verdict.gate import Gate

# Percentiles of the intensity of neutral faces: offset threshold, onset threshold.
STILL, CERTAIN = 90, 98
# Limits at which landmarks are stable on real videos; set by hand, not learned from data.
SHARPNESS_MIN, BRIGHTNESS_MIN, BRIGHTNESS_MAX, YAW_MAX = 15.0, 30.0, 235.0, 0.5


def fit_gate(data: Dataset, people: Population) -> Gate:
    """Fit a gate: an expression is farther from neutral than neutral frames are."""
    intensities = np.concatenate(
        [_resting(data, people, str(subject)) for subject in np.unique(data.subjects)]
    )
    offset, onset = (round(float(p), 4) for p in np.percentile(intensities, (STILL, CERTAIN)))
    return Gate(SHARPNESS_MIN, BRIGHTNESS_MIN, BRIGHTNESS_MAX, YAW_MAX, onset, offset)


def fit_expression_thresholds(
    data: Dataset, clips: NDArray[np.intp], people: Population
) -> ExpressionThresholds:
    """Return onset and offset thresholds fitted on `clips` alone."""
    found = fit_gate(data.subset(clips), people)
    return ExpressionThresholds(found.onset_threshold, found.offset_threshold)


def _resting(data: Dataset, people: Population, subject: str) -> Floats:
    """Return the intensities of the shapes of one person nearest to neutral."""
    clips = np.flatnonzero(data.subjects == subject)
    shapes = np.concatenate([data.shapes[i] for i in clips])
    away = (
        shapes - estimate_stats([data.shapes[i] for i in clips]).neutral
    ) / people.movement_range
    intensities = np.sort(np.sqrt(np.square(away).mean(axis=1)))
    return np.asarray(intensities[: max(1, int(QUIET_SHARE * len(intensities)))], np.float32)
