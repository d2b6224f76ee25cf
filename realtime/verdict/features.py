"""Features of the classifier: PBs read out as log odds, the person bias, and the onset.

Every network has its own PB space, so PBs of several networks cannot be concatenated. Along each
network's own read-out, trained with it, they can be averaged. How an expression begins is not in
the PB, which models the movement of 1.6 s around its apex.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engines.model.shape import PB
from realtime.core.messages import Estimate, Floats, Onset
from realtime.verdict.person_bias import PersonBias

INPUTS = ("movement", "person", "onset_duration", "onset_speed")
MOVEMENT_INPUTS = 2  # without the onset, as bundles of before it have them
# Whether the score may only rise (1) or fall (-1) in an input; 0 where either may be.
MONOTONE = (1, -1, 0, 0)


@dataclass(frozen=True, slots=True, eq=False)
class ReadOut:
    """Log odds of genuine = weights (64,) . PB + bias, for one network and emotion."""

    weights: Floats
    bias: float

    def __post_init__(self) -> None:
        if self.weights.shape != (PB,):
            raise ValueError(f"read-out weights have shape {self.weights.shape}; want ({PB},)")

    def log_odds(self, pb: Floats) -> float:
        """Return the log odds of genuine for `pb` (64,)."""
        return float(self.weights @ pb) + self.bias


def mean_log_odds(read_outs: Sequence[ReadOut], estimates: Sequence[Estimate]) -> float:
    """Return the mean log odds over the networks, each by its own read-out."""
    log_odds = [
        read.log_odds(estimate.pb) for read, estimate in zip(read_outs, estimates, strict=True)
    ]
    return math.fsum(log_odds) / len(log_odds)


def onset_inputs(onset: Onset | None) -> tuple[float, float]:
    """Return log duration (s) and log largest speed (ranges/s); NaN where no onset was seen.

    Sizes and times are compared by their ratios, so their logarithms are.
    """
    if onset is None:
        return (math.nan, math.nan)
    return math.log(onset.duration_s), math.log(onset.largest_speed)


class FeatureExtractor:
    """Compute the classifier's features tick by tick. Owned by the recognition thread.

    `read_outs` belong to the judged emotion. The bias uses `shared`, the read-outs of any emotion:
    which emotion a person shows is unknown.
    """

    def __init__(
        self, read_outs: Sequence[ReadOut], shared: Sequence[ReadOut], bias: PersonBias
    ) -> None:
        self._read_outs, self._shared, self.bias = tuple(read_outs), tuple(shared), bias
        self._sum, self._count = 0.0, 0

    def features(self, estimates: Sequence[Estimate], onset: Onset | None = None) -> Floats:
        """Add a tick's estimates and return the features (4,) named in `INPUTS`."""
        self._sum, self._count = self._sum + mean_log_odds(self._shared, estimates), self._count + 1
        log_odds = mean_log_odds(self._read_outs, estimates)
        return np.array([log_odds, self.bias.shrunk, *onset_inputs(onset)], np.float32)

    def end_expression(self, expression: int = 0) -> None:
        """Add the expression's mean log odds to the person bias, under its number."""
        if self._count:
            self.bias.add(self._sum / self._count, expression)
        self._sum, self._count = 0.0, 0
