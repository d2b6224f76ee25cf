"""Add an emotion classifier to a bundle; all else in it stays as it is."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from calibrate.bundle.expression_part import add_section
from realtime.runtime.classifier_from_bundle import CLASSIFIER, WEIGHTS
from realtime.verdict.emotion_classifier import EmotionClassifier

CARD_SECTION = """## Emotion classifier

A softmax regression on the mean movement of a window, learned from labelled clips, distinguishes
{emotions}. By it `auto` chooses an emotion, and any emotion is judged by the scores of all of
them, weighted by the probabilities. It goes by the labels of these clips and says nothing of what a
person feels.
"""


def add_emotion_classifier(folder: Path, classifier: EmotionClassifier) -> None:
    """Write `classifier` into the bundle in `folder`, replacing an older one.

    Raises BundleRefused for a bundle that is damaged before.
    """
    rows = np.column_stack((classifier.weights, classifier.biases)).astype(np.float32)
    section = {"emotions": list(classifier.emotions)}
    card = CARD_SECTION.format(emotions=", ".join(classifier.emotions))
    add_section(folder, CLASSIFIER, section, card, {WEIGHTS: rows})
