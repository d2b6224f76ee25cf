"""Fit of what tells an expression from a neutral face: by movement, and by the read-out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from calibrate.data.dataset import Dataset
from calibrate.data.expression_samples import ACTIONS, NAMES, ExpressionSamples
from realtime.core.messages import Floats
from realtime.person.expression_watch import RestLimits
from realtime.person.population import Population
from realtime.person.stats import QUIET_SHARE, intensities
from realtime.person.tracker import ExpressionThresholds
from realtime.verdict.gate import Gate

# Percentiles of the intensity of neutral faces: offset threshold, onset threshold.
STILL, CERTAIN = 90, 98
# Percentiles of the read-out of neutral faces: of each action, for its scale; of the strength, from
# which a face may, and surely does, show an expression.
RARE, FAINT, SURE = 98, 98, 99.9
SMALLEST_SCALE = 0.05  # of an action that neutral faces hardly show: the read-out is no finer
NO_EXPRESSION = ("blink_left", "blink_right")  # whose strength says nothing
# Within these limits the landmarks of nine faces in ten stay where they are on the clear picture:
# `calibrate.experiments.view_limits`, on 635 faces. The yaw was set by hand on real videos.
SHARPNESS_MIN, BRIGHTNESS_MIN, BRIGHTNESS_MAX, YAW_MAX = 10.0, 20.0, 190.0, 0.5


def fit_gate(data: Dataset, people: Population) -> Gate:
    """Fit a gate: an expression is farther from neutral than neutral frames are."""
    resting = np.concatenate(
        [_resting(data, people, str(subject)) for subject in np.unique(data.subjects)]
    )
    offset, onset = (round(float(p), 4) for p in np.percentile(resting, (STILL, CERTAIN)))
    return Gate(SHARPNESS_MIN, BRIGHTNESS_MIN, BRIGHTNESS_MAX, YAW_MAX, onset, offset)


def fit_expression_thresholds(
    data: Dataset, clips: NDArray[np.intp], people: Population
) -> ExpressionThresholds:
    """Return onset and offset thresholds fitted on `clips` alone, and the read-out's limits."""
    found = fit_gate(data.subset(clips), people)
    return ExpressionThresholds(found.onset_threshold, found.offset_threshold, data.rest)


def fit_rest_limits(samples: ExpressionSamples, values: Floats) -> RestLimits:
    """Return the limits of the read-out `values` (n, actions) on the labelled people's neutral.

    The values are those of people held out, or the limits would be too narrow for others.
    """
    counted = np.array([name not in NO_EXPRESSION for name in NAMES])
    rest = values[_resting_samples(samples, counted)]
    typical = np.median(rest, axis=0)
    scale = np.maximum(np.percentile(rest, RARE, axis=0) - typical, SMALLEST_SCALE)
    scale[~counted] = np.inf
    strength = ((rest - typical) / scale).max(axis=1)
    faint, certain = (round(float(p), 4) for p in np.percentile(strength, (FAINT, SURE)))
    return RestLimits(
        np.asarray(typical, np.float32), np.asarray(scale, np.float32), faint, certain
    )


def _resting_samples(samples: ExpressionSamples, counted: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Return the samples of each labelled person in which the teacher sees least expression.

    Nearness to the usual shape would not do: who smiles in most clips is near it while smiling.
    """
    taught = samples.teacher[:, list(ACTIONS.values())][:, counted]
    shown = (taught / (taught.std(axis=0) + SMALLEST_SCALE)).sum(axis=1)
    found = []
    for person in np.unique(samples.person[samples.labelled]):
        own = np.flatnonzero(samples.person == person)
        still = max(1, int(QUIET_SHARE * len(own)))
        found.append(own[np.argsort(shown[own], kind="stable")[:still]])
    return np.concatenate(found)


def _resting(data: Dataset, people: Population, subject: str) -> Floats:
    """Return the intensities of the shapes of one person nearest to neutral."""
    clips = np.flatnonzero(data.subjects == subject)
    shapes = np.concatenate([data.shapes[i] for i in clips])
    away = (shapes - data.stats_by_person(clips)[subject].neutral) / people.movement_range
    found = np.sort(intensities(away))
    return np.asarray(found[: max(1, int(QUIET_SHARE * len(found)))], np.float32)
