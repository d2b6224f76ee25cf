"""A learned network as plain data, and the array types that engines exchange: no torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engines.model.shape import NetworkShape, StepRule

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Network:
    """One learned network: its shape, its step rule, and float32 weights by their torch names."""

    name: str
    shape: NetworkShape
    rule: StepRule
    weights: Mapping[str, Floats]
    bundle_sha256: str = ""  # of the bundle it came from

    @staticmethod
    def from_arrays(
        name: str,
        shape: NetworkShape,
        rule: StepRule,
        arrays: Mapping[str, Floats],
        bundle_sha256: str = "",
    ) -> Network:
        """Return the network whose weights are the entries of `arrays` keyed `name/weight`."""
        prefix = f"{name}/"
        weights = {
            key.removeprefix(prefix): array
            for key, array in arrays.items()
            if key.startswith(prefix)
        }
        return Network(name, shape, rule, weights, bundle_sha256)

    def to_arrays(self) -> dict[str, Floats]:
        """Return the weights keyed `name/weight`, as a bundle stores them."""
        return {f"{self.name}/{key}": array for key, array in self.weights.items()}
