from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

import onnxruntime as ort

from engines.bench.parity import parity_case
from engines.errors import EngineUnavailable
from engines.model.network import Network
from engines.model.shape import NetworkShape, StepRule
from engines.model.weights import random_weights
from engines.onnxrt.engine import OnnxCudaEngine, OnnxEngine
from engines.registry import create_engine, why_unavailable

SHAPE = NetworkShape(hidden=6, blocks=1)
NETWORK = Network("some", SHAPE, StepRule((0.5,), 0.01, 0.9), random_weights(SHAPE, 0))


def test_names_a_missing_provider_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ort, "get_available_providers", lambda: ["CPUExecutionProvider"])
    with pytest.raises(
        EngineUnavailable,
        match=r"has no CUDAExecutionProvider, only CPU.*pip install onnxruntime-gpu",
    ):
        create_engine("onnx-cuda", NETWORK)
    assert "TensorrtExecutionProvider" in str(why_unavailable("onnx-tensorrt"))


def test_a_provider_that_does_not_start_is_an_error_not_a_fallback(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    start = ort.InferenceSession

    def falls_back(
        model: bytes, options: ort.SessionOptions, providers: list[str]
    ) -> ort.InferenceSession:
        return start(model, options, providers=["CPUExecutionProvider"])

    monkeypatch.setattr(ort, "get_available_providers", lambda: [OnnxCudaEngine.provider])
    monkeypatch.setattr(ort, "InferenceSession", falls_back)
    with pytest.raises(
        EngineUnavailable, match="CUDAExecutionProvider is present but did not start"
    ):
        OnnxCudaEngine(NETWORK)


def test_does_not_run_frames_beyond_the_longest_sequence() -> None:
    engine, some = OnnxEngine(NETWORK), parity_case(2, 4)
    longer = np.concatenate([some.windows, np.full((2, 3, 80), 1e30, np.float32)], axis=1)
    short, long = (
        engine.loss_and_gradient(windows, some.lengths, some.pb)
        for windows in (some.windows, longer)
    )
    assert short[1].tobytes() == long[1].tobytes()


def test_creates_the_generation_session_lazily() -> None:
    engine, some = OnnxEngine(NETWORK), parity_case(2, 4)
    assert "_generation" not in vars(engine)
    assert engine.generate(some.pb, some.windows[:, 0], 3).shape == (2, 3, 80)
    assert "_generation" in vars(engine)
