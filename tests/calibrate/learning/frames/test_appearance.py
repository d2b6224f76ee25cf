from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from calibrate.data.clips import DataError
from calibrate.data.expression_samples import BLENDSHAPES, ExpressionSamples
from calibrate.learning.frames.appearance import fit_appearance
from realtime.landmarks.appearance import SYMMETRIC, mirror_of_hog
from realtime.landmarks.expression_features import FEATURES, HOG_VALUES


def samples_of(looks: dict[str, np.ndarray], labelled: Sequence[str] = ()) -> ExpressionSamples:
    """Return samples with the HOG of each person (n, H)."""
    person = np.concatenate([np.full(len(rows), name) for name, rows in looks.items()])
    features = np.zeros((len(person), 2, FEATURES), np.float16)
    features[:, 0, :HOG_VALUES] = np.concatenate([*looks.values()])
    teacher = np.zeros((len(person), BLENDSHAPES), np.float32)
    return ExpressionSamples(features, teacher, person, np.isin(person, labelled))


def along(direction: np.ndarray, size: float, mean: float = 0.0) -> np.ndarray:
    """Return frames (40, H) that move along a direction about a mean, with a little noise."""
    rng = np.random.default_rng(0)
    moved = size * rng.normal(0, 1, (40, 1)) * direction
    return mean + moved + rng.normal(0, 0.01, (40, HOG_VALUES))


@pytest.fixture
def direction() -> np.ndarray:
    """Return a direction that no half of the face has alone."""
    found = np.random.default_rng(1).normal(0, 1, HOG_VALUES)
    return found / np.linalg.norm(found)


def test_each_half_of_a_movement_is_found(direction: np.ndarray) -> None:
    basis = fit_appearance(samples_of({"a": along(direction, 3.0)}))
    turned = direction[mirror_of_hog()]
    for component, half in ((0, direction + turned), (SYMMETRIC, direction - turned)):
        cosine = basis.components[component] @ half / np.linalg.norm(half)
        assert abs(cosine) == pytest.approx(1, abs=0.01)


def test_how_people_differ_counts_for_nothing(direction: np.ndarray) -> None:
    other = np.roll(direction, 1)
    people = {"a": along(direction, 1.0, 5.0), "b": along(direction, 1.0) - 20 * other}
    first = fit_appearance(samples_of(people)).components[0]
    half = direction + direction[mirror_of_hog()]
    assert abs(first @ half) / np.linalg.norm(half) == pytest.approx(1, abs=0.02)


def test_labelled_people_are_left_out(direction: np.ndarray) -> None:
    other = np.roll(direction, 1)
    people = {"a": along(direction, 1.0), "b": along(other, 9.0)}
    alone = fit_appearance(samples_of({"a": people["a"]})).components
    np.testing.assert_array_equal(fit_appearance(samples_of(people, ["b"])).components, alone)
    assert np.abs(fit_appearance(samples_of(people)).components - alone).max() > 0.1


def test_without_unlabelled_people_there_is_nothing_to_learn(direction: np.ndarray) -> None:
    with pytest.raises(DataError, match="every sampled person is labelled"):
        fit_appearance(samples_of({"a": along(direction, 1.0)}, ["a"]))
