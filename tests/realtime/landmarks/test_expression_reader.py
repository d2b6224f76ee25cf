from __future__ import annotations

import numpy as np
import pytest

from realtime.landmarks.appearance import appearance_basis
from realtime.landmarks.expression_features import FEATURES, HOG_VALUES, measure_face
from realtime.landmarks.expression_reader import ExpressionNetwork, ExpressionReader

NAMES = ("smile_left", "smile_right")


def made(units: int = 3) -> ExpressionNetwork:
    rng = np.random.default_rng(0)
    hidden = rng.normal(0, 0.1, (units, FEATURES + 1)).astype(np.float32)
    return ExpressionNetwork(NAMES, hidden, rng.normal(0, 1, (2, units + 1)).astype(np.float32))


def test_the_network_is_rectified_units_between_two_linear_layers() -> None:
    hidden = np.zeros((2, FEATURES + 1), np.float32)
    hidden[0, 0], hidden[1, 0], hidden[1, -1] = 1, -1, 0.25
    output = np.array([[0.5, 0, 0.1], [0, 2, 0]], np.float32)
    network = ExpressionNetwork(NAMES, hidden, output)
    features = np.zeros((3, FEATURES), np.float32)
    features[:, 0] = 0.2, 1.0, 9.0
    np.testing.assert_allclose(
        network.evaluate(features), [[0.2, 0.1], [0.6, 0], [1, 0]], atol=1e-6
    )


def test_the_reader_evaluates_the_features_of_a_picture() -> None:
    gray = np.random.default_rng(1).integers(0, 255, (120, 160), np.uint8)
    points = np.random.default_rng(2).uniform(40, 100, (68, 2)).astype(np.float32)
    network = made()
    expression, appearance = ExpressionReader(network).read(gray, points)
    assert expression is not None
    assert appearance is None
    assert expression.names == NAMES
    np.testing.assert_array_equal(expression.values, network.evaluate(measure_face(gray, points)))
    assert expression.by_name() == dict(zip(NAMES, expression.values.tolist(), strict=True))


def test_the_reader_measures_the_appearance_if_it_has_a_basis() -> None:
    gray = np.random.default_rng(1).integers(0, 255, (120, 160), np.uint8)
    points = np.random.default_rng(2).uniform(40, 100, (68, 2)).astype(np.float32)
    basis = appearance_basis()
    expression, appearance = ExpressionReader(None, basis).read(gray, points)
    assert expression is None
    hog = measure_face(gray, points)[:HOG_VALUES]
    np.testing.assert_array_equal(appearance, basis.measure(hog))


@pytest.mark.parametrize(
    ("names", "hidden", "output", "fault"),
    [
        (NAMES, (3, FEATURES), (2, 4), "layers have shapes"),
        (NAMES, (3, FEATURES + 1), (2, 3), "layers have shapes"),
        (NAMES[:1], (3, FEATURES + 1), (2, 4), "layers have shapes"),
        ((), (3, FEATURES + 1), (0, 4), "layers have shapes"),
        (("smile", "smile"), (3, FEATURES + 1), (2, 4), "want each once"),
    ],
)
def test_layers_that_do_not_fit_are_refused(names, hidden, output, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        ExpressionNetwork(names, np.zeros(hidden, np.float32), np.zeros(output, np.float32))
