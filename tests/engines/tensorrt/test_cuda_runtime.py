"""Checked CUDA calls, on a GPU in host memory."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from types import ModuleType

import numpy as np
import pytest

pytest.importorskip("onnxruntime")  # the double of the GPU runs on it

from engines.errors import EngineUnavailable
from tests.engines.fake_gpu import FakeRuntime, FakeTensorrt

Make = Callable[..., FakeTensorrt]


@pytest.fixture
def cuda(gpu: Make) -> Callable[..., tuple[ModuleType, FakeRuntime]]:
    """Return the module, imported on a double, and that double."""

    def make(**settings: object) -> tuple[ModuleType, FakeRuntime]:
        runtime = gpu(**settings).cuda
        return import_module("engines.tensorrt.cuda_runtime"), runtime

    return make


def test_a_call_returns_its_result_without_the_error_code(cuda) -> None:
    module, runtime = cuda()
    assert module.cuda_call(runtime.cudaGetDeviceCount) == 1
    assert module.cuda_call(runtime.cudaStreamDestroy, module.CudaStream().handle) is None


def test_a_failed_call_names_the_function_the_reason_and_the_remedy(cuda) -> None:
    module, runtime = cuda(fails="cudaGetDeviceCount")
    with pytest.raises(EngineUnavailable) as caught:
        module.cuda_call(runtime.cudaGetDeviceCount)
    assert (
        str(caught.value) == "CUDA's cudaGetDeviceCount failed: invalid argument; "
        "check the GPU and its driver: nvidia-smi"
    )


def test_the_first_gpu_is_named_and_none_is_an_error(cuda) -> None:
    assert cuda()[0].gpu_name() == "Fake GPU"
    with pytest.raises(EngineUnavailable, match="CUDA finds no NVIDIA GPU"):
        cuda(gpus=0)[0].gpu_name()


def test_a_buffer_is_sent_to_the_gpu_and_fetched_from_it(cuda) -> None:
    module, _ = cuda()
    stream, buffer = module.CudaStream(), module.PinnedBuffer((2, 3), np.float32)
    assert (buffer.array.shape, buffer.array.dtype, buffer.bytes) == ((2, 3), np.float32, 24)
    buffer.array[:] = np.arange(6).reshape(2, 3)
    stream.send(buffer)
    buffer.array[:] = 0
    stream.fetch(buffer)
    stream.wait()
    np.testing.assert_array_equal(buffer.array, np.arange(6).reshape(2, 3))


def test_freeing_a_buffer_returns_both_memories(cuda) -> None:
    module, runtime = cuda()
    buffer = module.PinnedBuffer((4,), np.int64)
    assert len(runtime.memory) == 2
    buffer.free()
    assert runtime.memory == {}


def test_captured_work_runs_at_every_launch_and_not_before(cuda) -> None:
    module, runtime = cuda()
    stream, buffer = module.CudaStream(), module.PinnedBuffer((1,), np.float32)
    graph = stream.capture(lambda: (stream.send(buffer), stream.fetch(buffer)))
    for value in (3.0, 5.0):
        buffer.array[:] = value
        stream.launch(graph)
        assert buffer.array[0] == value
    assert runtime.alive == 1
    module.destroy_graph(graph)
    assert runtime.alive == 0


def test_a_failed_capture_leaves_the_stream_usable(cuda) -> None:
    module, runtime = cuda()
    stream = module.CudaStream()

    def fail() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        stream.capture(fail)
    assert not runtime.capturing(stream.handle)
    stream.wait()
    stream.close()
    assert runtime.streams == {}
