"""Builds TensorRT plans from ONNX graphs in which only the batch is dynamic.

Written for TensorRT 11, whose networks are strongly typed: the graph sets the precision. Version
10 is supported with the same setting.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from typing import Any

import tensorrt as trt
from onnx import ModelProto, TensorProto, helper

from engines.engine import Progress
from engines.errors import EngineUnavailable
from engines.tensorrt.plan_cache import PlanCache, PlanKey

MAX_BATCH = 16  # sequences per call
PROGRESS_INTERVAL_S = 1.0  # between two progress lines
VERSIONS = (10, 11)
BATCH = "batch"


@dataclass(frozen=True, slots=True)
class TensorSpec:
    """Input or output of the graph: its sizes, one of which may be `BATCH`, and its numpy type."""

    name: str
    sizes: tuple[int | str, ...]
    dtype: Any

    def shape(self, batch: int) -> tuple[int, ...]:
        """Return the sizes for `batch` sequences."""
        return tuple(batch if size == BATCH else int(size) for size in self.sizes)


def tensor_specs(values: Any) -> list[TensorSpec]:
    """Return the specs of graph inputs or outputs, fixed except for the batch."""
    return [
        TensorSpec(value.name, _sizes(value.type.tensor_type), _dtype(value.type.tensor_type))
        for value in values
    ]


def check_version() -> None:
    """Raise EngineUnavailable for an unsupported version of TensorRT."""
    if int(trt.__version__.split(".")[0]) not in VERSIONS:
        raise EngineUnavailable(
            f"engine tensorrt cannot run here: TensorRT {trt.__version__} is not supported, "
            "only 10 and 11; try: pip install 'tensorrt>=10,<12'"
        )


def plan_key(model: ModelProto, bundle_sha256: str, gpu: str) -> PlanKey:
    """Return the cache key of a plan of `model` on this GPU."""
    graph = hashlib.sha256(model.SerializeToString(deterministic=True)).hexdigest()
    shapes = "; ".join(
        f"{each.name} {' '.join(map(str, _shape_range(each)))}"
        for each in tensor_specs(model.graph.input)
    )
    return PlanKey(bundle_sha256, graph, gpu, trt.__version__, shapes)


def load_or_build_plan(
    model: ModelProto, key: PlanKey, cache: PlanCache, progress: Progress
) -> Any:
    """Return the deserialised plan of `model`, from the cache or newly built.

    Raises EngineUnavailable with the reason if there is none.
    """
    runtime = trt.Runtime(_logger())
    cached = cache.read(key.file_name)
    ready = runtime.deserialize_cuda_engine(cached) if cached is not None else None
    if ready is not None:
        return ready
    if cached is not None:
        progress("TensorRT rejects the cached plan; rebuilding it")
    made = _build(model, key, cache, progress)
    cache.write(key.file_name, made)
    ready = runtime.deserialize_cuda_engine(made)
    if ready is None:
        raise EngineUnavailable(
            f"TensorRT {trt.__version__} cannot load the plan it built; use another --engine"
        )
    return ready


def _build(model: ModelProto, key: PlanKey, cache: PlanCache, progress: Progress) -> bytes:
    builder = trt.Builder(_logger())
    network = builder.create_network(1 << int(trt.NetworkDefinitionCreationFlag.STRONGLY_TYPED))
    parser = trt.OnnxParser(network, _logger())
    if not parser.parse(model.SerializeToString()):
        reasons = "; ".join(parser.get_error(number).desc() for number in range(parser.num_errors))
        raise EngineUnavailable(
            f"TensorRT {trt.__version__} cannot read the graph: {reasons}; use another --engine"
        )
    config = builder.create_builder_config()
    config.clear_flag(trt.BuilderFlag.TF32)  # float32 in the graph means float32
    config.add_optimization_profile(_fill_profile(builder.create_optimization_profile(), model))
    config.set_timing_cache(
        config.create_timing_cache(cache.read(key.timing_name) or b""), ignore_mismatch=False
    )
    config.progress_monitor = _progress_monitor(progress)
    made = builder.build_serialized_network(network, config)
    if made is None:
        raise EngineUnavailable(
            f"TensorRT {trt.__version__} built no plan for {key.gpu}; use another --engine"
        )
    cache.write(key.timing_name, bytes(config.get_timing_cache().serialize()))
    return bytes(made)


def _fill_profile(profile: Any, model: ModelProto) -> Any:
    for each in tensor_specs(model.graph.input):
        profile.set_shape(each.name, *_shape_range(each))
    return profile


def _shape_range(tensor: TensorSpec) -> tuple[tuple[int, ...], ...]:
    """Return minimum, optimum and maximum shape; the gauge runs one sequence at a time."""
    return tensor.shape(1), tensor.shape(1), tensor.shape(MAX_BATCH)


def _logger() -> Any:
    return trt.Logger(trt.Logger.ERROR)


def _progress_monitor(progress: Progress) -> Any:
    """Return a monitor that reports build progress; TensorRT calls it from its own threads."""

    class ProgressMonitor(trt.IProgressMonitor):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self._steps: dict[str, int] = {}
            self._reported_s = float("-inf")

        def phase_start(self, phase_name: str, parent_phase: str | None, num_steps: int) -> None:
            self._steps[phase_name] = num_steps

        def step_complete(self, phase_name: str, step: int) -> bool:
            now_s = time.monotonic()
            if now_s - self._reported_s >= PROGRESS_INTERVAL_S:
                self._reported_s = now_s
                progress(
                    f"TensorRT builds its plan, once: {phase_name}, "
                    f"{step + 1} of {self._steps.get(phase_name, '?')}"
                )
            return True

        def phase_finish(self, phase_name: str) -> None:
            self._steps.pop(phase_name, None)

    return ProgressMonitor()


def _sizes(tensor: Any) -> tuple[int | str, ...]:
    return tuple(each.dim_param or each.dim_value for each in tensor.shape.dim)


def _dtype(tensor: TensorProto) -> Any:
    return helper.tensor_dtype_to_np_dtype(tensor.elem_type)
