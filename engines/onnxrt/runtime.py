"""ONNX Runtime, told before it is loaded to report nothing: some builds tell their maker where they run."""

from __future__ import annotations

import os

os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import onnxruntime as ort

__all__ = ["ort"]
