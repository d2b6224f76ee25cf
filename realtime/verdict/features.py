"""What the booster sees of a tick: the PBs read along the directions that tell felt from acted, and the person's level.

Every network has its own PB space, so PBs of several networks cannot be laid side by side; along each network's own
read-out direction (learned with it) they can, and are averaged.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engines.model.shape import PB
from realtime.core.messages import Estimate, Floats
from realtime.verdict.person_bias import PersonBias

INPUTS = ("log_odds", "level")


@dataclass(frozen=True, slots=True, eq=False)
class ReadOut:
    """Log odds of genuine = weights (64,) . PB + bias, for one network and emotion."""

    weights: Floats
    bias: float

    def __post_init__(self) -> None:
        if self.weights.shape != (PB,):
            raise ValueError(f"read-out weights have shape {self.weights.shape}; want ({PB},)")

    def log_odds(self, pb: Floats) -> float:
        """What `pb` (64,) says of genuine, in log odds."""
        return float(self.weights @ pb) + self.bias


def mean_log_odds(read_outs: Sequence[ReadOut], estimates: Sequence[Estimate]) -> float:
    """What the networks' estimates say in the mean, each read by its own read-out."""
    said = [read.log_odds(estimate.pb) for read, estimate in zip(read_outs, estimates, strict=True)]
    return math.fsum(said) / len(said)


class FeatureExtractor:
    """Gathers what one movement says, tick by tick. Owned by the recognition thread.

    `read_outs` are those of the emotion that is asked about. The level is read by `shared`, those of any emotion: a
    person shows many, and nobody tells the gauge which.
    """

    def __init__(
        self, read_outs: Sequence[ReadOut], shared: Sequence[ReadOut], bias: PersonBias
    ) -> None:
        self._read_outs, self._shared, self.bias = tuple(read_outs), tuple(shared), bias
        self._sum, self._count = 0.0, 0

    def features(self, estimates: Sequence[Estimate]) -> Floats:
        """Take in a tick's estimates and give the booster's inputs (2,), as `INPUTS` names them."""
        self._sum, self._count = self._sum + mean_log_odds(self._shared, estimates), self._count + 1
        return np.array([mean_log_odds(self._read_outs, estimates), self.bias.shrunk], np.float32)

    def end_expression(self, expression: int = 0) -> None:
        """The movement is over: it becomes part of the person's level, as their so many-th expression."""
        if self._count:
            self.bias.add(self._sum / self._count, expression)
        self._sum, self._count = 0.0, 0
