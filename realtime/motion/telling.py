"""Telling faces apart: by proportions that one person's rest and movement hardly change, learned from many people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engines.shape import LANDMARKS
from realtime.values import Floats


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

    def jumped(self, before: Floats, after: Floats) -> bool:
        """Whether two shapes (80,) of neighbouring frames are too far apart for one face that moves."""
        return unlike([self.place(before)], 1.0, [self.place(after)]) > self.jump

    def another(self, known: Sequence[Floats], weight: float, seen: Sequence[Floats]) -> bool:
        """Whether the places `seen` are of another face than those `known`, whose mean rests on `weight` moments."""
        return unlike(known, weight, seen) > self.limit


def unlike(known: Sequence[Floats], weight: float, seen: Sequence[Floats]) -> float:
    """How far two means of places lie apart: about 1 for one person, however many moments each rests on."""
    apart = np.mean(known, axis=0) - np.mean(seen, axis=0)
    return float(np.square(apart).mean() / (1 / weight + 1 / len(seen)))
