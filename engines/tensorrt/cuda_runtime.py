"""The few calls of the CUDA runtime that an engine needs, each checked: a stream, memory at both ends, a graph."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from cuda.bindings import runtime
from numpy.typing import DTypeLike, NDArray

from engines.errors import EngineUnavailable

_TO_DEVICE = runtime.cudaMemcpyKind.cudaMemcpyHostToDevice
_TO_HOST = runtime.cudaMemcpyKind.cudaMemcpyDeviceToHost
_CAPTURE = runtime.cudaStreamCaptureMode.cudaStreamCaptureModeThreadLocal


def cuda_call(function: Callable[..., tuple[Any, ...]], *arguments: Any) -> Any:
    """What the runtime's `function` returns besides its error code; EngineUnavailable names what failed and why."""
    error, *results = function(*arguments)
    if error != runtime.cudaError_t.cudaSuccess:
        _, text = runtime.cudaGetErrorString(error)
        said = text.decode() if isinstance(text, bytes) else str(text)
        raise EngineUnavailable(
            f"CUDA's {function.__name__} failed: {said}; check the GPU and its driver: nvidia-smi"
        )
    return results[0] if results else None


def gpu_name() -> str:
    """The name of the first GPU; EngineUnavailable if there is none."""
    if not cuda_call(runtime.cudaGetDeviceCount):
        raise EngineUnavailable("CUDA finds no NVIDIA GPU; check that nvidia-smi lists one")
    name = cuda_call(runtime.cudaGetDeviceProperties, 0).name
    return name.decode() if isinstance(name, bytes) else str(name)


class PinnedBuffer:
    """One tensor, in pinned memory that the CPU sees as `array`, and on the GPU at `address`."""

    def __init__(self, shape: Sequence[int], dtype: DTypeLike) -> None:
        self.bytes = int(np.prod(shape)) * np.dtype(dtype).itemsize
        self.address = int(cuda_call(runtime.cudaMalloc, self.bytes))
        self.pinned = int(cuda_call(runtime.cudaMallocHost, self.bytes))
        memory = (ctypes.c_byte * self.bytes).from_address(self.pinned)
        self.array: NDArray[Any] = np.ctypeslib.as_array(memory).view(dtype).reshape(shape)

    def free(self) -> None:
        """Give both memories back; the array must not be touched afterwards."""
        cuda_call(runtime.cudaFree, self.address)
        cuda_call(runtime.cudaFreeHost, self.pinned)


class CudaStream:
    """A stream of its own, so that nothing else on the GPU is waited for."""

    def __init__(self) -> None:
        self.handle = cuda_call(runtime.cudaStreamCreateWithFlags, runtime.cudaStreamNonBlocking)

    def send(self, buffer: PinnedBuffer) -> None:
        """Copy to the GPU, in turn."""
        cuda_call(
            runtime.cudaMemcpyAsync,
            buffer.address,
            buffer.pinned,
            buffer.bytes,
            _TO_DEVICE,
            self.handle,
        )

    def fetch(self, buffer: PinnedBuffer) -> None:
        """Copy from the GPU, in turn."""
        cuda_call(
            runtime.cudaMemcpyAsync,
            buffer.pinned,
            buffer.address,
            buffer.bytes,
            _TO_HOST,
            self.handle,
        )

    def capture(self, work: Callable[[], None]) -> Any:
        """`work` as a graph that `launch` runs; nothing of it runs now."""
        cuda_call(runtime.cudaStreamBeginCapture, self.handle, _CAPTURE)
        try:
            work()
        finally:  # a stream left capturing would refuse everything that comes after
            graph = cuda_call(runtime.cudaStreamEndCapture, self.handle)
        ready = cuda_call(runtime.cudaGraphInstantiate, graph, 0)
        cuda_call(runtime.cudaGraphDestroy, graph)
        return ready

    def launch(self, ready: Any) -> None:
        """Run a captured graph and wait for its end."""
        cuda_call(runtime.cudaGraphLaunch, ready, self.handle)
        self.wait()

    def wait(self) -> None:
        """Until everything asked for so far is done."""
        cuda_call(runtime.cudaStreamSynchronize, self.handle)

    def close(self) -> None:
        """The stream is not used again."""
        cuda_call(runtime.cudaStreamDestroy, self.handle)


def destroy_graph(ready: Any) -> None:
    """Give a captured graph back."""
    cuda_call(runtime.cudaGraphExecDestroy, ready)
