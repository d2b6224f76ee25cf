"""TensorRT engine: the exported graph on an NVIDIA GPU. Not yet measured on a GPU.

One plan per number of frames, for any batch up to 16; layers multiply in float16. Each call (copy
in, run, copy out) is captured in a CUDA graph per batch size, on the engine's own stream.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto

from engines.engine import Engine, Progress, no_progress
from engines.errors import EngineUnavailable
from engines.model.network import Floats, Ints, Network
from engines.model.shape import LANDMARKS
from engines.onnx_export.export import generation_model, gradient_model
from engines.onnx_export.unroll import unroll_scans
from engines.tensorrt.cuda_runtime import CudaStream, PinnedBuffer, destroy_graph, gpu_name
from engines.tensorrt.plan_builder import (
    MAX_BATCH,
    check_version,
    load_or_build_plan,
    plan_key,
    tensor_specs,
)
from engines.tensorrt.plan_cache import PlanCache, default_folder

Arrays = dict[str, NDArray[Any]]
ModelWriter = Callable[[Network, bool], ModelProto]


class TensorrtEngine(Engine):
    """Engine whose plans are built by `warm_up` and cached in the user's cache folder."""

    name = "tensorrt"
    weight_bytes = 2

    def __init__(self, network: Network) -> None:
        super().__init__(network)
        self._gpu = self.check_usable()
        gradient_model(network)  # checks the weights
        self._stream = CudaStream()
        self._executors: dict[tuple[ModelWriter, int], PlanExecutor] = {}

    @classmethod
    def check_usable(cls) -> str:
        """Return the name of the GPU.

        Raises EngineUnavailable without a GPU or with another version of TensorRT.
        """
        check_version()
        return gpu_name()

    def warm_up(self, frames: int, progress: Progress = no_progress) -> None:
        """Build or load the plan and capture the step of one sequence."""
        self._executor(gradient_model, frames, progress)
        super().warm_up(frames, progress)

    def close(self) -> None:
        """Free the GPU's memory."""
        for program in self._executors.values():
            program.close()
        self._executors.clear()
        self._stream.close()

    def _loss_and_gradient_impl(
        self, windows: Floats, lengths: Ints, pb: Floats
    ) -> tuple[Floats, Floats]:
        program = self._executor(gradient_model, windows.shape[1])
        parts = [
            program.run({"windows": windows[at], "lengths": lengths[at], "pb": pb[at]})
            for at in _batch_slices(len(pb))
        ]
        loss, gradient = (
            np.concatenate([part[name] for part in parts]) for name in ("loss", "gradient")
        )
        return loss, gradient

    def _generate_impl(self, pb: Floats, start: Floats, frames: int) -> Floats:
        program = self._executor(generation_model, frames + 1)
        windows = np.zeros((len(pb), frames + 1, LANDMARKS), np.float32)
        windows[:, 0] = start
        parts = [
            program.run({"windows": windows[at], "pb": pb[at]})["played"]
            for at in _batch_slices(len(pb))
        ]
        return np.ascontiguousarray(np.concatenate(parts, axis=1).swapaxes(0, 1))

    def _executor(
        self, write: ModelWriter, frames: int, progress: Progress = no_progress
    ) -> PlanExecutor:
        executor = self._executors.get((write, frames))
        if executor is None:
            model = unroll_scans(write(self.network, True), frames)
            key = plan_key(model, self.network.bundle_sha256, self._gpu)
            ready = load_or_build_plan(model, key, PlanCache(default_folder(), progress), progress)
            executor = self._executors[write, frames] = PlanExecutor(model, ready, self._stream)
        return executor


class PlanExecutor:
    """Plan with its captured graphs by batch size."""

    def __init__(self, model: ModelProto, ready: Any, stream: CudaStream) -> None:
        self._inputs, self._outputs = (
            tensor_specs(model.graph.input),
            tensor_specs(model.graph.output),
        )
        self._ready, self._stream = ready, stream
        self._captured: dict[int, CapturedGraph] = {}

    def run(self, given: Arrays) -> Arrays:
        """Run the plan -> the outputs, as new arrays."""
        batch = len(given["pb"])
        if batch not in self._captured:
            inputs = {
                each.name: PinnedBuffer(each.shape(batch), each.dtype) for each in self._inputs
            }
            outputs = {
                each.name: PinnedBuffer(each.shape(batch), each.dtype) for each in self._outputs
            }
            self._captured[batch] = CapturedGraph(
                self._ready.create_execution_context(), inputs, outputs, self._stream
            )
        return self._captured[batch](given)

    def close(self) -> None:
        """Free all captured graphs."""
        for captured in self._captured.values():
            captured.close()
        self._captured.clear()


class CapturedGraph:
    """CUDA graph of one call for one batch size, with its execution context and buffers."""

    def __init__(
        self,
        context: Any,
        inputs: dict[str, PinnedBuffer],
        outputs: dict[str, PinnedBuffer],
        stream: CudaStream,
    ) -> None:
        self._context, self._inputs, self._outputs, self._stream = context, inputs, outputs, stream
        for name, buffer in inputs.items():
            buffer.array[...] = 2 if name == "lengths" else 0  # valid inputs for the first run
            _require(
                context.set_input_shape(name, buffer.array.shape),
                f"takes no {name} of {buffer.array.shape}",
            )
        for name, buffer in (inputs | outputs).items():
            _require(
                context.set_tensor_address(name, buffer.address), f"takes no address for {name}"
            )
        self._work()  # the first run after a change of shapes cannot be captured
        stream.wait()
        self._graph = stream.capture(self._work)

    def __call__(self, given: Arrays) -> Arrays:
        """Copy the inputs in, launch the captured graph, return copies of the outputs by name."""
        for name, array in given.items():
            self._inputs[name].array[...] = array
        self._stream.launch(self._graph)
        return {name: buffer.array.copy() for name, buffer in self._outputs.items()}

    def close(self) -> None:
        """Destroy the graph first, then the buffers it points to."""
        destroy_graph(self._graph)
        for buffer in (*self._inputs.values(), *self._outputs.values()):
            buffer.free()

    def _work(self) -> None:
        for buffer in self._inputs.values():
            self._stream.send(buffer)
        _require(self._context.execute_async_v3(int(self._stream.handle)), "does not run the plan")
        for buffer in self._outputs.values():
            self._stream.fetch(buffer)


def _batch_slices(batch: int) -> list[slice]:
    return [slice(start, start + MAX_BATCH) for start in range(0, batch, MAX_BATCH)]


def _require(success: bool, failure: str) -> None:
    if not success:
        raise EngineUnavailable(f"TensorRT {failure}; use another --engine")
