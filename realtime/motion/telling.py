"""Telling faces apart: by proportions that one person's rest and movement hardly change, learned from many people."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from engines.shape import LANDMARKS
from realtime.values import Floats

STEPS = 30  # between the last frames, whose median tells how much the points tremble
STANDS_OUT = 4.0  # times the median; noise alone hardly goes beyond twice


@dataclass(frozen=True, slots=True, eq=False)
class Telling:
    """`directions` (d, 80) along which people differ; moments of one person have a mean square of 1 along them.

    `limit` is the unlikeness that moments of one person hardly ever reach (see `unlike`), and `jump` the one that two
    neighbouring frames of one person do not.
    """

    directions: Floats
    limit: float
    jump: float

    def __post_init__(self) -> None:
        if self.directions.shape[1:] != (LANDMARKS,) or not len(self.directions):
            raise ValueError(f"telling directions have shape {self.directions.shape}; want (d, {LANDMARKS}), d > 0")
        if not min(self.limit, self.jump) > 0:
            raise ValueError(f"telling limit is {self.limit}, jump {self.jump}; want numbers above 0")

    def place(self, rest: Floats) -> Floats:
        """Where a face at rest (80,) lies among people (d,)."""
        return np.asarray(self.directions @ rest, np.float32)

    def step(self, before: Floats, after: Floats) -> float:
        """How unlike two shapes (80,) of neighbouring frames are: beyond `jump`, too far apart for one face."""
        return unlike([self.place(before)], 1.0, [self.place(after)])

    def another(self, known: Sequence[Floats], weight: float, seen: Sequence[Floats]) -> bool:
        """Whether the places `seen` are of another face than those `known`, whose mean rests on `weight` moments."""
        return unlike(known, weight, seen) > self.limit


class Cuts:
    """Notices that another face stands where one stood a frame ago. Owned by the vision thread.

    In a dim room points tremble more than any that were learned from; there a cut is a step that stands out among the
    last ones, too.
    """

    def __init__(self, telling: Telling) -> None:
        self._telling = telling
        self._steps: deque[float] = deque(maxlen=STEPS)

    def between(self, before: Floats, after: Floats) -> bool:
        """Whether a cut lies between two shapes (80,) of neighbouring frames."""
        step = self._telling.step(before, after)
        trembling = STANDS_OUT * median(self._steps) if self._steps else 0.0
        self._steps.append(step)
        return step > max(self._telling.jump, trembling)


def unlike(known: Sequence[Floats], weight: float, seen: Sequence[Floats]) -> float:
    """How far two means of places lie apart: about 1 for one person, however many moments each rests on."""
    apart = np.mean(known, axis=0) - np.mean(seen, axis=0)
    return float(np.square(apart).mean() / (1 / weight + 1 / len(seen)))
