"""What takes long to load and keeps nothing of a run, shared by gauges that run in turn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engines.engine import Engine
from engines.model.network import Network
from engines.registry import create_engine
from realtime.core.labels import KERNEL

if TYPE_CHECKING:
    from realtime.faces.face_search import FaceDetectors
    from realtime.landmarks.predictor import LandmarkPredictor
    from realtime.person.face_network import FaceNetwork


class SharedModels:
    """Engines, detectors, landmark model and face network of a command, loaded when first needed.

    One gauge uses them at a time, since engines own buffers; any thread may do so. Those of a group
    take turns in one thread. `close` ends their use; after `discard` the next gauge gets new ones.
    `landmarks` names what fits the points.
    """

    def __init__(self, landmarks: str = KERNEL) -> None:
        self._landmarks = landmarks
        self._engines: dict[tuple[str, str, str], Engine] = {}
        self._detectors: FaceDetectors | None = None
        self._predictor: LandmarkPredictor | None = None
        self._face_network: FaceNetwork | None = None

    def engine(self, name: str, network: Network) -> Engine:
        """Return the engine called `name` for `network`; raises `EngineUnavailable`."""
        key = (name, network.bundle_sha256, network.name)
        if key not in self._engines:
            self._engines[key] = create_engine(name, network)
        return self._engines[key]

    def detectors(self) -> FaceDetectors:
        """Return the face detectors; raises `GaugeError` where the cascade's file is missing."""
        if self._detectors is None:
            from realtime.faces.face_search import FaceDetectors  # imports OpenCV

            self._detectors = FaceDetectors()
        return self._detectors

    def predictor(self) -> LandmarkPredictor:
        """Return the landmark predictor; raises `GaugeError` where its file is missing."""
        if self._predictor is None:
            from realtime.landmarks.predictor import LandmarkPredictor  # imports OpenCV

            self._predictor = LandmarkPredictor(self._landmarks)
        return self._predictor

    def face_network(self) -> FaceNetwork:
        """Return the network that describes faces; raises `GaugeError` without its file."""
        if self._face_network is None:
            from realtime.person.face_network import FaceNetwork

            self._face_network = FaceNetwork()
        return self._face_network

    def discard(self) -> None:
        """Forget everything without closing it: a thread that hangs may still use it."""
        self._engines, self._detectors = {}, None
        self._predictor = self._face_network = None

    def close(self) -> None:
        """Release the engines; idempotent."""
        for engine in self._engines.values():
            engine.close()
        self.discard()
