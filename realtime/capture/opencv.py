"""What all sources that use OpenCV share: silence on the user's terminal, and a believable rate."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import cv2

HIGHEST_HZ = 1000.0  # containers without a rate name absurd ones, such as their clock's 90 000


def quieten() -> None:
    """Silence OpenCV and FFmpeg on stderr, unless OPENCV_LOG_LEVEL asks for them; to be called before a device opens.

    They print raw lines into the gauge, and FFmpeg's show addresses with their passwords. What matters reaches the user
    as an error of ours.
    """
    if "OPENCV_LOG_LEVEL" in os.environ:
        return
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")  # AV_LOG_QUIET; read when the first video is opened
    import cv2

    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)


def rate_hz(device: cv2.VideoCapture) -> float:
    """The rate that an open device names, or 0 where it names none that can be true."""
    import cv2

    hz = float(device.get(cv2.CAP_PROP_FPS))
    return hz if 0 < hz <= HIGHEST_HZ else 0.0
