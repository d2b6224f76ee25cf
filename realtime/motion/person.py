"""Who is being watched, as numbers: their neutral face and how far their face usually moves. No label is needed.

Knowing both is the largest honest gain that was measured on unseen people, so they are estimated while running: the neutral
from the frames nearest to the face's usual shape, the range from how far it strays from there; both are shrunk toward the
population's values by how much has been seen.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np

from engines.shape import LANDMARKS
from realtime.values import Floats

SAMPLE_EVERY_S = 0.1  # one shape in a tenth of a second is plenty for a median, and bounds the memory
SAMPLES = 600  # a minute: long against one expression, short against a change of posture
ANCHOR_S = 6.0  # until then one expression may fill most of what was seen, and the first shapes are the better guess
QUIET_SHARE = 0.2  # of the shapes, those nearest to the neutral, carry its estimate
ROUNDS = 3


@dataclass(frozen=True, slots=True, eq=False)
class Population:
    """What faces are like before one is known: mean `neutral` (80,), usual `movement_range` (80,), and how firmly to hold to them.

    `neutral_prior` and `range_prior` are how many seconds of a person weigh as much as the population does.
    """

    neutral: Floats
    movement_range: Floats
    neutral_prior_s: float
    range_prior_s: float

    def __post_init__(self) -> None:
        for name, array in (("neutral", self.neutral), ("movement_range", self.movement_range)):
            if array.shape != (LANDMARKS,) or not np.isfinite(array).all():
                raise ValueError(f"population {name} has shape {array.shape}; want {LANDMARKS} finite numbers")
        if self.movement_range.min() <= 0 or min(self.neutral_prior_s, self.range_prior_s) < 0:
            raise ValueError("population ranges must be above 0, priors 0 or more")


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """A person's `neutral` (80,) and `movement_range` (80,), in eye coordinates, and the seconds they come from."""

    neutral: Floats
    movement_range: Floats
    known_s: float

    def movement(self, shapes: Floats) -> Floats:
        """How far shapes (..., 80) are from neutral, in ranges, within the network's reach of -1 to 1."""
        return np.asarray(np.clip((shapes - self.neutral) / (REACH * self.movement_range), -1, 1), np.float32)


REACH = 3.0  # three usual ranges fill the output's tanh


def estimate(shapes: Floats, start: Floats, population: Population, known_s: float) -> Profile:
    """The profile that `shapes` (n, 80) suggest, looked for from the neutral `start` (80,) on."""
    neutral = start
    quiet = max(2, round(len(shapes) * QUIET_SHARE))
    for _ in range(ROUNDS):
        distance = np.square(shapes - neutral).mean(axis=1)
        neutral = shapes[np.argsort(distance, kind="stable")[:quiet]].mean(axis=0)
    prior_s = population.neutral_prior_s
    shrunk = np.asarray((known_s * neutral + prior_s * population.neutral) / (known_s + prior_s), np.float32)
    return Profile(shrunk, _range(shapes - shrunk, population, known_s), known_s)


def _range(movement: Floats, population: Population, known_s: float) -> Floats:
    """The population's range times one factor: how much more or less this person moves than most."""
    ratio = float(np.mean(np.square(movement / population.movement_range)))
    prior_s = population.range_prior_s
    return np.asarray(population.movement_range * np.sqrt((known_s * ratio + prior_s) / (known_s + prior_s)), np.float32)


class Person:
    """The running profile of whoever is followed. Owned by the vision thread."""

    def __init__(self, population: Population) -> None:
        self._population = population
        self._shapes: deque[Floats] = deque(maxlen=SAMPLES)
        self._last_s = float("-inf")

    @property
    def known_s(self) -> float:
        """Seconds of this person that the profile rests on."""
        return len(self._shapes) * SAMPLE_EVERY_S

    def see(self, at_s: float, shape: Floats) -> None:
        """Take notice of a shape (80,)."""
        if at_s - self._last_s >= SAMPLE_EVERY_S - 1e-6:
            self._shapes.append(shape)
            self._last_s = at_s

    def forget(self) -> None:
        """Start anew with somebody else, or when the user takes the neutral face anew."""
        self._shapes.clear()
        self._last_s = float("-inf")

    def profile(self) -> Profile | None:
        """What is known by now, or None before anything was seen."""
        if not self._shapes:
            return None
        shapes = np.array(self._shapes)
        first = shapes[: max(3, round(0.5 / SAMPLE_EVERY_S))]
        start = np.median(first if self.known_s < ANCHOR_S else shapes, axis=0)
        return estimate(shapes, start, self._population, self.known_s)
