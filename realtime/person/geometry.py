"""Telling faces apart: by proportions that one person's rest and movement hardly change, learned from many people.

How a face looks tells more, and sooner, but only within one run: `realtime.person.appearance`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engines.model.shape import LANDMARKS
from realtime.core.messages import Floats
from realtime.person.appearance import AppearanceModel

# Moments of a face that the limit was learned from, and that it holds for: known from so many, seen in so many.
MAX_KNOWN_SEGMENTS, MAX_NEW_SEGMENTS = 6, 6


@dataclass(frozen=True, slots=True, eq=False)
class GeometryModel:
    """`directions` (d, 80) along which people differ; moments of one person have a mean square of 1 along them.

    `limit` is the unlikeness that moments of one person hardly ever reach (see `unlike`), and `jump` the one that two
    neighbouring frames of one person do not. `appearance` tells people apart by how they look, where it was learned.
    """

    directions: Floats
    different_above: float
    shot_cut_above: float
    appearance: AppearanceModel | None = None

    def __post_init__(self) -> None:
        if self.directions.shape[1:] != (LANDMARKS,) or not len(self.directions):
            raise ValueError(
                f"telling directions have shape {self.directions.shape}; want (d, {LANDMARKS}), d > 0"
            )
        if not min(self.different_above, self.shot_cut_above) > 0:
            raise ValueError(
                f"telling limit is {self.different_above}, jump {self.shot_cut_above}; want numbers above 0"
            )

    def embed(self, rest: Floats) -> Floats:
        """Where a face at rest (80,) lies among people (d,)."""
        return np.asarray(self.directions @ rest, np.float32)

    def step_size(self, before: Floats, after: Floats) -> float:
        """How unlike two shapes (80,) of neighbouring frames are: beyond `jump`, too far apart for one face."""
        return geometry_distance([self.embed(before)], 1.0, [self.embed(after)])

    def is_different(self, known: Sequence[Floats], weight: float, seen: Sequence[Floats]) -> bool:
        """Whether the places `seen` are of another face than those `known`, whose mean rests on `weight` moments."""
        return geometry_distance(known, weight, seen) > self.different_above


def geometry_distance(known: Sequence[Floats], weight: float, seen: Sequence[Floats]) -> float:
    """How far two means of places lie apart: about 1 for one person, however many moments each rests on."""
    apart = np.mean(known, axis=0) - np.mean(seen, axis=0)
    return float(np.square(apart).mean() / (1 / weight + 1 / len(seen)))
