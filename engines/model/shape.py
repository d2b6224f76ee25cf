"""The size of an LSTM-PB network and the rule of its recognition step: plain numbers, no torch."""

from __future__ import annotations

from dataclasses import dataclass

POINTS = 40
LANDMARKS = 2 * POINTS  # 40 x, then 40 y
PB = 64
CONTEXT = 64


@dataclass(frozen=True, slots=True)
class NetworkShape:
    """How large the 2D Grid LSTM is: `blocks` along depth, each of `hidden` units (paper, section 2.3.4)."""

    hidden: int
    blocks: int

    def __post_init__(self) -> None:
        if not 1 <= self.hidden <= 4096 or not 1 <= self.blocks <= 16:
            raise ValueError(
                f"network of {self.blocks} x {self.hidden}: want 1-16 blocks of 1-4096 units"
            )


PRESETS = {
    "paper": NetworkShape(hidden=512, blocks=4),  # Huynh & Kim 2017: four blocks of 512
    "live": NetworkShape(
        hidden=64, blocks=1
    ),  # as much as 42 people can teach, and several run at once on a laptop
}


@dataclass(frozen=True, slots=True)
class StepRule:
    """One recognition step, pb <- pb - length * g / (|g| + softening), g being Eq. 1's average over time.

    Far from the answer the step has a fixed length whatever the loss's scale; close to it the step shrinks with
    the gradient, so a PB settles. `own` is the share of the network's own prediction in its next input (1 would be
    pure generation): with true frames alone, predicting one frame ahead needs no PB, and the PB stays empty.
    """

    lengths: tuple[
        float, ...
    ]  # of the 1st, 2nd, ... step of one refinement; the last one is used from there on
    epsilon: float
    closed_loop: float

    def __post_init__(self) -> None:
        if not self.lengths or min(self.lengths) <= 0:
            raise ValueError(f"step lengths {self.lengths}: want at least one, each above 0")
        if self.epsilon <= 0 or not 0 <= self.closed_loop <= 1:
            raise ValueError(
                f"softening {self.epsilon}, own {self.closed_loop}: want softening > 0 and 0 <= own <= 1"
            )

    def length(self, step: int) -> float:
        """The length of step number `step`, from 0."""
        return self.lengths[min(step, len(self.lengths) - 1)]
