"""The emotion that fits a movement best: whose network predicts it best (paper, section 1), and
which the emotion classifier takes for the likeliest.

The error is normalised by the energy of the movement (NMSE): 1 means that nothing is predicted.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

import numpy as np

from realtime.core.labels import ANY
from realtime.core.messages import Estimate, Window
from realtime.verdict.emotion_classifier import EmotionProbabilities

TICKS = 5  # averaged: one second, so that a single tick cannot switch the emotion
MARGIN = 0.9  # another emotion's mismatch must be below this share of the selected one's
PATIENCE = 3  # consecutive ticks of that before the switch


class EmotionErrors:
    """Mean prediction error of every emotion's network over the last ticks. Owned by the
    recognition thread.
    """

    def __init__(self) -> None:
        self._ticks: deque[Mapping[str, float]] = deque(maxlen=TICKS)

    def add(self, window: Window, estimates: Mapping[str, Estimate]) -> None:
        """Add a tick's estimates by network; the ensemble any-0, any-1, ... is averaged."""
        energy = float(np.square(window.motion[1:]).mean())
        if energy > 0:
            by_emotion: dict[str, list[float]] = {}
            for network, estimate in estimates.items():
                by_emotion.setdefault(emotion_of(network), []).append(estimate.loss / energy)
            self._ticks.append(
                {emotion: sum(losses) / len(losses) for emotion, losses in by_emotion.items()}
            )

    def reset(self) -> None:
        """End the current expression."""
        self._ticks.clear()

    def mean_errors(self) -> dict[str, float]:
        """Return the mean error by emotion, for emotions present in all of the last ticks."""
        common = set.intersection(*(set(tick) for tick in self._ticks)) if self._ticks else set()
        return {
            emotion: sum(tick[emotion] for tick in self._ticks) / len(self._ticks)
            for emotion in sorted(common)
        }


class EmotionSelector:
    """Select the emotion with the smallest mismatch; switch only after some ticks of a clear lead.

    Owned by the recognition thread.
    """

    def __init__(self) -> None:
        self.emotion: str | None = None
        self._better = 0

    def select(self, mismatches: Mapping[str, float]) -> str | None:
        """Return the selected emotion after a tick with `mismatches`; None while there are none."""
        best = best_emotion(mismatches)
        if best is None:
            return self.emotion
        if self.emotion is None or self.emotion not in mismatches:
            self.emotion = best
        clearly = best != self.emotion and mismatches[best] < MARGIN * mismatches[self.emotion]
        self._better = self._better + 1 if clearly else 0
        if self._better >= PATIENCE:
            self.emotion, self._better = best, 0
        return self.emotion

    def reset(self) -> None:
        """End the current expression and the selection."""
        self.emotion, self._better = None, 0


def emotion_mismatches(
    errors: Mapping[str, float], probabilities: EmotionProbabilities
) -> dict[str, float]:
    """Return how badly a movement fits each emotion: its error divided by its probability.

    Without a classifier there are no `probabilities`, and the errors alone are compared. An emotion
    that the classifier does not know is left out beside those that it knows.
    """
    if not probabilities:
        return dict(errors)
    return {
        name: error / probabilities[name] for name, error in errors.items() if name in probabilities
    }


def best_emotion(mismatches: Mapping[str, float]) -> str | None:
    """Return the named emotion with the smallest mismatch, or None."""
    named = {emotion: mismatch for emotion, mismatch in mismatches.items() if emotion != ANY}
    return min(named, key=lambda emotion: named[emotion]) if named else None


def emotion_of(network: str) -> str:
    """Return the emotion a network was trained on; any-0, any-1, ... give any."""
    return ANY if network.startswith(f"{ANY}-") else network
