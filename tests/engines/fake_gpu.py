"""Doubles of `tensorrt` and `cuda.bindings.runtime`: a GPU in host memory that runs ONNX Runtime.

They enforce the rules that matter: addresses and shapes are set before a run, a run after a change
of shapes cannot be captured, nothing captured runs before its launch, freed memory is not used.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from enum import IntEnum
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import onnxruntime as ort

PLAN = b"PLAN"
IMPORTERS = (  # modules of this project that import the libraries replaced here
    "engines.tensorrt.cuda_runtime",
    "engines.tensorrt.plan_builder",
    "engines.tensorrt.engine",
)
Work = Callable[[], None]


class FakeRuntime(ModuleType):
    """`cuda.bindings.runtime` with `gpus` GPUs; what `fails` names returns an error."""

    def __init__(self, gpus: int = 1, fails: str = "") -> None:
        super().__init__("cuda.bindings.runtime")
        self.gpus, self.fails = gpus, fails
        self.memory: dict[int, Any] = {}
        self.streams: dict[int, list[Work] | None] = {}
        self.alive = 0  # graphs
        self.cudaError_t = IntEnum("cudaError_t", {"cudaSuccess": 0, "cudaErrorInvalidValue": 1})
        self.cudaMemcpyKind = SimpleNamespace(cudaMemcpyHostToDevice=1, cudaMemcpyDeviceToHost=2)
        self.cudaStreamCaptureMode = SimpleNamespace(cudaStreamCaptureModeThreadLocal=1)
        self.cudaStreamNonBlocking = 1
        for name in [name for name in vars(FakeRuntime) if name.startswith("_cuda")]:
            setattr(self, name[1:], self._checked(name[1:], getattr(self, name)))

    def enqueue(self, handle: int, work: Work) -> None:
        waiting = self.streams[handle]
        work() if waiting is None else waiting.append(work)

    def capturing(self, handle: int) -> bool:
        return self.streams[handle] is not None

    def at(self, address: int, count: int) -> Any:
        return (ctypes.c_byte * count).from_address(ctypes.addressof(self.memory[address]))

    def _checked(self, name: str, function: Callable[..., Any]) -> Callable[..., tuple[Any, ...]]:
        def answer(*arguments: Any) -> tuple[Any, ...]:
            if name == self.fails:
                return (self.cudaError_t.cudaErrorInvalidValue, None)
            found = function(*arguments)
            return (
                (self.cudaError_t.cudaSuccess,)
                if found is None
                else (self.cudaError_t.cudaSuccess, found)
            )

        answer.__name__ = name
        return answer

    def _cudaGetErrorString(self, error: Any) -> bytes:  # noqa: N802 - the library's own names, here and below
        return b"invalid argument"

    def _cudaGetDeviceCount(self) -> int:  # noqa: N802
        return self.gpus

    def _cudaGetDeviceProperties(self, device: int) -> Any:  # noqa: N802
        return SimpleNamespace(name=b"Fake GPU")

    def _cudaMalloc(self, size: int) -> int:  # noqa: N802
        block = ctypes.create_string_buffer(
            b"\xff" * size, size
        )  # NaN wherever nothing was written
        self.memory[ctypes.addressof(block)] = block
        return ctypes.addressof(block)

    _cudaMallocHost = _cudaMalloc  # noqa: N815

    def _cudaFree(self, address: int) -> None:  # noqa: N802
        del self.memory[address]

    _cudaFreeHost = _cudaFree  # noqa: N815

    def _cudaMemcpyAsync(self, to: int, source: int, size: int, kind: int, handle: int) -> None:  # noqa: N802
        self.enqueue(
            handle, lambda: ctypes.memmove(self.at(to, size), self.at(source, size), size) and None
        )

    def _cudaStreamCreateWithFlags(self, flags: int) -> int:  # noqa: N802
        handle = 100 + len(self.streams)
        self.streams[handle] = None
        return handle

    def _cudaStreamDestroy(self, handle: int) -> None:  # noqa: N802
        del self.streams[handle]

    def _cudaStreamSynchronize(self, handle: int) -> None:  # noqa: N802
        assert not self.capturing(handle), "a stream that is captured cannot be waited for"

    def _cudaStreamBeginCapture(self, handle: int, mode: int) -> None:  # noqa: N802
        self.streams[handle] = []

    def _cudaStreamEndCapture(self, handle: int) -> list[Work]:  # noqa: N802
        work, self.streams[handle] = self.streams[handle], None
        assert work is not None
        return work

    def _cudaGraphInstantiate(self, graph: list[Work], flags: int) -> list[Work]:  # noqa: N802
        self.alive += 1
        return list(graph)

    def _cudaGraphDestroy(self, graph: list[Work]) -> None:  # noqa: N802
        graph.clear()

    def _cudaGraphLaunch(self, ready: list[Work], handle: int) -> None:  # noqa: N802
        for work in ready:
            self.enqueue(handle, work)

    def _cudaGraphExecDestroy(self, ready: list[Work]) -> None:  # noqa: N802
        self.alive -= 1


class FakeTensorrt(ModuleType):
    """`tensorrt`: a plan is the graph it was built from, with its profile checked."""

    def __init__(self, runtime: FakeRuntime, version: str = "11.4.0.106") -> None:
        super().__init__("tensorrt")
        self.__version__ = version
        self.cuda = runtime
        self.built = 0
        self.timing_seen: list[bytes] = []
        self.reads = self.loads = True  # whether the parser and the runtime do their work
        self.NetworkDefinitionCreationFlag = IntEnum("Flag", {"STRONGLY_TYPED": 0})
        self.BuilderFlag = IntEnum("BuilderFlag", {"TF32": 6})
        self.Logger = type("Logger", (), {"ERROR": 1, "__init__": lambda self, severity: None})
        self.IProgressMonitor = type("IProgressMonitor", (), {})

    def Builder(self, logger: Any) -> Any:  # noqa: N802
        return SimpleNamespace(
            create_network=lambda flags: SimpleNamespace(flags=flags, model=b""),
            create_builder_config=lambda: FakeConfig(self),
            create_optimization_profile=FakeProfile,
            build_serialized_network=self._build,
        )

    def OnnxParser(self, network: Any, logger: Any) -> Any:  # noqa: N802
        def parse(model: bytes) -> bool:
            network.model = model
            return self.reads

        error = SimpleNamespace(desc=lambda: "no importer for Warp")
        return SimpleNamespace(parse=parse, num_errors=1, get_error=lambda number: error)

    def Runtime(self, logger: Any) -> Any:  # noqa: N802
        def deserialize(plan: bytes) -> FakePlan | None:
            return (
                FakePlan(self.cuda, plan[len(PLAN) :])
                if self.loads and plan.startswith(PLAN)
                else None
            )

        return SimpleNamespace(deserialize_cuda_engine=deserialize)

    def _build(self, network: Any, config: FakeConfig) -> bytes:
        self.built += 1
        assert network.flags == 1
        assert config.flags == set(), "TF32 is on"
        inputs = {each.name for each in _session(network.model).get_inputs()}
        assert config.profiles[0].shapes.keys() == inputs
        config.progress_monitor.phase_start("Fusing", None, 2)
        assert config.progress_monitor.step_complete("Fusing", 0)
        config.progress_monitor.phase_finish("Fusing")
        return PLAN + network.model


class FakeConfig:
    def __init__(self, owner: FakeTensorrt) -> None:
        self._owner = owner
        self.flags = {owner.BuilderFlag.TF32}
        self.profiles: list[FakeProfile] = []
        self.progress_monitor: Any = None
        self._timing = b""

    def clear_flag(self, flag: Any) -> None:
        self.flags.discard(flag)

    def add_optimization_profile(self, profile: FakeProfile) -> int:
        self.profiles.append(profile)
        return 0

    def create_timing_cache(self, serialized: bytes) -> bytes:
        self._owner.timing_seen.append(serialized)
        return serialized

    def set_timing_cache(self, cache: bytes, ignore_mismatch: bool) -> bool:
        assert not ignore_mismatch
        self._timing = cache
        return True

    def get_timing_cache(self) -> Any:
        return SimpleNamespace(serialize=lambda: bytearray(b"timings"))


class FakeProfile:
    def __init__(self) -> None:
        self.shapes: dict[str, tuple[Any, ...]] = {}

    def set_shape(self, name: str, smallest: Any, typical: Any, largest: Any) -> None:
        assert all(a <= b <= c for a, b, c in zip(smallest, typical, largest, strict=True))
        self.shapes[name] = (smallest, typical, largest)


class FakePlan:
    def __init__(self, cuda: FakeRuntime, model: bytes) -> None:
        self._cuda, self._session = cuda, _session(model)

    def create_execution_context(self) -> FakeContext:
        return FakeContext(self._cuda, self._session)


class FakeContext:
    def __init__(self, cuda: FakeRuntime, session: ort.InferenceSession) -> None:
        self._cuda, self._session = cuda, session
        self._shapes: dict[str, tuple[int, ...]] = {}
        self._addresses: dict[str, int] = {}
        self._prepared = False

    def set_input_shape(self, name: str, shape: tuple[int, ...]) -> bool:
        self._shapes[name], self._prepared = shape, False
        return shape[0] <= 16

    def set_tensor_address(self, name: str, memory: int) -> bool:
        self._addresses[name] = memory
        return True

    def execute_async_v3(self, stream_handle: int) -> bool:
        capturing = self._cuda.capturing(stream_handle)
        if capturing and not self._prepared:
            return False
        self._prepared = True
        self._cuda.enqueue(stream_handle, self._run)
        return True

    def _run(self) -> None:
        given = {each.name: self._read(each) for each in self._session.get_inputs()}
        outputs = self._session.get_outputs()
        for each, found in zip(outputs, self._session.run(None, given), strict=True):
            raw = np.ascontiguousarray(found).tobytes()
            ctypes.memmove(self._cuda.at(self._addresses[each.name], len(raw)), raw, len(raw))

    def _read(self, tensor: Any) -> np.ndarray:
        dtype, shape = (
            {"tensor(float)": np.float32, "tensor(int64)": np.int64}[tensor.type],
            self._shapes[tensor.name],
        )
        count = int(np.prod(shape)) * np.dtype(dtype).itemsize
        return np.frombuffer(
            bytes(self._cuda.at(self._addresses[tensor.name], count)), dtype
        ).reshape(shape)


def _session(model: bytes) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    return ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
