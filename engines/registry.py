"""Engine names, the engine that `auto` picks, and a factory by name.

A backend is imported only when it is requested.
"""

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
LARGE_NETWORK_WEIGHTS = 2_000_000  # 8 MB in float32: more than the cache of most cores holds


@dataclass(frozen=True, slots=True)
class Backend:
    """Module and class of an engine, and the command that installs what it needs."""

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
        "the same with weights in float16: half the memory traffic, for large networks",
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
    """Return the engine that `auto` picks for a network of `weights` weights, and why."""
    if weights >= LARGE_NETWORK_WEIGHTS and why_unavailable("native-fp16") is None:
        return (
            "native-fp16",
            f"its networks have {weights / 1e6:.1f} million weights; float16 halves what is read",
        )
    return "native", "the fastest on a CPU for one window at a time; needs no torch"


def create_engine(name: str, network: Network) -> Engine:
    """Create the engine called `name` for `network`.

    Raises EngineUnavailable if it cannot run here; never falls back to another engine.
    """
    return _factory(choose_engine(weight_count(network.shape))[0] if name == AUTO else name)(
        network
    )


def why_unavailable(name: str) -> str | None:
    """Return why the engine called `name` cannot run here, with the remedy; None if it can."""
    try:
        _factory(name)
    except EngineUnavailable as reason:
        return str(reason)
    return None


def _factory(name: str) -> Callable[[Network], Engine]:
    backend = ENGINES.get(name)
    if backend is None:
        raise EngineUnavailable(
            f"no engine is named {name!r}; choose one of {', '.join([AUTO, *ENGINES])}"
        )
    try:
        module = import_module(backend.module)
    except (ImportError, OSError) as reason:  # OSError: a shared library fails to load
        raise EngineUnavailable(
            f"engine {name} cannot run here ({reason}); try: {backend.install_hint}"
        ) from reason
    factory = getattr(module, backend.factory)
    if hasattr(factory, "check_usable"):  # the package may lack what this engine needs of it
        factory.check_usable()
    return cast(Callable[[Network], Engine], factory)
