"""OpenCV helpers for cameras: logging, frame rate, reading."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, cast

import numpy as np

from realtime.capture.rates import plausible_rate_hz
from realtime.core.messages import Image

if TYPE_CHECKING:
    import cv2

SILENT = 0  # OpenCV's LOG_LEVEL_SILENT


def silence_opencv() -> None:
    """Silence OpenCV on stderr unless OPENCV_LOG_LEVEL is set; call before opening a camera.

    Its raw output would corrupt the gauge. Relevant failures are raised as gauge errors.
    """
    if "OPENCV_LOG_LEVEL" in os.environ:
        return
    # AV_LOG_QUIET; read when the first video is opened
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
    import cv2

    set_level = getattr(cv2, "setLogLevel", None)  # up to 4.12; from 4.13 in a module of its own
    (set_level or cv2.utils.logging.setLogLevel)(SILENT)


def declared_rate_hz(device: cv2.VideoCapture) -> float:
    """Return the frame rate declared by an open device, or 0 if none is plausible."""
    import cv2

    hz = float(device.get(cv2.CAP_PROP_FPS))
    return plausible_rate_hz(hz)


def read_image(device: cv2.VideoCapture) -> Image | None:
    """Return the next picture, uint8 (h, w, 3); None on failure or an empty read."""
    import cv2

    try:
        ok, image = device.read()
    except cv2.error:
        return None
    if not ok or image is None or image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
        return None
    return cast(Image, image) if image.size else None
