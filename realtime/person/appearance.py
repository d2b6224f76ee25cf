"""Telling faces apart by how they look, within one run: Fisherfaces (Belhumeur, Hespanha and Kriegman 1997) of patches.

Nothing of it outlives the run: light and camera are part of how a face looks, and a saved person is no picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from realtime.core.messages import CROP_PX, Floats, Image

PIXELS = CROP_PX * CROP_PX
FEW = 1.5  # stretches known of a person: of so many the mean is half noise, and less likeness is to be expected


@dataclass(frozen=True, slots=True, eq=False)
class AppearanceModel:
    """`directions` (d, 576) along which patches differ between people and hardly of one, and people's `middle` (d,).

    Likeness is a cosine: one person's hardly ever falls below `limit`, different people's hardly ever exceeds `same`,
    and that of neighbouring frames of one face hardly ever falls below `cut`.
    """

    directions: Floats
    middle: Floats
    different_below: float
    same_above: float
    shot_cut_below: float

    def __post_init__(self) -> None:
        count = len(self.directions)
        if self.directions.shape != (count, PIXELS) or self.middle.shape != (count,) or not count:
            shapes = f"{self.directions.shape} and {self.middle.shape}"
            raise ValueError(
                f"appearance directions and middle have shapes {shapes}; want (d, {PIXELS}) and (d,)"
            )
        if not -1 < self.different_below < self.same_above < 1 or not -1 < self.shot_cut_below < 1:
            raise ValueError(
                f"appearance limit is {self.different_below}, same {self.same_above}, cut {self.shot_cut_below}; want limit < same within -1 and 1"
            )

    def embed(self, patches: NDArray[np.uint8]) -> Floats:
        """Where patches (..., 24, 24) lie among people (..., d), each 1 from the middle."""
        return unit_rows(
            np.asarray(normalise_crops(patches) @ self.directions.T - self.middle, np.float32)
        )

    def is_different(self, known: Sequence[Floats], new: Sequence[Floats]) -> bool:
        """Whether stretches `seen`, by their mean places, show another face than those `known`."""
        return embedding_similarity(known, new) < self.different_below * expected(len(known))

    def is_same(self, known: Sequence[Floats], new: Sequence[Floats]) -> bool:
        """Whether they surely show the same face."""
        return embedding_similarity(known, new) > self.same_above


def normalise_crops(patches: NDArray[np.uint8]) -> Floats:
    """Patches (..., 24, 24) as rows (..., 576) without their light: mean 0, length 1."""
    rows = patches.reshape(*patches.shape[:-2], PIXELS).astype(np.float32)
    return unit_rows(rows - rows.mean(axis=-1, keepdims=True))


def cosine_similarity(before: Image, after: Image) -> float:
    """How alike two patches are, pixel by pixel: their correlation."""
    return float(normalise_crops(before) @ normalise_crops(after))


def embedding_similarity(known: Sequence[Floats], seen: Sequence[Floats]) -> float:
    """The cosine between the means of two sets of places (d,)."""
    return float(unit_rows(np.mean(known, axis=0)) @ unit_rows(np.mean(seen, axis=0)))


def expected(stretches: int) -> float:
    """What share of the likeness that many stretches would show is to be expected of so few."""
    return stretches / (stretches + FEW)


def unit_rows(rows: Floats) -> Floats:
    """`rows` (..., n) with length 1; what has none stays 0."""
    return np.asarray(
        rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-9), np.float32
    )
