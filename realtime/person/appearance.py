"""Appearance embedding within one run: Fisherfaces (Belhumeur, Hespanha and Kriegman 1997) of
crops.

It is never saved: light and camera are part of the appearance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from realtime.core.messages import CROP_PX, Floats, Image

PIXELS = CROP_PX * CROP_PX
FEW = 1.5  # segments at which their mean is half noise: expect less similarity


@dataclass(frozen=True, slots=True, eq=False)
class AppearanceModel:
    """Fisherface `directions` (d, 576), the `mean_projection` (d,) of the training crops on them,
    and thresholds of the cosine similarity.

    One person is rarely below `different_below`, two are rarely above `same_above`, and
    neighbouring frames are rarely below `shot_cut_below`.
    """

    directions: Floats
    mean_projection: Floats
    different_below: float
    same_above: float
    shot_cut_below: float

    def __post_init__(self) -> None:
        count = len(self.directions)
        if (
            self.directions.shape != (count, PIXELS)
            or self.mean_projection.shape != (count,)
            or not count
        ):
            shapes = f"{self.directions.shape} and {self.mean_projection.shape}"
            raise ValueError(
                f"appearance directions, mean projection: shapes {shapes}; want (d, {PIXELS}), (d,)"
            )
        if not -1 < self.different_below < self.same_above < 1 or not -1 < self.shot_cut_below < 1:
            raise ValueError(
                f"appearance limit is {self.different_below}, same {self.same_above}, "
                f"cut {self.shot_cut_below}; want limit < same within -1 and 1"
            )

    def embed(self, patches: NDArray[np.uint8]) -> Floats:
        """Return unit embeddings (..., d) of crops (..., 24, 24)."""
        return unit_rows(
            np.asarray(
                normalise_crops(patches) @ self.directions.T - self.mean_projection, np.float32
            )
        )

    def is_different(self, known: Sequence[Floats], new: Sequence[Floats]) -> bool:
        """Return whether the mean of `new` embeddings shows another face than that of `known`."""
        return embedding_similarity(known, new) < self.different_below * expected(len(known))

    def is_same(self, known: Sequence[Floats], new: Sequence[Floats]) -> bool:
        """Return whether both means show the same face."""
        return embedding_similarity(known, new) > self.same_above


def normalise_crops(patches: NDArray[np.uint8]) -> Floats:
    """Return crops (..., 24, 24) as rows (..., 576) with mean 0 and length 1."""
    rows = patches.reshape(*patches.shape[:-2], PIXELS).astype(np.float32)
    return unit_rows(rows - rows.mean(axis=-1, keepdims=True))


def cosine_similarity(before: Image, after: Image) -> float:
    """Return the pixel correlation of two crops."""
    return float(normalise_crops(before) @ normalise_crops(after))


def embedding_similarity(known: Sequence[Floats], seen: Sequence[Floats]) -> float:
    """Return the cosine between the means of two sets of embeddings (d,)."""
    return float(unit_rows(np.mean(known, axis=0)) @ unit_rows(np.mean(seen, axis=0)))


def expected(segments: int) -> float:
    """Return the share of the full similarity to expect from so few segments."""
    return segments / (segments + FEW)


def unit_rows(rows: Floats) -> Floats:
    """Return `rows` (..., n) scaled to length 1; zero rows stay 0."""
    return np.asarray(
        rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-9), np.float32
    )
