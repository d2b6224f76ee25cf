"""Appearance: what the face looks like beside its landmarks, such as cheeks, lids and folds.

Principal components of the histograms of oriented gradients (HOG) that the expression is read from
(`expression_features`): first the symmetric ones, of what both halves of the face share, then the
antisymmetric ones, which change their sign in the mirror. `calibrate appearance` learns them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from realtime.core.messages import Floats
from realtime.landmarks.expression_features import BINS, BLOCKS, HOG_VALUES

SYMMETRIC, ANTISYMMETRIC = 20, 12
APPEARANCE = SYMMETRIC + ANTISYMMETRIC
COMPONENTS_FILE = Path(__file__).with_name("appearance.npy")


@dataclass(frozen=True, slots=True, eq=False)
class AppearanceBasis:
    """Principal `components` float32 (32, H) of HOG values; the symmetric ones come first."""

    components: Floats

    def __post_init__(self) -> None:
        want = (APPEARANCE, HOG_VALUES)
        if self.components.shape != want or not np.isfinite(self.components).all():
            raise ValueError(f"components {self.components.shape}; want {want}, finite")

    def measure(self, hog: Floats) -> Floats:
        """Return the appearance float32 (..., 32) of HOG values (..., H)."""
        return np.asarray(hog @ self.components.T, np.float32)


@cache
def appearance_basis() -> AppearanceBasis:
    """Return the components that come with this program; read once a process."""
    return AppearanceBasis(np.load(COMPONENTS_FILE, allow_pickle=False).astype(np.float32))


@cache
def mirror_of_hog() -> NDArray[np.intp]:
    """Return, for each HOG value, the number of its counterpart (H,) in the mirrored picture.

    OpenCV orders blocks, then the four cells of a block, by columns, then the directions.
    """
    across, down = BLOCKS
    shape = (across, down, 2, 2, BINS)
    number = np.arange(HOG_VALUES).reshape(shape)
    return np.ascontiguousarray(number[::-1, :, ::-1, :, ::-1]).ravel()
