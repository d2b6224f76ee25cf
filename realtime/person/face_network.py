"""dlib's face recognition network (King 2017): a face chip in, a descriptor of 128 numbers out.

The descriptors of one person lie near each other. They identify a person: biometric data.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from engines.errors import GaugeError
from realtime.core.messages import Floats, Image
from realtime.core.model_files import REINSTALL, model_file

FILE = "dlib_face_recognition_resnet_model_v1.dat"
DESCRIPTOR = 128


class FaceNetwork:
    """The network in this process, loaded at the first call. Owned by one thread.

    dlib holds Python's global lock for the 40 to 60 ms of a call, so that all threads wait: a live
    run uses `DescriptorProcess` instead.
    """

    def __init__(self) -> None:
        self._path = network_path()
        self._network: Any = None

    def describe(self, chip: Image) -> Floats:
        """Return the descriptor float32 (128,) of a gray chip uint8 (150, 150)."""
        if self._network is None:
            self._network = load_network(self._path)
        colours = np.repeat(
            chip[:, :, None], 3, axis=2
        )  # gray distinguishes people as well as colour does
        return np.array(self._network.compute_face_descriptor(colours), np.float32)

    def close(self) -> None:
        """Release the network."""
        self._network = None


def load_network(path: Path) -> Any:
    """Return dlib's network; raises `GaugeError` if the file cannot be read."""
    import dlib

    try:
        return dlib.face_recognition_model_v1(str(path))
    except RuntimeError as error:
        raise GaugeError(f"cannot read {path}: {error}; run {REINSTALL}.") from error


def network_path() -> Path:
    """Return the path of the network file; raises `GaugeError` if it is not installed."""
    return model_file(FILE, "face network")
