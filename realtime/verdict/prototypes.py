"""Generation mode, live: PB position between the prototypes, and the faces they predict (ghosts).

A prototype is the class-mean PB of genuine or of fake expressions in one network.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engines.model.shape import LANDMARKS, PB, POINTS
from realtime.core.messages import Floats, Window
from realtime.core.snapshot import Ghosts
from realtime.motion.align import points_of_shape
from realtime.motion.basis import MovementBasis
from realtime.recognition.recogniser import RecogniserSet


@dataclass(frozen=True, slots=True, eq=False)
class Prototypes:
    """The two prototypes of one network, PBs (64,)."""

    network: str
    genuine: Floats
    fake: Floats

    def __post_init__(self) -> None:
        if (
            self.genuine.shape != (PB,)
            or self.fake.shape != (PB,)
            or np.array_equal(self.genuine, self.fake)
        ):
            raise ValueError(f"prototypes of {self.network} have no two places of {PB} numbers")

    def position(self, pb: Floats) -> tuple[float, float]:
        """Return the PB position: along the line from fake (0) to genuine (1), and the distance
        from it.

        Both are in units of the distance between the prototypes.
        """
        axis = self.genuine - self.fake
        length = float(np.linalg.norm(axis))
        along = float((pb - self.fake) @ axis) / length**2
        aside = float(np.linalg.norm(pb - self.fake - along * axis)) / length
        return along, aside


@dataclass(frozen=True, slots=True, eq=False)
class GhostPlayer:
    """Generate the prototypes' predictions for the tracked face.

    `movement_range` (D,) and `basis` map back to eye coordinates. `lead_frames` is how far ahead
    the ghosts are, at the model's rate.
    """

    basis: MovementBasis
    movement_range: Floats
    lead_frames: int

    def __post_init__(self) -> None:
        if len(self.movement_range) < LANDMARKS or self.lead_frames < 1:
            raise ValueError(
                f"movement_range {self.movement_range.shape}, ahead {self.lead_frames};"
                " want (80,) or more, 1 or more"
            )

    def ghosts(self, recognisers: RecogniserSet, of: Prototypes, window: Window) -> Ghosts:
        """Return both prototypes' predicted displacement from the newest shape, (40, 2) in eye
        coordinates.

        Generation starts where `window` begins. Only symmetric movement is decoded: of the
        asymmetric components the networks know the size, not the side.
        """
        frames = len(window.motion) - 1 + self.lead_frames
        generated = recognisers.generate(
            of.network, np.stack([of.genuine, of.fake]), window.motion[0], frames
        )[:, -1]
        displacement = generated - window.motion[-1]
        displacement[:, POINTS:] = 0
        shapes = self.basis.decode(displacement) * self.movement_range[:LANDMARKS]
        genuine, fake = (points_of_shape(shape) for shape in shapes)
        return Ghosts(genuine, fake)
