"""Generation mode, live: what the genuine and the fake prototype expect of a face, and where its PB lies between them.

A prototype is the PB of felt or of acted expressions in one network (the paper's two PB vectors).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engines.model.shape import LANDMARKS, PB, POINTS
from realtime.core.messages import Floats, Window
from realtime.core.snapshot import Ghosts
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
        """Where `pb` (64,) lies on the way from fake (0) to genuine (1), and how far beside it, in its length."""
        way = self.genuine - self.fake
        length = float(np.linalg.norm(way))
        along = float((pb - self.fake) @ way) / length**2
        aside = float(np.linalg.norm(pb - self.fake - along * way)) / length
        return along, aside


@dataclass(frozen=True, slots=True, eq=False)
class GhostPlayer:
    """Plays prototypes on the face that is watched. `movement_range` (80,) and `basis` lead back to the eyes' own
    coordinates; `ahead` is how many frames at the model's rate the ghosts are ahead of the face.
    """

    basis: MovementBasis
    movement_range: Floats
    lead_frames: int

    def __post_init__(self) -> None:
        if self.movement_range.shape != (LANDMARKS,) or self.lead_frames < 1:
            raise ValueError(
                f"movement_range {self.movement_range.shape}, ahead {self.lead_frames}; want (80,), 1 or more"
            )

    def ghosts(self, recognisers: RecogniserSet, of: Prototypes, window: Window) -> Ghosts:
        """Where both prototypes, set going where `window` begins, have the face a moment from now.

        Given as the way from the newest shape, in eye coordinates, (40, 2) each. Only what both halves of the face do
        is played: of how they differ the networks keep the size and not the side.
        """
        frames = len(window.motion) - 1 + self.lead_frames
        played = recognisers.generate(
            of.network, np.stack([of.genuine, of.fake]), window.motion[0], frames
        )[:, -1]
        away = played - window.motion[-1]
        away[:, POINTS:] = 0
        shapes = self.basis.decode(away) * self.movement_range
        genuine, fake = (
            np.ascontiguousarray(shape.reshape(2, POINTS).T, np.float32) for shape in shapes
        )
        return Ghosts(genuine, fake)
