from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

import onnx
import onnxruntime as ort

from engines.bench.parity import parity_case
from engines.errors import EngineInputError
from engines.model.network import Network
from engines.model.shape import PRESETS, NetworkShape, StepRule
from engines.model.weights import random_weights, weight_count
from engines.onnx_export.export import generation_model, gradient_model, write_gradient_model

SHAPE = NetworkShape(hidden=6, blocks=3)
RULE = StepRule((0.5,), 0.01, 0.9)


def network(shape: NetworkShape = SHAPE) -> Network:
    return Network("some", shape, RULE, random_weights(shape, 0))


def sizes(values: list[onnx.ValueInfoProto]) -> dict[str, list[str | int]]:
    return {
        value.name: [each.dim_param or each.dim_value for each in value.type.tensor_type.shape.dim]
        for value in values
    }


@pytest.mark.parametrize("preset", list(PRESETS))
def test_a_preset_exports_to_one_small_self_contained_graph(preset: str) -> None:
    model = gradient_model(network(PRESETS[preset]))
    onnx.checker.check_model(model, full_check=True)
    loops = [node for node in model.graph.node if node.op_type == "Scan"]
    assert len(loops) == 2
    assert len(model.graph.node) + sum(len(loop.attribute[0].g.node) for loop in loops) < 400
    assert not any(tensor.external_data for tensor in model.graph.initializer)
    spare = model.ByteSize() - 4 * weight_count(
        PRESETS[preset]
    )  # each weight once: no transposed copies
    assert 0 < spare < 100_000


def test_inputs_and_outputs_match_the_contract() -> None:
    graph = gradient_model(network()).graph
    assert sizes(graph.input) == {
        "windows": ["batch", "frames", 80],
        "lengths": ["batch"],
        "pb": ["batch", 64],
    }
    assert sizes(graph.output) == {"loss": ["batch"], "gradient": ["batch", 64]}
    assert sizes(generation_model(network()).graph.output) == {"played": ["steps", "batch", 80]}


def test_the_file_runs_on_its_own(tmp_path: Path) -> None:
    write_gradient_model(network(), tmp_path / "step.onnx")
    assert [path.name for path in tmp_path.iterdir()] == ["step.onnx"]
    session, some = (
        ort.InferenceSession(tmp_path / "step.onnx", providers=["CPUExecutionProvider"]),
        parity_case(2, 5),
    )
    loss, gradient = session.run(
        None, {"windows": some.windows, "lengths": some.lengths, "pb": some.pb}
    )
    assert loss.shape == (2,)
    assert np.linalg.norm(gradient, axis=1).min() > 0


def tensors(graph: onnx.GraphProto) -> list[onnx.TensorProto]:
    """All of a graph, those in its nodes and in the bodies of its loops included."""
    found = list(graph.initializer)
    for attribute in (attribute for node in graph.node for attribute in node.attribute):
        found += [attribute.t] if attribute.type == onnx.AttributeProto.TENSOR else []
        found += tensors(attribute.g) if attribute.type == onnx.AttributeProto.GRAPH else []
    return found


def test_the_file_has_no_external_tensors(tmp_path: Path) -> None:
    write_gradient_model(network(), tmp_path / "step.onnx")
    written = onnx.load(tmp_path / "step.onnx", load_external_data=False)
    found = tensors(written.graph)
    assert {tensor.name for tensor in found} >= {"pb.weight", "grid.depth.gates.weight"}
    assert {tensor.data_location for tensor in found} == {onnx.TensorProto.DEFAULT}
    assert not any(tensor.external_data for tensor in found)


def test_export_is_deterministic() -> None:
    assert (
        gradient_model(network()).SerializeToString()
        == gradient_model(network()).SerializeToString()
    )


def test_rejects_weights_of_another_shape() -> None:
    with pytest.raises(EngineInputError, match="want float32"):
        gradient_model(Network("some", NetworkShape(7, 3), RULE, random_weights(SHAPE, 0)))
