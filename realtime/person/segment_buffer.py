"""What is seen of a face, a tenth of a second apart, until a stretch of it is over. Owned by the vision thread."""

from __future__ import annotations

from collections import deque

import numpy as np

from realtime.core.messages import Floats, Image
from realtime.person.appearance import AppearanceModel
from realtime.person.segment import SAMPLE_EVERY_S, Segment

FRESH = 100  # shapes that one sample is the mean of, at most: a thousand frames a second

MOST_STEPS = 3  # that one shape stands for: after a longer gap a face has moved on


class SegmentBuffer:
    """The open stretch. A tenth of a second's shapes become one, their mean: noise counts for less.

    Where fewer frames come than samples are wanted, one stands for several, so that seconds are seconds.
    """

    def __init__(self, appearance: AppearanceModel | None) -> None:
        self._appearance = appearance
        self._fresh: deque[Floats] = deque(maxlen=FRESH)  # shapes since the last sample
        self._shapes: list[Floats] = []
        self._looks: list[Floats] = []
        self._last_s = float("-inf")

    @property
    def seconds(self) -> float:
        """How much was seen."""
        return len(self._shapes) * SAMPLE_EVERY_S

    def lasts(self, seconds: float) -> bool:
        """Whether so much was seen."""
        return self.seconds >= seconds - 1e-6

    def add(self, at_s: float, shape: Floats, patch: Image | None) -> bool:
        """Take notice of a shape (80,), and of the face's `patch` (24, 24) if there is one; whether a sample is full.

        Of the patches of a tenth of a second the newest is enough.
        """
        self._fresh.append(shape)
        if at_s - self._last_s < SAMPLE_EVERY_S - 1e-6:
            return False
        steps = (
            min(MOST_STEPS, int((at_s - self._last_s + 1e-6) / SAMPLE_EVERY_S))
            if self._shapes
            else 0
        )
        self._last_s = (
            self._last_s + steps * SAMPLE_EVERY_S if steps else at_s
        )  # by the grid: frames fall beside it
        self._shapes.extend([np.asarray(np.mean(self._fresh, axis=0), np.float32)] * max(1, steps))
        self._fresh.clear()
        if patch is not None and self._appearance is not None:
            self._looks.append(self._appearance.embed(patch))
        return True

    def segment(self, moved: bool) -> Segment:
        """What there is, as it is."""
        look = np.asarray(np.mean(self._looks, axis=0), np.float32) if self._looks else None
        return Segment(np.array(self._shapes), moved, look)

    def clear(self) -> None:
        """The stretch is over."""
        self._shapes.clear()
        self._looks.clear()

    def interrupt(self) -> None:
        """What comes next does not follow on what came last."""
        self._fresh.clear()
