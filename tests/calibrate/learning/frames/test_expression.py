"""The read-out learns made-up actions that lie in the features of one half of the face."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from calibrate.data.expression_samples import ACTIONS, BLENDSHAPES, NAMES, ExpressionSamples
from calibrate.learning.frames.expression import (
    ExpressionConfig,
    correlations,
    held_out_values,
    mirrored_name,
    train_expression,
)
from realtime.landmarks.expression_features import FEATURES

CONFIG = ExpressionConfig(hidden=8, epochs=6, batch=64, learning_rate=5e-3, folds=3)


@pytest.fixture(scope="module")
def samples() -> ExpressionSamples:
    """Return 6 people whose left and right smiles lie along two directions of the features."""
    rng, n = np.random.default_rng(0), 600
    directions = rng.normal(0, 1, (2, FEATURES))
    sides = rng.uniform(0, 1, (n, 2))
    noise = rng.normal(0, 0.5, (n, 2, FEATURES))
    features = np.stack((sides @ directions, sides[:, ::-1] @ directions), axis=1) + noise
    teacher = np.zeros((n, BLENDSHAPES), np.float32)
    teacher[:, [ACTIONS["smile_left"], ACTIONS["smile_right"]]] = sides
    person = np.arange(n) % 6
    return ExpressionSamples(
        features.astype(np.float16), teacher, person.astype(str), np.full(n, True)
    )


def test_people_held_out_are_read(samples: ExpressionSamples) -> None:
    values = held_out_values(samples, CONFIG)
    taught = samples.teacher[:, ACTIONS["smile_left"]]
    left, right = (values[:, NAMES.index(name)] for name in ("smile_left", "smile_right"))
    assert np.corrcoef(left, taught)[0, 1] > 0.9
    assert abs(np.corrcoef(right, taught)[0, 1]) < 0.4


def test_the_correlation_is_of_each_action_with_the_teacher(samples: ExpressionSamples) -> None:
    rng = np.random.default_rng(1)
    samples = replace(samples, teacher=rng.uniform(0, 1, samples.teacher.shape).astype(np.float32))
    values = samples.teacher[:, list(ACTIONS.values())] + rng.normal(0, 1e-3, (600, len(NAMES)))
    values[:, NAMES.index("smile_right")] *= -1
    found = correlations(values, samples)
    assert [*found] == [*NAMES]
    assert found["smile_left"] == pytest.approx(1, abs=0.01)
    assert found["smile_right"] == pytest.approx(-1, abs=0.01)


def test_both_halves_are_learned_from_one(samples: ExpressionSamples) -> None:
    """Trained on faces that smile on their left only, it reads a smile on the right."""
    left = samples.teacher[:, ACTIONS["smile_left"]] > samples.teacher[:, ACTIONS["smile_right"]]
    network = train_expression(samples, CONFIG, left)
    values = network.evaluate(samples.features[~left, 0].astype(np.float32))
    taught = samples.teacher[~left, ACTIONS["smile_right"]]
    assert np.corrcoef(values[:, NAMES.index("smile_right")], taught)[0, 1] > 0.8


def test_the_same_seed_gives_the_same_network(samples: ExpressionSamples) -> None:
    one, other = train_expression(samples, CONFIG), train_expression(samples, CONFIG)
    np.testing.assert_array_equal(one.hidden, other.hidden)
    np.testing.assert_array_equal(one.output, other.output)


def test_every_action_has_its_counterpart() -> None:
    assert {mirrored_name(name) for name in NAMES} == {*NAMES}
    assert mirrored_name("smile_left") == "smile_right"
    assert mirrored_name("jaw_drop") == "jaw_drop"
    assert len({*ACTIONS.values()}) == len(NAMES)
