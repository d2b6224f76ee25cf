"""The numbers of the paper's learning and recognition (sections 2.3.6 and 2.4), in one place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engines.model.shape import NetworkShape, StepRule

SOFTENING = (
    1e3  # far above any gradient: the step rule is then Eq. 2's plain one, to a thousandth and less
)


@dataclass(frozen=True, slots=True)
class PaperTrainingConfig:
    """How the weights of one network and the PBs of its sequences are learned side by side."""

    shape: NetworkShape
    epochs: int = 100
    sequences: int = 80  # an epoch
    batch: int = 1
    rate: float = 0.01  # of the weights (SGD)
    momentum: float = 0.9
    pb_rate: float = 0.9
    patience: int = 10  # epochs without gain after which both rates are divided
    divisor: float = 10.0
    own: float = (
        0.9  # share of the network's own prediction in its next input; the paper leaves it open
    )

    def __post_init__(self) -> None:
        for name in ("epochs", "sequences", "batch", "rate", "pb_rate", "patience"):
            if getattr(self, name) <= 0:
                raise ValueError(f"{name} is {getattr(self, name)}; want more than 0")
        if not 0 <= self.momentum < 1 or not 0 <= self.own <= 1 or self.divisor <= 1:
            raise ValueError(f"{self}: want 0 <= momentum < 1, 0 <= own <= 1 and divisor > 1")

    def share(self, curve: Sequence[float]) -> float:
        """The share of both rates that the next epoch learns by, after the losses `curve` of those before."""
        lowest, flat, share = float("inf"), 0, 1.0
        for loss in curve:
            flat = 0 if loss < lowest else flat + 1
            lowest = min(lowest, loss)
            if flat == self.patience:
                flat, share = 0, share / self.divisor
        return share

    def rule(self) -> StepRule:
        """Recognition's step: Eq. 2 at the PB's rate, which every engine can take."""
        return StepRule((self.pb_rate * SOFTENING,), SOFTENING, self.own)
