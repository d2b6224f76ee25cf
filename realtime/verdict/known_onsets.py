"""Onsets that a bundle knows: how fast genuine and fake expressions of each emotion begin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from realtime.core.messages import Floats, Onset, OnsetRank

LEVELS = np.arange(1, 20) / 20  # of the quantiles: 5 %, 10 %, ..., 95 %


@dataclass(frozen=True, slots=True, eq=False)
class KnownOnsets:
    """Quantiles (19,) of the relative speed of `genuine` and `fake` onsets, by emotion.

    They are of clips that show the whole onset (`calibrate.learning.clip_onsets`).
    """

    genuine: Mapping[str, Floats]
    fake: Mapping[str, Floats]

    def __post_init__(self) -> None:
        if {*self.genuine} != {*self.fake}:
            raise ValueError(f"onsets of {[*self.genuine]} and {[*self.fake]}; want the same")
        for emotion, speeds in (*self.genuine.items(), *self.fake.items()):
            rising = len(speeds) == len(LEVELS) and speeds[0] > 0 and (np.diff(speeds) >= 0).all()
            if not rising:
                raise ValueError(
                    f"speeds of {emotion} are {speeds}; want {len(LEVELS)} that rise from above 0"
                )

    def rank(self, emotion: str, onset: Onset | None) -> OnsetRank | None:
        """Return which share is slower than `onset`, 5 to 95 %; None for an emotion not known."""
        if onset is None or emotion not in self.genuine:
            return None
        speed = onset.relative_speed
        shares = (np.interp(speed, by[emotion], LEVELS) for by in (self.genuine, self.fake))
        return OnsetRank(*map(float, shares))
