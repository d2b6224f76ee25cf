"""A face known by its descriptors, and whether further descriptors show the same face."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np

from realtime.core.messages import Floats
from realtime.person.face_network import DESCRIPTOR

# Distances of descriptors from the mean of a known face, chosen on 42 people and 142 videos
# (docs/RESULTS.md): nearer it is the same, farther another; between them, more is looked at.
SAME_BELOW = 0.45
DIFFERENT_ABOVE = 0.46  # from the mean of very many; from the mean of n farther, by its own error:
ERROR = 0.3  # / n is the error's square, for a face seen in few lights and expressions so far
FEW, ENOUGH = 4, 5  # descriptors that a decision for another face needs; more than these are old
MAX_COUNT = 30  # weight of what is known, at most: a face that ages or a lamp is followed


class Identity(Enum):
    """Result of comparing a face with a known one."""

    SAME = "same"
    DIFFERENT = "different"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True, eq=False)
class KnownFace:
    """Mean descriptor float32 (128,) of a face over `count` descriptors. Biometric data."""

    mean: Floats
    count: int

    def __post_init__(self) -> None:
        if self.mean.shape != (DESCRIPTOR,) or not np.isfinite(self.mean).all() or self.count < 1:
            raise ValueError(
                f"known face has shape {self.mean.shape} of {self.count} descriptors; "
                f"want ({DESCRIPTOR},), finite, of 1 or more"
            )

    @staticmethod
    def of(descriptors: Sequence[Floats]) -> KnownFace:
        """Return the face of one or more descriptors (128,)."""
        mean = np.asarray(np.mean(descriptors, axis=0), np.float32)
        return KnownFace(mean, min(len(descriptors), MAX_COUNT))

    def joined(self, descriptors: Sequence[Floats]) -> KnownFace:
        """Return the face with further descriptors (128,) of it."""
        mean, count = self.mean, self.count
        for descriptor in descriptors:
            count = min(count + 1, MAX_COUNT)
            mean = np.asarray(mean + (descriptor - mean) / count, np.float32)
        return KnownFace(mean, count)

    def distance(self, descriptors: Sequence[Floats]) -> float:
        """Return the distance of the mean of `descriptors` (128,)."""
        return float(np.linalg.norm(np.mean(descriptors, axis=0) - self.mean))

    @property
    def different_above(self) -> float:
        """Return the distance above which descriptors show another face."""
        return math.sqrt(DIFFERENT_ABOVE**2 + ERROR / self.count)

    def compare(self, descriptors: Sequence[Floats]) -> Identity:
        """Return whether `descriptors`, newest last, show this face.

        One may show the same face; another takes `FEW`, because of a passing hand or blur.
        """
        apart = self.distance(descriptors[-ENOUGH:])
        if apart < SAME_BELOW:
            return Identity.SAME
        if apart > self.different_above and len(descriptors) >= FEW:
            return Identity.DIFFERENT
        return Identity.UNDECIDED
