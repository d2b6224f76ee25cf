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


def engine(own: float, without_memory: bool) -> TorchEngine:
    weights = random_weights(SHAPE, 0)
    if without_memory:
        weights["grid_out.weight"][:] = 0  # disconnects the context from the hidden layer
    return TorchEngine(Network("some", SHAPE, StepRule((0.5,), 0.01, own), weights), torch.float64)


def gradients(
    own: float, without_memory: bool, moved: float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    of, pb = engine(own, without_memory), torch.full((1, 64), 0.3, dtype=torch.float64)
    return full_gradient(of, NOW, pb).numpy(), reused_gradient(
        of, LAST, NOW, SHIFT, pb - moved, pb
    ).numpy()


def test_a_network_without_memory_can_reuse_its_pass() -> None:
    true, reused = gradients(own=0.0, without_memory=True)
    np.testing.assert_allclose(reused, true, rtol=1e-9)


@pytest.mark.parametrize(
    ("own", "without_memory", "moved"), [(0.9, True, 0.0), (0.0, False, 0.0), (0.0, True, 0.3)]
)
def test_memory_the_closed_loop_or_a_changed_pb_prevent_reuse(
    own: float, without_memory: bool, moved: float
) -> None:
    true, reused = gradients(own, without_memory, moved)
    assert np.linalg.norm(reused - true) > 1e-4 * np.linalg.norm(true)
