from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")

import torch

from calibrate.experiments.state_reuse import full_gradient, reused_gradient
from engines.model.network import Network
from engines.model.shape import NetworkShape, StepRule
from engines.model.weights import random_weights
from engines.pytorch.engine import TorchEngine
from realtime.core.messages import Window

SHAPE = NetworkShape(hidden=6, blocks=1)
FRAMES, SHIFT = 9, 2
SHAPES = np.random.default_rng(0).normal(0, 0.4, (FRAMES + SHIFT, 80)).astype(np.float32)
LAST, NOW = Window(SHAPES[:FRAMES], 0.0, 0.8), Window(SHAPES[SHIFT:], 0.2, 1.0)


def engine(own: float, forgets: bool) -> TorchEngine:
    weights = random_weights(SHAPE, 0)
    if forgets:
        weights["grid_out.weight"][:] = 0  # the context reaches the hidden layer no more
    return TorchEngine(Network("some", SHAPE, StepRule((0.5,), 0.01, own), weights), torch.float64)


def gradients(own: float, forgets: bool, moved: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    of, pb = engine(own, forgets), torch.full((1, 64), 0.3, dtype=torch.float64)
    return full_gradient(of, NOW, pb).numpy(), reused_gradient(
        of, LAST, NOW, SHIFT, pb - moved, pb
    ).numpy()


def test_a_network_without_memory_could_reuse_its_pass() -> None:
    true, kept = gradients(own=0.0, forgets=True)
    np.testing.assert_allclose(kept, true, rtol=1e-9)


@pytest.mark.parametrize(
    ("own", "forgets", "moved"), [(0.9, True, 0.0), (0.0, False, 0.0), (0.0, True, 0.3)]
)
def test_memory_the_closed_loop_and_a_pb_that_moved_each_make_it_another(
    own: float, forgets: bool, moved: float
) -> None:
    true, kept = gradients(own, forgets, moved)
    assert np.linalg.norm(kept - true) > 1e-4 * np.linalg.norm(true)
