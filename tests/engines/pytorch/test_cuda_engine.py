"""CUDA engine without a GPU: its messages, and inputs and outputs of a recorded step."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")

import torch

from engines.bench.parity import TOLERANCES, deviation, parity_case, run_parity_case
from engines.errors import EngineUnavailable
from engines.model.network import Network
from engines.model.shape import NetworkShape, StepRule
from engines.model.weights import random_weights
from engines.pytorch.cuda_engine import CudaEngine, Recording, Step
from engines.pytorch.engine import TorchEngine
from engines.registry import why_unavailable

SHAPE = NetworkShape(hidden=6, blocks=2)
NETWORK = Network("some", SHAPE, StepRule((0.5,), 0.01, 0.9), random_weights(SHAPE, 0))


class Replayed(CudaEngine):
    """CPU double: a replay runs the step again and writes to the recorded tensors."""

    device = "cpu"
    recordings = 0

    @classmethod
    def check_usable(cls) -> None:
        return

    @staticmethod
    def record(step: Step) -> Recording:
        Replayed.recordings += 1
        held = tuple(torch.full_like(result, torch.nan) for result in step())

        def replay() -> None:
            for to, result in zip(held, step(), strict=True):
                to.copy_(result)

        return replay, held  # type: ignore[return-value]


def test_agrees_with_float64_autograd() -> None:
    some, steps = parity_case(3, 8), (1, 5, 20)
    true = run_parity_case(TorchEngine(NETWORK, torch.float64), some, steps)
    found = deviation(run_parity_case(Replayed(NETWORK), some, steps), true, some)
    allowed = TOLERANCES["cuda"]
    assert found.loss <= allowed.loss
    assert found.gradient <= allowed.gradient
    assert found.pb <= allowed.pb
    assert found.generated <= allowed.generated


def test_records_a_shape_once_and_results_survive_the_next_replay() -> None:
    engine, some, other, longer = (
        Replayed(NETWORK),
        parity_case(2, 5),
        parity_case(2, 5, seed=1),
        parity_case(2, 7),
    )
    Replayed.recordings = 0
    first = engine.loss_and_gradient(some.windows, some.lengths, some.pb)[1]
    kept = first.copy()
    second = engine.loss_and_gradient(other.windows, other.lengths, other.pb)[1]
    engine.loss_and_gradient(longer.windows, longer.lengths, longer.pb)
    assert Replayed.recordings == 2
    np.testing.assert_array_equal(first, kept)
    assert not np.array_equal(first, second)


def test_reports_a_torch_build_without_cuda(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.version, "cuda", None)
    with pytest.raises(
        EngineUnavailable,
        match=r"cannot run here: torch .* was built without CUDA; install a build",
    ):
        CudaEngine(NETWORK)


def test_reports_a_missing_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.version, "cuda", "13.0")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert "finds no NVIDIA GPU; check that nvidia-smi" in str(why_unavailable("cuda"))


@pytest.mark.gpu
def test_a_gpu_agrees_with_float64_autograd() -> None:
    if reason := why_unavailable("cuda"):
        pytest.skip(reason)
    some, steps = parity_case(3, 8), (1, 5, 20)
    true = run_parity_case(TorchEngine(NETWORK, torch.float64), some, steps)
    found = deviation(run_parity_case(CudaEngine(NETWORK), some, steps), true, some)
    assert found.gradient <= TOLERANCES["cuda"].gradient
