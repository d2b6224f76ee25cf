"""Checked CUDA runtime calls that an engine needs: stream, pinned buffers, graph."""

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
    """Call a runtime function and return its result without the error code.

    Raises EngineUnavailable naming the function and the error.
    """
    error, *results = function(*arguments)
    if error != runtime.cudaError_t.cudaSuccess:
        _, text = runtime.cudaGetErrorString(error)
        reason = text.decode() if isinstance(text, bytes) else str(text)
        raise EngineUnavailable(
            f"CUDA's {function.__name__} failed: {reason}; check the GPU and its driver: nvidia-smi"
        )
    return results[0] if results else None


def gpu_name() -> str:
    """Return the name of the first GPU; raise EngineUnavailable if there is none."""
    if not cuda_call(runtime.cudaGetDeviceCount):
        raise EngineUnavailable("CUDA finds no NVIDIA GPU; check that nvidia-smi lists one")
    name = cuda_call(runtime.cudaGetDeviceProperties, 0).name
    return name.decode() if isinstance(name, bytes) else str(name)


class PinnedBuffer:
    """Tensor in pinned host memory (`array`) and on the GPU (`address`)."""

    def __init__(self, shape: Sequence[int], dtype: DTypeLike) -> None:
        self.bytes = int(np.prod(shape)) * np.dtype(dtype).itemsize
        self.address = int(cuda_call(runtime.cudaMalloc, self.bytes))
        self.pinned = int(cuda_call(runtime.cudaMallocHost, self.bytes))
        memory = (ctypes.c_byte * self.bytes).from_address(self.pinned)
        self.array: NDArray[Any] = np.ctypeslib.as_array(memory).view(dtype).reshape(shape)

    def free(self) -> None:
        """Free both memories; the array must not be used afterwards."""
        cuda_call(runtime.cudaFree, self.address)
        cuda_call(runtime.cudaFreeHost, self.pinned)


class CudaStream:
    """Non-blocking CUDA stream, independent of other work on the GPU."""

    def __init__(self) -> None:
        self.handle = cuda_call(runtime.cudaStreamCreateWithFlags, runtime.cudaStreamNonBlocking)

    def send(self, buffer: PinnedBuffer) -> None:
        """Enqueue a copy to the GPU."""
        cuda_call(
            runtime.cudaMemcpyAsync,
            buffer.address,
            buffer.pinned,
            buffer.bytes,
            _TO_DEVICE,
            self.handle,
        )

    def fetch(self, buffer: PinnedBuffer) -> None:
        """Enqueue a copy from the GPU."""
        cuda_call(
            runtime.cudaMemcpyAsync,
            buffer.pinned,
            buffer.address,
            buffer.bytes,
            _TO_HOST,
            self.handle,
        )

    def capture(self, work: Callable[[], None]) -> Any:
        """Capture `work` as a graph for `launch`, without running it."""
        cuda_call(runtime.cudaStreamBeginCapture, self.handle, _CAPTURE)
        try:
            work()
        finally:  # a stream left in capture mode would refuse all later calls
            graph = cuda_call(runtime.cudaStreamEndCapture, self.handle)
        ready = cuda_call(runtime.cudaGraphInstantiate, graph, 0)
        cuda_call(runtime.cudaGraphDestroy, graph)
        return ready

    def launch(self, ready: Any) -> None:
        """Run a captured graph and wait until it ends."""
        cuda_call(runtime.cudaGraphLaunch, ready, self.handle)
        self.wait()

    def wait(self) -> None:
        """Wait until all enqueued work is done."""
        cuda_call(runtime.cudaStreamSynchronize, self.handle)

    def close(self) -> None:
        """Destroy the stream."""
        cuda_call(runtime.cudaStreamDestroy, self.handle)


def destroy_graph(ready: Any) -> None:
    """Destroy a captured graph."""
    cuda_call(runtime.cudaGraphExecDestroy, ready)
