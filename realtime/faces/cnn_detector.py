"""dlib's CNN face detector (King 2015, max-margin object detection), the last to be asked.

It finds what Haar's cascade and HOG miss: covered and turned heads, far ones, odd light. A call
takes 0.5 s of a core, during which dlib holds Python's global lock: `CnnProcess` runs it elsewhere.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

import numpy as np

from engines.errors import GaugeError
from realtime.core.messages import Floats, Image
from realtime.core.model_files import REINSTALL, model_file

FILE = "mmod_human_face_detector.dat"
SMALLEST_PX = 40  # of a face that it finds; dlib refuses pictures a few pixels high
SIDE_PX = 480  # of the reduced picture; at 320 px half of the faces that only it finds are missed


class CnnRunner(Protocol):
    """What runs the network: `CnnDetector` or `CnnProcess`."""

    def detect(self, picture: Image) -> Floats:
        """Return the boxes float32 (n, 5: x, y, width, height, score) of a reduced picture."""
        ...

    def close(self) -> None:
        """Release the network; a call of another thread ends with an error."""
        ...


class CnnDetector:
    """The network in this process, loaded at the first call. Owned by one thread.

    Finds faces from `SMALLEST_PX` of the picture, whose sides are at least as long. Raises
    `GaugeError` if its file is not installed.
    """

    def __init__(self) -> None:
        self._path = detector_path()
        self._network: Any = None

    def detect(self, picture: Image) -> Floats:
        """Return the boxes float32 (n, 5: x, y, width, height, score) in a gray uint8 (h, w)."""
        if self._network is None:
            self._network = load_detector(self._path)
        found = self._network(np.repeat(picture[:, :, None], 3, axis=2), 0)
        rows = [
            (one.rect.left(), one.rect.top(), one.rect.width(), one.rect.height(), one.confidence)
            for one in found
        ]
        return np.array(rows, np.float32).reshape(-1, 5)

    def close(self) -> None:
        """Release the network."""
        self._network = None


def load_detector(path: Path) -> Any:
    """Return dlib's network; raises `GaugeError` if the file cannot be read."""
    import dlib

    try:
        return dlib.cnn_face_detection_model_v1(str(path))
    except RuntimeError as error:
        raise GaugeError(f"cannot read {path}: {error}; run {REINSTALL}.") from error


def detector_path() -> Path:
    """Return the path of the detector's file; raises `GaugeError` if it is not installed."""
    return model_file(FILE, "face detector")
