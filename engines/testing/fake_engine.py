"""Test double: a deterministic engine without a network."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from engines.engine import Engine
from engines.model.network import Floats, Ints, Network
from engines.model.shape import NetworkShape, StepRule


class FakeEngine(Engine):
    """Engine that pulls the PB toward three times the window's first number.

    The loss is the mean squared distance to that target, so a PB that reaches it stops moving.
    `on_call` runs before every result.
    """

    name = "fake"

    def __init__(self, on_call: Callable[[], None] = lambda: None, name: str = "fake") -> None:
        super().__init__(Network(name, NetworkShape(1, 1), StepRule((1.0,), 1.0, 0.9), {}))
        self._on_call = on_call

    def _loss_and_gradient_impl(
        self, windows: Floats, lengths: Ints, pb: Floats
    ) -> tuple[Floats, Floats]:
        self._on_call()
        difference = pb - 3 * windows[:, 0, :1]
        return np.square(difference).mean(axis=1), difference

    def _generate_impl(self, pb: Floats, start: Floats, frames: int) -> Floats:
        self._on_call()
        return np.repeat(start[:, None], frames, axis=1)
