from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np

from calibrate.bundle.classifier_part import add_emotion_classifier
from engines.bundle.bundle import DEFAULT_BUNDLE, Bundle
from engines.bundle.checksums import CHECKSUM_FILE
from realtime.runtime.classifier_from_bundle import CLASSIFIER, load_emotion_classifier
from realtime.verdict.emotion_classifier import EmotionClassifier


def test_a_classifier_is_added_read_back_and_replaced_and_all_else_stays(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(DEFAULT_BUNDLE, tmp_path / "bundle"))
    before = Bundle.load(folder)
    rng = np.random.default_rng(0)
    for emotions in (("fear", "anger", "disgust"), ("fear", "sadness")):
        weights = rng.normal(size=(len(emotions), 80)).astype(np.float32)
        biases = rng.normal(size=len(emotions)).astype(np.float32)
        add_emotion_classifier(folder, EmotionClassifier(emotions, weights, biases))
    after = Bundle.load(folder)
    found = load_emotion_classifier(after)
    assert found is not None
    assert found.emotions == ("fear", "sadness")
    np.testing.assert_array_equal(found.weights, weights)
    np.testing.assert_array_equal(found.biases, biases)
    old, new = (
        {k: v for k, v in each.manifest.values.items() if k not in ("files", CLASSIFIER)}
        for each in (before, after)
    )
    assert json.dumps(old) == json.dumps(new)
    assert (folder / CHECKSUM_FILE).exists()
    card = (folder / "MODEL_CARD.md").read_text()
    assert card.count("## Emotion classifier") == 1
    assert "fear, sadness" in card
