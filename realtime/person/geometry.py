"""Person identity from landmark geometry: an LDA trained on many people.

Appearance (`realtime.person.appearance`) is checked first, but holds only within one run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engines.model.shape import LANDMARKS
from realtime.core.messages import Floats
from realtime.person.appearance import AppearanceModel

# Most segments compared; the threshold was fitted with these numbers.
MAX_KNOWN_SEGMENTS, MAX_NEW_SEGMENTS = 6, 6


@dataclass(frozen=True, slots=True, eq=False)
class GeometryModel:
    """LDA `directions` (d, 80); the within-person mean square along them is 1.

    `different_above` and `shot_cut_above` are thresholds of the geometry distance: between two
    people, and between neighbouring frames.
    """

    directions: Floats
    different_above: float
    shot_cut_above: float
    appearance: AppearanceModel | None = None

    def __post_init__(self) -> None:
        if self.directions.shape[1:] != (LANDMARKS,) or not len(self.directions):
            raise ValueError(
                f"geometry directions have shape {self.directions.shape}; "
                f"want (d, {LANDMARKS}), d > 0"
            )
        if not min(self.different_above, self.shot_cut_above) > 0:
            raise ValueError(
                f"geometry thresholds are {self.different_above} (person) and "
                f"{self.shot_cut_above} (shot cut); want numbers above 0"
            )

    def embed(self, neutral: Floats) -> Floats:
        """Return the LDA coordinates (d,) of a neutral shape (80,)."""
        return np.asarray(self.directions @ neutral, np.float32)

    def step_size(self, before: Floats, after: Floats) -> float:
        """Return the geometry distance between shapes (80,) of neighbouring frames."""
        return geometry_distance([self.embed(before)], 1.0, [self.embed(after)])

    def is_different(self, known: Sequence[Floats], weight: float, new: Sequence[Floats]) -> bool:
        """Return whether embeddings `new` differ from `known`, the mean of `weight` segments."""
        return geometry_distance(known, weight, new) > self.different_above


def geometry_distance(known: Sequence[Floats], weight: float, new: Sequence[Floats]) -> float:
    """Return the squared distance of two means of embeddings: about 1 within one person."""
    difference = np.mean(known, axis=0) - np.mean(new, axis=0)
    return float(np.square(difference).mean() / (1 / weight + 1 / len(new)))
