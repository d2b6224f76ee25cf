from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from changed_bundles import changed, without

from engines.bundle.bundle import Bundle, ManifestSection
from engines.errors import BundleRefused
from realtime.core.messages import BoxSource, Face, Tick, ViewQuality, Window
from realtime.runtime import stages_from_bundle as stages
from realtime.runtime.classifier_from_bundle import CLASSIFIER, WEIGHTS, load_emotion_classifier

ROWS = np.arange(162, dtype=np.float32).reshape(2, 81)


def with_classifier(bundle: Bundle, section: object, rows: np.ndarray = ROWS) -> Bundle:
    values = {**bundle.manifest.values, CLASSIFIER: section}
    arrays = {**bundle.arrays, WEIGHTS: rows}
    where = bundle.manifest.where
    return replace(bundle, manifest=ManifestSection(where, values), _arrays=arrays)


def expression(motion: np.ndarray) -> Tick:
    """Return a tick with this movement, in a clear view."""
    face, quality = Face((0, 0, 9, 9), 20, BoxSource.MOSSE), ViewQuality(100, 120, 0)
    window = Window(motion, 0.4, 2.0)
    return Tick(2.0, 1, 2.0, face=face, quality=quality, window=window, intensity=5.0)


def test_weights_and_biases_are_read(bundle: Bundle) -> None:
    found = load_emotion_classifier(with_classifier(bundle, {"emotions": ["fear", "anger"]}))
    assert found is not None
    assert found.emotions == ("fear", "anger")
    np.testing.assert_array_equal(found.weights, ROWS[:, :80])
    np.testing.assert_array_equal(found.biases, ROWS[:, 80])


def test_the_packaged_bundle_tells_its_six_emotions_apart(bundle: Bundle) -> None:
    found = load_emotion_classifier(bundle)
    assert found is not None
    assert {*found.emotions} == {*bundle.emotions} - {"any"}


def test_a_bundle_without_one_has_none(bundle: Bundle) -> None:
    values = {k: v for k, v in bundle.manifest.values.items() if k != CLASSIFIER}
    plain = replace(bundle, manifest=ManifestSection(bundle.manifest.where, values))
    assert load_emotion_classifier(plain) is None


@pytest.mark.parametrize(
    ("section", "rows"),
    [
        ({"emotions": ["fear"]}, ROWS[:1]),
        ({"emotions": ["fear", "fear"]}, ROWS),
        ({"emotions": ["fear", "envy"]}, ROWS),
        ({"emotions": ["fear", "any"]}, ROWS),
        ({"emotions": ["fear", "anger"]}, ROWS[:, 1:]),
        ({"emotions": ["fear", "anger"]}, ROWS[0]),
        ({"emotions": ["fear", "anger", "disgust"]}, ROWS),
        ({"emotions": ["fear", "anger"]}, ROWS.astype(np.float64)),
        ({"emotions": "fear"}, ROWS),
        ({}, ROWS),
        ([], ROWS),
    ],
)
def test_a_damaged_section_is_refused(bundle: Bundle, section: object, rows: np.ndarray) -> None:
    with pytest.raises(BundleRefused, match="complete bundle"):
        load_emotion_classifier(with_classifier(bundle, section, rows))


def test_missing_weights_are_refused(bundle: Bundle) -> None:
    arrays = {key: array for key, array in bundle.arrays.items() if key != WEIGHTS}
    with pytest.raises(BundleRefused, match="emotion_classifier/weights is missing"):
        load_emotion_classifier(replace(bundle, _arrays=arrays))


@pytest.mark.parametrize("emotion", ["any", "auto", "all", "contempt"])
def test_a_judge_asks_it(bundle: Bundle, emotion: str) -> None:
    """A classifier that is certain of fear gives any emotion the score of fear."""
    rows = np.zeros((2, 81), np.float32)
    rows[0, 80] = 50.0
    certain = with_classifier(bundle, {"emotions": ["fear", "anger"]}, rows)
    certain = changed(certain, without("gate", "misfit_max"))  # made-up movement fits no emotion
    motion = np.random.default_rng(0).normal(0, 0.3, (16, 80)).astype(np.float32)

    def score(asked: str) -> float | None:
        judge = stages.create_judge(certain, stages.choose_emotion(certain, asked), "native")
        return judge.read(expression(motion)).score

    assert score(emotion) == pytest.approx(score("fear"), abs=1e-4)
    assert score("anger") != pytest.approx(score("fear"), abs=1e-2)
