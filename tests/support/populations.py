"""Populations for tests in which nothing is known of people but their neutral and range."""

from __future__ import annotations

import numpy as np

from realtime.core.messages import Floats
from realtime.person.population import Population

MOVEMENT_RANGE = np.full(80, 0.05, np.float32)


def plain_population(
    neutral: Floats | None = None, *, neutral_prior: float = 1.0, range_prior: float = 1.0
) -> Population:
    """Return a population that guesses its `neutral` (80,), or zeros, from every window."""
    no_direction = np.zeros((1, 80), np.float32)
    return Population(
        np.zeros(80, np.float32) if neutral is None else neutral,
        MOVEMENT_RANGE,
        quiet_directions=no_direction,
        movement_directions=no_direction,
        neutral_regression=np.zeros((2, 80), np.float32),
        neutral_prior=neutral_prior,
        range_prior=range_prior,
    )
