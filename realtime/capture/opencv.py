"""OpenCV helpers shared by the sources: logging, frame rate, decoding, size limit."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, cast

import numpy as np

from realtime.core.messages import Image

if TYPE_CHECKING:
    import cv2

SILENT = 0  # OpenCV's LOG_LEVEL_SILENT
MAX_PIXELS = 40_000_000  # of one picture; 8K has 33 million
HIGHEST_HZ = 1000.0  # containers without a rate declare their clock's, such as 90 000


def silence_opencv(secret: bool = False) -> None:
    """Silence OpenCV and FFmpeg on stderr unless OPENCV_LOG_LEVEL is set; call before opening.

    Their raw output would corrupt the gauge, and FFmpeg prints addresses with passwords: `secret`
    silences it even if OPENCV_LOG_LEVEL is set. Relevant failures are raised as gauge errors.
    """
    if secret:
        os.environ["OPENCV_FFMPEG_LOGLEVEL"] = "-8"
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
    return hz if 0 < hz <= HIGHEST_HZ else 0.0


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


def too_large(device: cv2.VideoCapture) -> str:
    """Return the declared size, such as "16000x16000 pixels", if it exceeds `MAX_PIXELS`."""
    import cv2

    width, height = (
        device.get(side) for side in (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT)
    )
    return f"{width:.0f}x{height:.0f} pixels" if width * height > MAX_PIXELS else ""
