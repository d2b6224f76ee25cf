"""What all sources that use OpenCV share: silence on the user's terminal, and a believable rate."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, cast

import numpy as np

from realtime.core.messages import Image

if TYPE_CHECKING:
    import cv2

MAX_PIXELS = 40_000_000  # of one picture; 8K has 33 million
HIGHEST_HZ = 1000.0  # containers without a rate name absurd ones, such as their clock's 90 000


def silence_opencv(secret: bool = False) -> None:
    """Silence OpenCV and FFmpeg on stderr, unless OPENCV_LOG_LEVEL asks for them; to be called before a device opens.

    They print raw lines into the gauge, and FFmpeg's show addresses with their passwords: what is `secret` is silent
    even then. What matters reaches the user as an error of ours.
    """
    if secret:
        os.environ["OPENCV_FFMPEG_LOGLEVEL"] = "-8"
    if "OPENCV_LOG_LEVEL" in os.environ:
        return
    os.environ.setdefault(
        "OPENCV_FFMPEG_LOGLEVEL", "-8"
    )  # AV_LOG_QUIET; read when the first video is opened
    import cv2

    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)


def declared_rate_hz(device: cv2.VideoCapture) -> float:
    """The rate that an open device names, or 0 where it names none that can be true."""
    import cv2

    hz = float(device.get(cv2.CAP_PROP_FPS))
    return hz if 0 < hz <= HIGHEST_HZ else 0.0


def read_image(device: cv2.VideoCapture) -> Image | None:
    """The device's next picture, uint8 (h, w, 3), or None: it failed, or said that all is well and gave nothing."""
    import cv2

    try:
        ok, image = device.read()
    except cv2.error:
        return None
    if not ok or image is None or image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
        return None
    return cast(Image, image) if image.size else None


def too_large(device: cv2.VideoCapture) -> str:
    """The size that an open device declares, such as "16000x16000 pixels", where that is absurd; else empty."""
    import cv2

    width, height = (
        device.get(side) for side in (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT)
    )
    return f"{width:.0f}x{height:.0f} pixels" if width * height > MAX_PIXELS else ""
