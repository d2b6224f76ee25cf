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
from realtime.person.stats import PersonStats, mean_of_nearest

QUIET_MOMENT = 0.25  # share of a window's shapes, nearest to neutral, for its quietest moment


@dataclass(frozen=True, slots=True, eq=False)
class PersonProfile:
    """A person's `neutral` (80,) and `movement_range` (80,) in eye coordinates, and the clips
    behind them.
    """

    neutral: Floats
    movement_range: Floats
    clips: float

    def movement(self, shapes: Floats) -> Floats:
        """Return the distance of shapes (..., 80) from neutral, in movement ranges."""
        return np.asarray((shapes - self.neutral) / self.movement_range, np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Population:
    """Mean `neutral` (80,), `movement_range` (80,) and priors of the population.

    `quiet_directions` and `movement_directions` (25, 80) are the principal components of the quiet
    moments and of the movement of windows; `neutral_regression` (50, 80) predicts the neutral from
    the coordinates along both. The priors are in clips.
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
            if getattr(self, name).shape != (LANDMARKS,):
                raise ValueError(
                    f"population {name} has shape {getattr(self, name).shape}; want ({LANDMARKS},)"
                )
        directions = (self.quiet_directions, self.movement_directions)
        found, rows = self.neutral_regression.shape, sum(map(len, directions))
        if found != (rows, LANDMARKS) or any(part.shape[1:] != (LANDMARKS,) for part in directions):
            raise ValueError(
                f"population neutral_regression has shape {found}; want ({rows}, {LANDMARKS})"
            )
        if self.movement_range.min() <= 0 or min(self.neutral_prior, self.range_prior) <= 0:
            raise ValueError("population ranges and priors must be above 0")

    def guess_neutral(self, window: Floats) -> Floats:
        """Return the neutral (80,) guessed from one window (T, 80) of an unknown person."""
        quiet, movement = window_moments(window, self.neutral, self.movement_range)
        coordinates = np.concatenate(
            (self.quiet_directions @ quiet, self.movement_directions @ movement)
        )
        guess = coordinates @ self.neutral_regression
        return np.asarray(guess * self.movement_range + self.neutral, np.float32)

    def guess_neutral_from(self, windows: Iterable[Floats]) -> Floats:
        """Return the mean guess (80,) over several windows of one person."""
        return np.asarray(
            np.mean([self.guess_neutral(window) for window in windows], axis=0), np.float32
        )

    def profile_of(self, window: Floats, known: PersonStats | None) -> PersonProfile:
        """Return the profile: the guess from `window` (T, 80), updated by the person stats."""
        guess = self.guess_neutral(window)
        if known is None:
            return PersonProfile(guess, self.movement_range, 0.0)
        share = known.clips / (known.clips + self.neutral_prior)
        ratio = float((known.mean_square_movement / np.square(self.movement_range)).mean())
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
    """Return a window's quietest moment and its mean movement from it (80,), in movement ranges."""
    quiet = mean_of_nearest(window, neutral, QUIET_MOMENT)
    return (quiet - neutral) / movement_range, (window.mean(axis=0) - quiet) / movement_range
