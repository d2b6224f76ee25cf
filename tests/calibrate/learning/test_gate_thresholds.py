from __future__ import annotations

import numpy as np
import pytest

from calibrate.data.expression_samples import ACTIONS, BLENDSHAPES, NAMES, ExpressionSamples
from calibrate.learning.gate_thresholds import NO_EXPRESSION, SMALLEST_SCALE, fit_rest_limits
from realtime.landmarks.expression_features import FEATURES
from realtime.person.expression_watch import RestLimits

PEOPLE, FRAMES, STILL = 10, 400, 100  # frames of each person, the first of them at rest
SMILE, BLINK = NAMES.index("smile_left"), NAMES.index("blink_left")


@pytest.fixture(scope="module")
def limits() -> RestLimits:
    """Return limits of people who smile in most frames; a stranger without labels always smiles."""
    rng, n = np.random.default_rng(0), (PEOPLE + 1) * FRAMES
    person = np.arange(n) // FRAMES
    smiling = (np.arange(n) % FRAMES >= STILL) | (person == PEOPLE)
    teacher = np.zeros((n, BLENDSHAPES), np.float32)
    teacher[:, ACTIONS["smile_left"]] = 0.7 * smiling
    teacher[:, ACTIONS["blink_left"]] = ~smiling
    values = rng.uniform(0, 0.1, (n, len(NAMES))).astype(np.float32)
    values[:, SMILE] += 0.1 + 0.6 * smiling
    values[:, NAMES.index("jaw_drop")] = 0.001
    features = np.zeros((n, 2, FEATURES), np.float16)
    names = person.astype(str)
    return fit_rest_limits(ExpressionSamples(features, teacher, names, person < PEOPLE), values)


def test_rest_is_where_the_teacher_sees_least_blinks_left_aside(limits: RestLimits) -> None:
    assert limits.typical[SMILE] == pytest.approx(0.15, abs=0.01)
    assert limits.scale[SMILE] == pytest.approx(SMALLEST_SCALE, abs=0.01)


def test_a_blink_is_no_expression_and_no_scale_is_finer_than_the_read_out(limits) -> None:
    infinite = [NAMES[i] for i in np.flatnonzero(np.isinf(limits.scale))]
    assert infinite == [*NO_EXPRESSION]
    assert limits.scale[NAMES.index("jaw_drop")] == pytest.approx(SMALLEST_SCALE)


def test_neutral_faces_are_below_the_limits_and_smiles_beyond(limits: RestLimits) -> None:
    rest = limits.typical.copy()
    assert limits.strength(rest) == 0 < limits.faint <= limits.certain
    rest[SMILE] += 0.5
    assert limits.strength(rest) > limits.certain
    assert limits.strength(rest, usual=rest) == 0
