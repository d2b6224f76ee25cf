"""ONNX Runtime engines: the exported graph on the CPU, CUDA or TensorRT provider."""

from __future__ import annotations

from functools import cached_property
from typing import ClassVar

import numpy as np
from onnx import ModelProto

from engines.engine import Engine
from engines.errors import EngineUnavailable
from engines.model.network import Floats, Ints, Network
from engines.model.shape import LANDMARKS
from engines.onnx_export.export import generation_model, gradient_model
from engines.onnxrt.runtime import ort


class OnnxEngine(Engine):
    """ONNX Runtime on one thread, so several engines at once do not compete for cores."""

    name = "onnx"
    provider: ClassVar[str] = "CPUExecutionProvider"

    def __init__(self, network: Network) -> None:
        super().__init__(network)
        self.check_usable()
        self._gradient = self._session(gradient_model(network))

    @classmethod
    def check_usable(cls) -> None:
        """Raise EngineUnavailable if this ONNX Runtime was built without the provider."""
        if cls.provider not in ort.get_available_providers():
            raise EngineUnavailable(
                f"engine {cls.name} cannot run here: onnxruntime {ort.__version__} has no "
                f"{cls.provider}, only {', '.join(ort.get_available_providers())}; "
                "try: pip install onnxruntime-gpu"
            )

    @cached_property
    def _generation(self) -> ort.InferenceSession:
        return self._session(generation_model(self.network))

    def _session(self, model: ModelProto) -> ort.InferenceSession:
        options = ort.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        session = ort.InferenceSession(
            model.SerializeToString(), options, providers=[self.provider]
        )
        # ONNX Runtime falls back to its CPU provider silently
        if self.provider not in session.get_providers():
            raise EngineUnavailable(
                f"engine {self.name} cannot run here: {self.provider} is present but did "
                "not start; check the GPU with nvidia-smi and the versions of CUDA and cuDNN"
            )
        return session

    def _loss_and_gradient_impl(
        self, windows: Floats, lengths: Ints, pb: Floats
    ) -> tuple[Floats, Floats]:
        loss, gradient = self._gradient.run(
            ["loss", "gradient"],
            {"windows": windows[:, : lengths.max()], "lengths": lengths, "pb": pb},
        )
        return loss, gradient

    def _generate_impl(self, pb: Floats, start: Floats, frames: int) -> Floats:
        windows = np.zeros((len(pb), frames + 1, LANDMARKS), np.float32)
        windows[:, 0] = start
        (generated,) = self._generation.run(["played"], {"windows": windows, "pb": pb})
        return np.ascontiguousarray(generated.swapaxes(0, 1))


class OnnxCudaEngine(OnnxEngine):
    """Exported graph on an NVIDIA GPU."""

    name = "onnx-cuda"
    provider = "CUDAExecutionProvider"


class OnnxTensorrtEngine(OnnxEngine):
    """Exported graph on ONNX Runtime's TensorRT provider."""

    name = "onnx-tensorrt"
    provider = "TensorrtExecutionProvider"
