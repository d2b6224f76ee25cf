"""Import ONNX Runtime with telemetry disabled; the variable must be set before the import."""

from __future__ import annotations

import os

os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import onnxruntime as ort

__all__ = ["ort"]
