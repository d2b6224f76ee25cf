"""Unroll Scan loops for a fixed number of frames: TensorRT cannot capture loops in a CUDA graph."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import onnx
from onnx import (
    GraphProto,
    ModelProto,
    NodeProto,
    TensorProto,
    ValueInfoProto,
    helper,
    numpy_helper,
)

AXIS = "unrolled_axis"  # name of the constant with the frame axis


def unroll_scans(model: ModelProto, frames: int) -> ModelProto:
    """Return `model` for windows of `frames` frames, each Scan replaced by `frames` - 1 bodies."""
    graph = model.graph
    sizes = {"frames": frames, "steps": frames - 1}
    indices = [numpy_helper.from_array(np.array(t), _frame_index(t)) for t in range(frames - 1)]
    made = helper.make_graph(
        [node for old in graph.node for node in _unroll_node(old, frames - 1)],
        graph.name,
        [_with_sizes(value, sizes) for value in graph.input],
        [_with_sizes(value, sizes) for value in graph.output],
        [*graph.initializer, *indices, numpy_helper.from_array(np.array([0]), AXIS)],
    )
    unrolled = helper.make_model(
        made, opset_imports=model.opset_import, ir_version=model.ir_version
    )
    onnx.checker.check_model(unrolled, full_check=True)
    return unrolled


def _unroll_node(node: NodeProto, steps: int) -> Iterator[NodeProto]:
    if node.op_type != "Scan":
        yield node
        return
    attributes = {each.name: helper.get_attribute_value(each) for each in node.attribute}
    body: GraphProto = attributes["body"]
    scanned = attributes["num_scan_inputs"]
    states, stacks = list(node.input[:-scanned]), node.input[-scanned:]
    outputs: list[list[str]] = [[] for _ in body.output[len(states) :]]
    order = range(steps - 1, -1, -1) if attributes["scan_input_directions"][0] else range(steps)
    for t in order:
        slices = [f"{stack}_of_{node.name}_at_{t}" for stack in stacks]
        for stack, part in zip(stacks, slices, strict=True):
            # A name of its own: ONNX Runtime 1.19 names what it fuses after the nodes.
            yield helper.make_node("Gather", [stack, _frame_index(t)], [part], part, axis=0)
        names = dict(zip((value.name for value in body.input), [*states, *slices], strict=True))
        yield from _copy_body(body.node, names, t)
        ends = [names.get(value.name, value.name) for value in body.output]
        states = ends[: len(states)]
        for stack_of, end in zip(outputs, ends[len(states) :], strict=True):
            stack_of.append(end)
    yield from _loop_outputs(node, states, outputs)


def _copy_body(nodes: Sequence[NodeProto], names: dict[str, str], t: int) -> Iterator[NodeProto]:
    """Copy the body's nodes for frame `t`.

    `names` maps inner to outer names and is extended by the copies' outputs.
    """
    for inner in nodes:
        copy = NodeProto()
        copy.CopyFrom(inner)
        names.update({name: f"{name}_at_{t}" for name in inner.output})
        copy.name = f"{inner.name}_at_{t}"
        copy.input[:] = _renamed(inner.input, names)
        copy.output[:] = _renamed(inner.output, names)
        yield copy


def _loop_outputs(
    node: NodeProto, states: Sequence[str], outputs: Sequence[Sequence[str]]
) -> Iterator[NodeProto]:
    """Name the loop's results: last states, and outputs stacked over the frames."""
    for state, name in zip(states, node.output, strict=False):
        yield helper.make_node("Identity", [state], [name], name)
    for parts, name in zip(outputs, node.output[len(states) :], strict=True):
        slices = [f"{part}_of_{name}" for part in parts]
        for part, one in zip(parts, slices, strict=True):
            yield helper.make_node("Unsqueeze", [part, AXIS], [one], one)
        yield helper.make_node("Concat", slices, [name], name, axis=0)


def _renamed(names: Sequence[str], renames: Mapping[str, str]) -> list[str]:
    return [renames.get(name, name) for name in names]


def _frame_index(t: int) -> str:
    return f"unrolled_place_{t}"


def _with_sizes(value: ValueInfoProto, sizes: Mapping[str, int]) -> ValueInfoProto:
    tensor: TensorProto = value.type.tensor_type
    dims = [each.dim_param or each.dim_value for each in tensor.shape.dim]
    return helper.make_tensor_value_info(
        value.name, tensor.elem_type, [sizes.get(d, d) for d in dims]
    )
