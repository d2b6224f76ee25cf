"""API of TensorRT, as dated tables, and that the engine uses nothing else."""

from __future__ import annotations

import ast
import itertools
from pathlib import Path

import pytest

pytest.importorskip("onnx")

import onnx

import engines
from engines.model.network import Network
from engines.model.shape import NetworkShape, StepRule
from engines.model.weights import random_weights
from engines.onnx_export.export import generation_model, gradient_model
from engines.onnx_export.unroll import unroll_scans

SHAPE = NetworkShape(hidden=6, blocks=3)
NETWORK = Network("some", SHAPE, StepRule((0.5,), 0.01, 0.9), random_weights(SHAPE, 0))

# onnx-tensorrt's docs/operators.md as of TensorRT 8.5 ("operators up to Opset 17"), read
# 2026-11-25: the supported operators that we use, with their types. Later lists only add.
OPERATORS = {
    **dict.fromkeys(("Add", "Div", "Mul", "Sub", "Less", "Gather", "Range"), "FP32 FP16 INT32"),
    **dict.fromkeys(
        ("Cast", "Concat", "Expand", "Identity", "Shape", "Slice", "Split"), "FP32 FP16 INT32 BOOL"
    ),
    **dict.fromkeys(("Transpose", "Unsqueeze"), "FP32 FP16 INT32 BOOL"),
    **dict.fromkeys(
        ("Gemm", "MatMul", "ReduceMean", "ReduceSum", "Relu", "Sigmoid", "Tanh"), "FP32 FP16"
    ),
    **dict.fromkeys(("Sign", "Scan"), "FP32 FP16"),
}
OPSET = 17

# Docstrings of the wheel tensorrt-cu13-bindings 11.4.0.106, read 2026-11-25: everything that we use
# of `tensorrt`, with its parameters there.
NAMES = {
    "__version__",
    "Builder",
    "BuilderFlag",
    "IProgressMonitor",
    "Logger",
    "OnnxParser",
    "Runtime",
}
NAMES |= {"NetworkDefinitionCreationFlag"}
MEMBERS = {"TF32", "STRONGLY_TYPED", "ERROR"}  # STRONGLY_TYPED: deprecated in 11, kept and ignored
METHODS = {
    "create_network": ("flags",),
    "create_builder_config": (),
    "create_optimization_profile": (),
    "build_serialized_network": ("network", "config"),
    "parse": ("model", "path"),
    "get_error": ("index",),
    "desc": (),
    "clear_flag": ("flag",),
    "add_optimization_profile": ("profile",),
    "create_timing_cache": ("serialized_timing_cache",),
    "set_timing_cache": ("cache", "ignore_mismatch"),
    "get_timing_cache": (),
    "serialize": (),
    "set_shape": ("input", "min", "opt", "max"),
    "deserialize_cuda_engine": ("serialized_engine",),
    "create_execution_context": ("strategy",),
    "set_input_shape": ("name", "shape"),
    "set_tensor_address": ("name", "memory"),
    "execute_async_v3": ("stream_handle",),
}
PROPERTIES = {"num_errors", "progress_monitor"}
MONITOR = {
    "phase_start": ["phase_name", "parent_phase", "num_steps"],
    "step_complete": ["phase_name", "step"],
    "phase_finish": ["phase_name"],
}
OBJECTS = {"builder", "parser", "config", "profile", "runtime", "_ready", "_context", "context"}


@pytest.fixture(scope="module")
def trees() -> list[ast.Module]:
    folder = Path(engines.__file__).parent
    return [
        ast.parse((folder / name).read_text())
        for name in ("tensorrt/plan_builder.py", "tensorrt/engine.py")
    ]


def walk(trees: list[ast.Module], kind: type) -> list:
    return [node for tree in trees for node in ast.walk(tree) if isinstance(node, kind)]


def base(node: ast.Attribute) -> str:
    """The name that an attribute is taken from: `b` of `a.b.c`."""
    inner = node.value
    return (
        inner.id
        if isinstance(inner, ast.Name)
        else inner.attr
        if isinstance(inner, ast.Attribute)
        else ""
    )


def test_uses_only_names_of_tensorrt(trees: list[ast.Module]) -> None:
    attributes = walk(trees, ast.Attribute)
    assert {node.attr for node in attributes if base(node) == "trt"} == NAMES
    owners = {"BuilderFlag", "Logger", "NetworkDefinitionCreationFlag"}
    assert {node.attr for node in attributes if base(node) in owners} == MEMBERS


def test_calls_only_methods_of_tensorrt_with_valid_arguments(trees: list[ast.Module]) -> None:
    used = {node.attr for node in walk(trees, ast.Attribute) if base(node) in OBJECTS}
    assert used <= METHODS.keys() | PROPERTIES
    calls = [node for node in walk(trees, ast.Call) if isinstance(node.func, ast.Attribute)]
    for call in calls:
        parameters = METHODS.get(call.func.attr)
        if parameters is not None and base(call.func) in OBJECTS:
            starred = any(isinstance(argument, ast.Starred) for argument in call.args)
            assert starred or len(call.args) + len(call.keywords) <= len(parameters), call.func.attr
            assert {keyword.arg for keyword in call.keywords} <= set(parameters)


def test_the_monitor_has_the_methods_that_tensorrt_calls(trees: list[ast.Module]) -> None:
    (progress,) = (node for node in walk(trees, ast.ClassDef) if node.name == "ProgressMonitor")
    methods = {
        node.name: [each.arg for each in node.args.args[1:]]
        for node in progress.body
        if hasattr(node, "args")
    }
    assert {name: methods[name] for name in MONITOR} == MONITOR


@pytest.mark.parametrize(
    ("write", "half"), list(itertools.product((gradient_model, generation_model), (False, True)))
)
def test_uses_only_operators_that_tensorrt_lists(write: object, half: bool) -> None:
    model = write(NETWORK, half)  # type: ignore[operator]
    for each in (model, unroll_scans(model, 4)):
        nodes = list(each.graph.node)
        nodes += [
            inner for node in each.graph.node for part in node.attribute for inner in part.g.node
        ]
        assert {node.op_type for node in nodes} <= OPERATORS.keys()
        assert [(opset.domain, opset.version) for opset in each.opset_import] == [("", OPSET)]


def test_layers_multiply_in_the_requested_type() -> None:
    for half, kind in ((False, onnx.TensorProto.FLOAT), (True, onnx.TensorProto.FLOAT16)):
        graph = gradient_model(NETWORK, half).graph
        assert {each.data_type for each in graph.initializer if each.name.endswith("weight")} == {
            kind
        }
        assert {each.data_type for each in graph.initializer if each.name.endswith("bias")} == {
            onnx.TensorProto.FLOAT
        }
