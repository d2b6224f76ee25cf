"""Hyperparameters of the paper's training and recognition (sections 2.3.6 and 2.4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engines.model.shape import NetworkShape, StepRule

# Far above any gradient, so that the step rule equals the plain step of Eq. 2 within a thousandth.
EPSILON = 1e3


@dataclass(frozen=True, slots=True)
class PaperTrainingConfig:
    """Hyperparameters of training one network together with the PBs of its sequences."""

    shape: NetworkShape
    epochs: int = 100
    sequences: int = 80  # in each epoch
    batch: int = 1
    learning_rate: float = 0.01  # of the weights (SGD)
    momentum: float = 0.9
    pb_rate: float = 0.9
    patience: int = 10  # epochs without improvement, after which both rates are divided
    divisor: float = 10.0
    closed_loop: float = 0.9  # share of the prediction in the next input; not given in the paper

    def __post_init__(self) -> None:
        for name in ("epochs", "sequences", "batch", "learning_rate", "pb_rate", "patience"):
            if getattr(self, name) <= 0:
                raise ValueError(f"{name} is {getattr(self, name)}; want more than 0")
        if not 0 <= self.momentum < 1 or not 0 <= self.closed_loop <= 1 or self.divisor <= 1:
            raise ValueError(
                f"{self}: want 0 <= momentum < 1, 0 <= closed_loop <= 1 and divisor > 1"
            )

    def rate_factor(self, curve: Sequence[float]) -> float:
        """Return the factor on both rates for the next epoch, given the losses `curve` so far."""
        lowest, flat, factor = float("inf"), 0, 1.0
        for loss in curve:
            flat = 0 if loss < lowest else flat + 1
            lowest = min(lowest, loss)
            if flat == self.patience:
                flat, factor = 0, factor / self.divisor
        return factor

    def rule(self) -> StepRule:
        """Return the recognition step: Eq. 2 with the PB rate, as every engine supports it."""
        return StepRule((self.pb_rate * EPSILON,), EPSILON, self.closed_loop)
