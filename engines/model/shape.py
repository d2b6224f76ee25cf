"""Size of an LSTM-PB network and rule of its recognition step: plain numbers, no torch."""

from __future__ import annotations

from dataclasses import dataclass

POINTS = 40
LANDMARKS = 2 * POINTS  # 40 x, then 40 y
PB = 64
CONTEXT = 64


@dataclass(frozen=True, slots=True)
class NetworkShape:
    """Size of the 2D Grid LSTM: `blocks` along depth of `hidden` units (paper, section 2.3.4)."""

    hidden: int
    blocks: int

    def __post_init__(self) -> None:
        if not 1 <= self.hidden <= 4096 or not 1 <= self.blocks <= 16:
            raise ValueError(
                f"network of {self.blocks} x {self.hidden}: want 1-16 blocks of 1-4096 units"
            )


PRESETS = {
    "paper": NetworkShape(hidden=512, blocks=4),  # Huynh & Kim 2017: four blocks of 512
    # as large as 42 people can train; several run at once on a laptop
    "live": NetworkShape(hidden=64, blocks=1),
}


@dataclass(frozen=True, slots=True)
class StepRule:
    """Recognition step pb <- pb - length * g / (|g| + epsilon), with g the time average of Eq. 1.

    Far from the optimum the step has a fixed length whatever the scale of the loss; close to it the
    step shrinks with the gradient, so the PB converges. `closed_loop` is the share of the network's
    own prediction in its next input (1 is pure generation): with true frames alone, predicting one
    frame ahead needs no PB, and the PB stays empty.
    """

    # of the 1st, 2nd, ... step of one refinement; the last length repeats
    lengths: tuple[float, ...]
    epsilon: float
    closed_loop: float

    def __post_init__(self) -> None:
        if not self.lengths or min(self.lengths) <= 0:
            raise ValueError(f"step lengths {self.lengths}: want at least one, each above 0")
        if self.epsilon <= 0 or not 0 <= self.closed_loop <= 1:
            raise ValueError(
                f"epsilon {self.epsilon}, closed_loop {self.closed_loop}: "
                "want epsilon > 0 and 0 <= closed_loop <= 1"
            )

    def length(self, step: int) -> float:
        """Return the length of step number `step`, counted from 0."""
        return self.lengths[min(step, len(self.lengths) - 1)]
