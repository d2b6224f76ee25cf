"""Which engines there are, which one `auto` picks, and how one is made. A backend is imported when it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import cast

from engines.engine import Engine
from engines.errors import EngineUnavailable
from engines.model.network import Network
from engines.model.weights import weight_count

AUTO = "auto"
LARGE_NETWORK_WEIGHTS = (
    2_000_000  # weights: 8 MB in float32, more than most cores keep near themselves
)


@dataclass(frozen=True, slots=True)
class Backend:
    """Where an engine is found, and what to type when what it needs is missing."""

    module: str
    factory: str
    summary: str
    install_hint: str


ENGINES: dict[str, Backend] = {
    "native": Backend(
        "engines.native.engine",
        "NativeEngine",
        "compiled CPU kernels, one thread, no torch",
        "pip install numba",
    ),
    "native-fp16": Backend(
        "engines.native.engine",
        "NativeFp16Engine",
        "the same with weights in float16: half as much to read, for large networks",
        "pip install numba",
    ),
    "torch": Backend(
        "engines.pytorch.engine",
        "TorchEngine",
        "the reference: eager torch on the CPU",
        "pip install torch",
    ),
    "cuda": Backend(
        "engines.pytorch.cuda_engine",
        "CudaEngine",
        "torch on an NVIDIA GPU, the step captured in a CUDA graph",
        "pip install torch",
    ),
    "onnx": Backend(
        "engines.onnxrt.engine",
        "OnnxEngine",
        "the exported graph under ONNX Runtime, on the CPU",
        "pip install onnx onnxruntime",
    ),
    "onnx-cuda": Backend(
        "engines.onnxrt.engine",
        "OnnxCudaEngine",
        "the exported graph under ONNX Runtime, on an NVIDIA GPU",
        "pip install onnx onnxruntime-gpu",
    ),
    "onnx-tensorrt": Backend(
        "engines.onnxrt.engine",
        "OnnxTensorrtEngine",
        "the exported graph under ONNX Runtime and TensorRT",
        "pip install onnx onnxruntime-gpu tensorrt",
    ),
    "tensorrt": Backend(
        "engines.tensorrt.engine",
        "TensorrtEngine",
        "the exported graph as a TensorRT plan on an NVIDIA GPU, in a CUDA graph",
        "pip install 'genuine-gauge[tensorrt]'",
    ),
}


def choose_engine(weights: int) -> tuple[str, str]:
    """The engine that `auto` stands for where a network has so many weights, and why."""
    if weights >= LARGE_NETWORK_WEIGHTS and why_unavailable("native-fp16") is None:
        return (
            "native-fp16",
            f"its networks have {weights / 1e6:.1f} million weights, and in float16 half is to be read",
        )
    return "native", "the fastest on a CPU for one window at a time, and it needs no torch"


def create_engine(name: str, network: Network) -> Engine:
    """The engine of that name for `network`; EngineUnavailable if it cannot run here, never another one instead."""
    return _factory(choose_engine(weight_count(network.shape))[0] if name == AUTO else name)(
        network
    )


def why_unavailable(name: str) -> str | None:
    """Why the engine of that name cannot run here and what mends it; None if it can."""
    try:
        _factory(name)
    except EngineUnavailable as reason:
        return str(reason)
    return None


def _factory(name: str) -> Callable[[Network], Engine]:
    backend = ENGINES.get(name)
    if backend is None:
        raise EngineUnavailable(
            f"no engine is named {name!r}; there are {', '.join([AUTO, *ENGINES])}"
        )
    try:
        module = import_module(backend.module)
    except (
        ImportError,
        OSError,
    ) as reason:  # OSError: a shared library of the package does not load
        raise EngineUnavailable(
            f"engine {name} cannot run here ({reason}); try: {backend.install_hint}"
        ) from reason
    factory = getattr(module, backend.factory)
    if hasattr(
        factory, "check_usable"
    ):  # the package is there; it may still lack what this engine needs of it
        factory.check_usable()
    return cast(Callable[[Network], Engine], factory)
