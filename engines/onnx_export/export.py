"""Export of the gradient and generation models to ONNX, without torch.

ONNX Runtime and TensorRT only run forward, so the backward pass is part of the graph
(`recognition_step`): a Scan over the frames saves what a second, reversed Scan needs. The graph is
as large for 40 frames as for 2. It uses standard operators that TensorRT lists too, and stores each
weight once, inside the file.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import ModelProto, TensorProto, ValueInfoProto, helper

from engines.model.network import Network
from engines.model.shape import CONTEXT, LANDMARKS, PB
from engines.model.weights import check_network
from engines.onnx_export.graph_builder import GraphBuilder
from engines.onnx_export.recognition_step import RecognitionStep

OPSET = 17
IR_VERSION = 8  # released with opset 17, so older runtimes read it too


def gradient_model(network: Network, fp16: bool = False) -> ModelProto:
    """Return the model windows (B, T, 80), lengths (B,) int64, pb (B, 64) -> loss, gradient.

    The loss is (B,), the gradient (B, 64); with `fp16`, layers multiply in float16.
    """
    g = _graph_with_weights(network, fp16)
    step = RecognitionStep(g, network.shape, network.rule.closed_loop)
    run = step.forward()
    loss, d_played = step.loss(run)
    g.name_output(loss, "loss")
    g.name_output(step.backward(run, d_played), "gradient")
    lengths = helper.make_tensor_value_info("lengths", TensorProto.INT64, ["batch"])
    return _model(
        g,
        [_floats("windows", "batch", "frames", LANDMARKS), lengths, _floats("pb", "batch", PB)],
        [_floats("loss", "batch"), _floats("gradient", "batch", PB)],
    )


def generation_model(network: Network, fp16: bool = False) -> ModelProto:
    """Return the model windows (B, T, 80), pb (B, 64) -> played (T - 1, B, 80).

    Only frame 0 of the windows is used.
    """
    g = _graph_with_weights(network, fp16)
    played, _ = g.split(
        RecognitionStep(g, network.shape, closed_loop=1.0).forward().outputs, LANDMARKS, CONTEXT
    )
    g.name_output(played, "played")
    return _model(
        g,
        [_floats("windows", "batch", "frames", LANDMARKS), _floats("pb", "batch", PB)],
        [_floats("played", "steps", "batch", LANDMARKS)],
    )


def write_gradient_model(network: Network, path: Path) -> None:
    """Write the gradient model to `path`: one file, no external data."""
    path.write_bytes(gradient_model(network).SerializeToString())


def _graph_with_weights(network: Network, fp16: bool) -> GraphBuilder:
    weights = dict(check_network(network))
    # prediction and context are both tanh of the hidden layer: one layer of 144
    for end in ("weight", "bias"):
        weights[f"outputs.{end}"] = np.concatenate(
            [weights.pop(f"output.{end}"), weights.pop(f"context_out.{end}")]
        )
    g = GraphBuilder(fp16)
    for name, array in weights.items():
        g.constant(name, array.astype(np.float16) if fp16 and name.endswith("weight") else array)
    return g


def _floats(name: str, *sizes: str | int) -> ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, sizes)


def _model(
    g: GraphBuilder, inputs: list[ValueInfoProto], outputs: list[ValueInfoProto]
) -> ModelProto:
    graph, opset = g.finish("lstm_pb", inputs, outputs), helper.make_opsetid("", OPSET)
    model = helper.make_model(
        graph,
        opset_imports=[opset],
        ir_version=IR_VERSION,
        producer_name="engines.onnx_export.export",
    )
    onnx.checker.check_model(model, full_check=True)
    return model
