"""The mirror principle: a movement is the emotion whose network predicts it best (paper, section 1).

A misfit is a network's prediction error over the movement itself, so a network that foresees nothing has 1.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

import numpy as np

from realtime.core.labels import ANY
from realtime.core.messages import Estimate, Window

TICKS = 5  # of the movement that a misfit is the mean of: one second, so that no single tick turns the gauge round
MARGIN = 0.9  # another emotion must have a misfit below this share of the followed one's
PATIENCE = 3  # ticks in a row that it must stay so


class EmotionErrors:
    """The misfit of every emotion's own network over the last ticks of a movement. Owned by the recognition thread."""

    def __init__(self) -> None:
        self._ticks: deque[Mapping[str, float]] = deque(maxlen=TICKS)

    def add(self, window: Window, estimates: Mapping[str, Estimate]) -> None:
        """Take in a tick's estimates by network; networks for any emotion, such as any-0, count together as any."""
        moved = float(np.square(window.motion[1:]).mean())
        if moved > 0:
            by_emotion: dict[str, list[float]] = {}
            for network, estimate in estimates.items():
                by_emotion.setdefault(emotion_of(network), []).append(estimate.loss / moved)
            self._ticks.append(
                {emotion: sum(found) / len(found) for emotion, found in by_emotion.items()}
            )

    def reset(self) -> None:
        """The movement has ended."""
        self._ticks.clear()

    def mean_errors(self) -> dict[str, float]:
        """The mean over the last ticks, by emotion, of those that were asked in all of them."""
        asked = set.intersection(*(set(tick) for tick in self._ticks)) if self._ticks else set()
        return {
            emotion: sum(tick[emotion] for tick in self._ticks) / len(self._ticks)
            for emotion in sorted(asked)
        }


class EmotionSelector:
    """The emotion that is followed: the best one, and another only once it is clearly better for some ticks.

    Owned by the recognition thread.
    """

    def __init__(self) -> None:
        self.emotion: str | None = None
        self._better = 0

    def select(self, errors: Mapping[str, float]) -> str | None:
        """The emotion to follow after a tick with these misfits; None while there are none."""
        best = best_emotion(errors)
        if best is None:
            return self.emotion
        if self.emotion is None or self.emotion not in errors:
            self.emotion = best
        clearly = best != self.emotion and errors[best] < MARGIN * errors[self.emotion]
        self._better = self._better + 1 if clearly else 0
        if self._better >= PATIENCE:
            self.emotion, self._better = best, 0
        return self.emotion

    def reset(self) -> None:
        """The movement has ended; the next one is followed anew."""
        self.emotion, self._better = None, 0


def best_emotion(errors: Mapping[str, float]) -> str | None:
    """The emotion that predicts the movement best; any emotion is none."""
    named = {emotion: misfit for emotion, misfit in errors.items() if emotion != ANY}
    return min(named, key=lambda emotion: named[emotion]) if named else None


def emotion_of(network: str) -> str:
    """The emotion that a network was learned on; the bag's networks are called any-0, any-1, ..."""
    return ANY if network.startswith(f"{ANY}-") else network
