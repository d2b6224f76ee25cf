"""Run a part of a graph on ONNX Runtime."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import onnxruntime as ort
from onnx import TensorProto, helper

from engines.onnx_export.export import IR_VERSION, OPSET
from engines.onnx_export.graph_builder import GraphBuilder

TYPES = {np.dtype(np.float32): TensorProto.FLOAT, np.dtype(np.int64): TensorProto.INT64}


def run_graph(
    g: GraphBuilder, feeds: Mapping[str, np.ndarray], outputs: Sequence[str]
) -> list[np.ndarray]:
    """Return the float32 values called `outputs` in `g`, given `feeds` by name."""
    for number, value in enumerate(outputs):
        g.name_output(value, f"output_{number}")
    given = [
        helper.make_tensor_value_info(name, TYPES[array.dtype], array.shape)
        for name, array in feeds.items()
    ]
    found = [
        helper.make_tensor_value_info(f"output_{number}", TensorProto.FLOAT, None)
        for number in range(len(outputs))
    ]
    model = helper.make_model(
        g.finish("part", given, found),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
    )
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, dict(feeds))
