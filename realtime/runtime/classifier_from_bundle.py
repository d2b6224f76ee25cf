"""Emotion classifier of a bundle, from its section `emotion_classifier`."""

from __future__ import annotations

from engines.bundle.bundle import Bundle
from engines.errors import BundleRefused
from realtime.core.labels import ANY
from realtime.verdict.emotion_classifier import EmotionClassifier

CLASSIFIER = "emotion_classifier"  # of the manifest; optional
WEIGHTS = "emotion_classifier/weights"  # array (E, 81): the biases come last


def load_emotion_classifier(bundle: Bundle) -> EmotionClassifier | None:
    """Return the emotion classifier of the bundle; None where it has no such section."""
    if CLASSIFIER not in bundle.manifest:
        return None
    part, rows = bundle.manifest.section(CLASSIFIER), bundle.array(WEIGHTS)
    emotions = part.texts("emotions")
    unknown = [each for each in emotions if each == ANY or each not in bundle.emotions]
    if unknown:
        raise BundleRefused(
            f"{part.where}.emotions has {', '.join(unknown)}; want single emotions of the bundle; "
            "get a complete bundle"
        )
    try:
        if rows.ndim != 2:
            raise ValueError(f"weights have shape {rows.shape}; want two dimensions")
        return EmotionClassifier(emotions, rows[:, :-1], rows[:, -1])
    except ValueError as error:
        raise BundleRefused(f"{part.where}: {error}; get a complete bundle") from None
