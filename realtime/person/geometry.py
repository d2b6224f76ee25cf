"""Telling faces apart: by proportions that one person's rest and movement hardly change, learned from many people.

How a face looks tells more, and sooner, but only within one run: `realtime.person.appearance`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from engines.model.shape import LANDMARKS
from realtime.core.messages import Floats, Image
from realtime.person.appearance import AppearanceModel, cosine_similarity

# Moments of a face that the limit was learned from, and that it holds for: known from so many, seen in so many.
MOST_KNOWN, MOST_SEEN = 6, 6
STEPS = 30  # between the last frames, whose median tells how much the points tremble
STANDS_OUT = 4.0  # times the median; noise alone hardly goes beyond twice


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


class CutDetector:
    """Notices that another face stands where one stood a frame ago. Owned by the vision thread."""

    def __init__(self, telling: GeometryModel) -> None:
        self._telling = telling
        self._shapes = OutlierDetector(telling.shot_cut_above)
        self._patches = (
            OutlierDetector(1 - telling.appearance.shot_cut_below) if telling.appearance else None
        )

    def between(self, before: Floats, after: Floats) -> bool:
        """Whether a cut lies between two shapes (80,) of neighbouring frames."""
        return self._shapes.stands_out(self._telling.step_size(before, after))

    def between_patches(self, before: Image | None, after: Image | None) -> bool:
        """Whether one lies between two patches (24, 24) of neighbouring frames; None shows nothing."""
        if self._patches is None or before is None or after is None:
            return False
        return self._patches.stands_out(1 - cosine_similarity(before, after))


class OutlierDetector:
    """Steps between frames, of which one may be a cut: one that goes beyond `limit` and stands out among the last ones.

    In a dim room points tremble, and pictures are noisy, more than any that were learned from.
    """

    def __init__(self, limit: float) -> None:
        self._limit = limit
        self._last: deque[float] = deque(maxlen=STEPS)

    def stands_out(self, step: float) -> bool:
        """Whether the next step is a cut."""
        trembling = STANDS_OUT * median(self._last) if self._last else 0.0
        self._last.append(step)
        return step > max(self._limit, trembling)


def geometry_distance(known: Sequence[Floats], weight: float, seen: Sequence[Floats]) -> float:
    """How far two means of places lie apart: about 1 for one person, however many moments each rests on."""
    apart = np.mean(known, axis=0) - np.mean(seen, axis=0)
    return float(np.square(apart).mean() / (1 / weight + 1 / len(seen)))
