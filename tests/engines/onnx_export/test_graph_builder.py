from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

from engines.onnx_export.graph_builder import GraphBuilder
from tests.engines.onnx_export.onnx_runner import run_graph

RNG = np.random.default_rng(0)
X = RNG.normal(0, 1, (3, 5)).astype(np.float32)
WEIGHT, BIAS = RNG.normal(0, 1, (4, 5)).astype(np.float32), np.arange(4, dtype=np.float32)


def with_layer(fp16: bool = False) -> GraphBuilder:
    g = GraphBuilder(fp16)
    g.constant("layer.weight", WEIGHT.astype(np.float16) if fp16 else WEIGHT)
    g.constant("layer.bias", BIAS)
    return g


@pytest.mark.parametrize(("fp16", "atol"), [(False, 1e-6), (True, 1e-2)])
def test_a_layer_multiplies_by_its_transposed_weight_and_adds_its_bias(
    fp16: bool, atol: float
) -> None:
    g = with_layer(fp16)
    (found,) = run_graph(g, {"x": X}, [g.linear("layer", "x")])
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, X @ WEIGHT.T + BIAS, atol=atol)


def test_fp16_rounds_the_factors_and_not_the_bias() -> None:
    g, third = GraphBuilder(fp16=True), np.full(4, 1 / 3, np.float32)
    g.constant("layer.weight", WEIGHT.astype(np.float16))
    g.constant("layer.bias", third)
    layer, alone = g.linear("layer", "x"), g.linear("layer", "zero")
    found, bias = run_graph(g, {"x": X, "zero": 0 * X}, [layer, alone])
    assert not np.allclose(found, X @ WEIGHT.T + third, atol=1e-6)
    np.testing.assert_array_equal(bias, third[None].repeat(3, axis=0))


@pytest.mark.parametrize(("fp16", "atol"), [(False, 1e-6), (True, 1e-2)])
def test_the_backward_pass_of_a_layer_multiplies_by_its_weight(fp16: bool, atol: float) -> None:
    g, gradient = with_layer(fp16), X[:, :4].copy()
    (found,) = run_graph(g, {"gradient": gradient}, [g.linear_backward("layer", "gradient")])
    np.testing.assert_allclose(found, gradient @ WEIGHT, atol=atol)


def test_split_and_concat_work_on_the_last_axis() -> None:
    g = GraphBuilder()
    first, last = g.split("x", 2, 3)
    both = g.concat(last, first)
    found = run_graph(g, {"x": X}, [first, last, both])
    np.testing.assert_array_equal(found[0], X[:, :2])
    np.testing.assert_array_equal(found[1], X[:, 2:])
    np.testing.assert_array_equal(found[2], np.roll(X, -2, axis=1))


def test_multiply_takes_any_number_of_values() -> None:
    g = GraphBuilder()
    (found,) = run_graph(g, {"x": X}, [g.multiply("x", "x", g.scalar(2))])
    np.testing.assert_allclose(found, 2 * X**2, rtol=1e-6)


def test_a_constant_is_stored_once_per_name() -> None:
    g = GraphBuilder()
    assert g.scalar(2) == g.scalar(2) != g.scalar(3)
    assert g.body("inner_").scalar(2) == g.scalar(2)
    graph = g.finish("graph", [], [])
    assert sorted(tensor.name for tensor in graph.initializer) == ["number_2", "number_3"]


def sums(reverse: bool) -> list[np.ndarray]:
    """Scan X: a running sum that decays by half a frame, and twice each frame as an output."""
    g = GraphBuilder()
    body = g.body("body_")
    total = body.op("Add", body.multiply("total", body.scalar(0.5)), "frame")
    doubled = body.multiply("frame", g.scalar(2))
    start = g.constant("start", np.zeros(5, np.float32))
    states, outputs = g.scan(body, {"total": (start, total)}, {"frame": "x"}, [doubled], reverse)
    assert states.keys() == {"total"}
    return run_graph(g, {"x": X}, [states["total"], *outputs])


@pytest.mark.parametrize("reverse", [False, True])
def test_scan_carries_states_over_the_frames_and_stacks_outputs(reverse: bool) -> None:
    total, outputs = sums(reverse)
    first, second, third = X[::-1] if reverse else X
    np.testing.assert_allclose(total, third + second / 2 + first / 4, rtol=1e-5)
    # Outputs are stacked in the order in which they were computed.
    np.testing.assert_allclose(outputs, 2 * (X[::-1] if reverse else X), rtol=1e-6)
