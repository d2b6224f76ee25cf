"""Population model: mean neutral and movement range, and the prior for one person.

Person stats gave the largest measured gain on held-out people, so they are estimated live
(`realtime.person.tracker`) and shrunk to the population while little has been seen.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from engines.model.shape import LANDMARKS
from realtime.core.messages import Floats
from realtime.landmarks.appearance import APPEARANCE
from realtime.person.stats import PersonStats, mean_of_nearest

QUIET_MOMENT = 0.25  # share of a window's shapes, nearest to neutral, for its quietest moment


@dataclass(frozen=True, slots=True, eq=False)
class PersonProfile:
    """A person's `neutral` (D,) and `movement_range` (D,) in the units of shapes, and the clips
    behind them.
    """

    neutral: Floats
    movement_range: Floats
    clips: float

    def movement(self, shapes: Floats) -> Floats:
        """Return the distance of shapes (..., D) from neutral, in movement ranges."""
        return np.asarray((shapes - self.neutral) / self.movement_range, np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Population:
    """Mean `neutral` (D,), `movement_range` (D,) and priors of the population.

    D is the width of a shape: 80 for the landmarks, 112 with the appearance. `quiet_directions` and
    `movement_directions` (k, D) are the principal components of the quiet moments and of the
    movement of windows; `neutral_regression` (2 k, D) predicts the neutral from the coordinates
    along both. The priors are in clips.
    """

    neutral: Floats
    movement_range: Floats
    quiet_directions: Floats
    movement_directions: Floats
    neutral_regression: Floats
    neutral_prior: float
    range_prior: float

    def __post_init__(self) -> None:
        for name in ("neutral", "movement_range"):
            found = getattr(self, name).shape
            if found not in ((LANDMARKS,), (LANDMARKS + APPEARANCE,)) or found != (self.width,):
                raise ValueError(
                    f"population {name} has shape {found}; want ({LANDMARKS},), or "
                    f"({LANDMARKS + APPEARANCE},) with the appearance"
                )
        directions = (self.quiet_directions, self.movement_directions)
        found, rows = self.neutral_regression.shape, sum(map(len, directions))
        if found != (rows, self.width) or any(
            part.shape[1:] != (self.width,) for part in directions
        ):
            raise ValueError(
                f"population neutral_regression has shape {found}; want ({rows}, {self.width})"
            )
        if self.movement_range.min() <= 0 or min(self.neutral_prior, self.range_prior) <= 0:
            raise ValueError("population ranges and priors must be above 0")

    @property
    def width(self) -> int:
        """Return the numbers of one shape."""
        return len(self.neutral)

    @property
    def sees_appearance(self) -> bool:
        """Whether shapes hold the appearance beside the landmarks."""
        return self.width > LANDMARKS

    def guess_neutral(self, window: Floats) -> Floats:
        """Return the neutral (D,) guessed from one window (T, D) of an unknown person."""
        quiet, movement = window_moments(window, self.neutral, self.movement_range)
        coordinates = np.concatenate(
            (self.quiet_directions @ quiet, self.movement_directions @ movement)
        )
        guess = coordinates @ self.neutral_regression
        return np.asarray(guess * self.movement_range + self.neutral, np.float32)

    def guess_neutral_from(self, windows: Iterable[Floats]) -> Floats:
        """Return the mean guess (D,) over several windows of one person."""
        return np.asarray(
            np.mean([self.guess_neutral(window) for window in windows], axis=0), np.float32
        )

    def profile_of(self, window: Floats, known: PersonStats | None) -> PersonProfile:
        """Return the profile: the guess from `window` (T, D), updated by the person stats."""
        guess = self.guess_neutral(window)
        if known is None:
            return PersonProfile(guess, self.movement_range, 0.0)
        share = known.clips / (known.clips + self.neutral_prior)
        ratios = known.mean_square_movement / np.square(self.movement_range)
        ratio = float(ratios[:LANDMARKS].mean())
        wide = np.sqrt(
            (known.expressions * ratio + self.range_prior) / (known.expressions + self.range_prior)
        )
        neutral = np.asarray(share * known.neutral + (1 - share) * guess, np.float32)
        return PersonProfile(
            neutral, np.asarray(self.movement_range * wide, np.float32), known.clips
        )


def window_moments(
    window: Floats, neutral: Floats, movement_range: Floats
) -> tuple[Floats, Floats]:
    """Return a window's quietest moment and its mean movement from it (D,), in movement ranges."""
    quiet = mean_of_nearest(window, neutral, QUIET_MOMENT)
    return (quiet - neutral) / movement_range, (window.mean(axis=0) - quiet) / movement_range
