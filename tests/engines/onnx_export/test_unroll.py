from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

import onnxruntime as ort

from engines.bench.parity import parity_case, relative_error
from engines.model.network import Network
from engines.model.shape import LANDMARKS, NetworkShape, StepRule
from engines.model.weights import random_weights, weight_count
from engines.native.engine import NativeEngine
from engines.onnx_export.export import generation_model, gradient_model
from engines.onnx_export.unroll import unroll_scans

SHAPE = NetworkShape(hidden=6, blocks=3)
NETWORK = Network("some", SHAPE, StepRule((0.5,), 0.01, 0.9), random_weights(SHAPE, 0))
FRAMES = 7


def session(half: bool = False) -> ort.InferenceSession:
    model = unroll_scans(gradient_model(NETWORK, half), FRAMES)
    return ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])


def test_removes_every_loop_and_stores_each_weight_once() -> None:
    model = unroll_scans(gradient_model(NETWORK), FRAMES)
    assert "Scan" not in {node.op_type for node in model.graph.node}
    assert 0 < model.ByteSize() - 4 * weight_count(SHAPE) < 400_000
    names = [name for node in model.graph.node for name in node.output]
    assert len(names) == len(set(names))


def test_frames_are_fixed_and_the_batch_is_not() -> None:
    graph = unroll_scans(gradient_model(NETWORK), FRAMES).graph
    (windows, _, _) = graph.input
    dims = [each.dim_param or each.dim_value for each in windows.type.tensor_type.shape.dim]
    assert dims == ["batch", FRAMES, LANDMARKS]
    (played,) = unroll_scans(generation_model(NETWORK), FRAMES).graph.output
    assert [each.dim_param or each.dim_value for each in played.type.tensor_type.shape.dim] == [
        6,
        "batch",
        LANDMARKS,
    ]


@pytest.mark.parametrize(("half", "allowed"), [(False, 1e-5), (True, 5e-3)])
@pytest.mark.parametrize("batch", [1, 6])
def test_agrees_with_the_native_engine(batch: int, half: bool, allowed: float) -> None:
    some = parity_case(batch, FRAMES)
    true_loss, true = NativeEngine(NETWORK).loss_and_gradient(some.windows, some.lengths, some.pb)
    loss, gradient = session(half).run(
        ["loss", "gradient"], {"windows": some.windows, "lengths": some.lengths, "pb": some.pb}
    )
    np.testing.assert_allclose(loss, true_loss, rtol=allowed)
    assert relative_error(gradient, true) < allowed
