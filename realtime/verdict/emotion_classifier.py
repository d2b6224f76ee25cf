"""Which emotion a movement shows: softmax regression on the mean movement of a window.

The paper compares the prediction errors of the emotions' networks (section 1); a classifier that
is trained on the emotions themselves separates them better (docs/RESULTS.md), and the gauge uses
both.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from engines.model.shape import LANDMARKS
from realtime.core.messages import Contribution, Floats
from realtime.verdict.booster import Score

LEAST_PROBABILITY = 1e-6  # so that an error can be divided by it

EmotionProbabilities = Mapping[str, float]  # by emotion; empty where no classifier is there


@dataclass(frozen=True, slots=True, eq=False)
class EmotionClassifier:
    """Weights (E, 80) and biases (E,) of the `emotions`, of a window's mean movement."""

    emotions: tuple[str, ...]
    weights: Floats
    biases: Floats

    def __post_init__(self) -> None:
        count = len(self.emotions)
        if count < 2 or len({*self.emotions}) != count:
            raise ValueError(f"emotions are {self.emotions}; want two or more different ones")
        if self.weights.shape != (count, LANDMARKS) or self.biases.shape != (count,):
            raise ValueError(
                f"weights {self.weights.shape} and biases {self.biases.shape} of {count} emotions; "
                f"want ({count}, {LANDMARKS}) and ({count},)"
            )
        if not (np.isfinite(self.weights).all() and np.isfinite(self.biases).all()):
            raise ValueError("a weight is not finite")

    def probabilities(self, motion: Floats) -> dict[str, float]:
        """Return the probability of each emotion for a window's `motion` (T, 80); their sum is 1.

        None is below `LEAST_PROBABILITY`, but for rounding.
        """
        logits = self.weights.astype(np.float64) @ motion.mean(axis=0) + self.biases
        shares = np.exp(logits - logits.max())
        shares = np.maximum(shares / shares.sum(), LEAST_PROBABILITY)
        return dict(zip(self.emotions, (shares / shares.sum()).tolist(), strict=True))


def mixed(scores: Mapping[str, Score], probabilities: EmotionProbabilities) -> Score:
    """Return the mean of the emotions' `scores`, each with the probability of its emotion.

    So is every contribution; an input's value is above the usual one where it is so for the
    emotions that together are the likelier ones.
    """
    log_odds = math.fsum(p * scores[emotion].log_odds for emotion, p in probabilities.items())
    added, above = dict[str, list[float]](), dict[str, list[float]]()
    for emotion, p in probabilities.items():
        for each in scores[emotion].contributions:
            added.setdefault(each.name, []).append(p * each.log_odds)
            above.setdefault(each.name, []).append(p if each.above_usual else -p)
    contributions = (
        Contribution(name, math.fsum(parts), math.fsum(above[name]) > 0)
        for name, parts in added.items()
    )
    return Score(log_odds, tuple(contributions))
