"""Camera source through OpenCV: Video4Linux on Linux, the system default elsewhere."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import cv2

from realtime.capture.live.camera_identity import (
    CameraIdentity,
    find_camera,
    read_identity,
    twins_of,
)
from realtime.capture.live.device_thread import DeviceThread
from realtime.capture.live.live_source import LOST_S, Arrival, LiveSource
from realtime.capture.opencv import silence_opencv
from realtime.core.clock import Clock
from realtime.core.errors import CameraNotFound, SourceError, SourceLost

DEVICES = Path("/dev")
MJPG = int.from_bytes(b"MJPG", "little")  # as OpenCV numbers codecs


class Camera(LiveSource):
    """Camera number `device`, or the camera at a path such as /dev/video2.

    Arguments `size_px` (width, height) and `hz` are requests; the attributes hold what was granted.
    Reopening finds the same camera under its current number, never another one.
    """

    kind = "camera"

    def __init__(
        self,
        device: int | str,
        clock: Clock,
        size_px: tuple[int, int] | None = None,
        hz: float | None = None,
    ) -> None:
        super().__init__(clock)
        self._thread: DeviceThread | None = None
        self.name = f"camera {device}" if isinstance(device, int) else device
        self._device = device
        self._requested_px = size_px
        self._requested_hz = hz
        self._identity: CameraIdentity | None = None
        self._twins: frozenset[str] = frozenset()

    def _new_reader(self) -> DeviceThread:
        self._thread = DeviceThread(self._connect, LOST_S, self._clock)
        return self._thread

    def _opened(self, first: Arrival) -> None:
        assert self._thread is not None
        self.hz = self._thread.hz
        self.size_px = first.picture.size_px

    def _connect(self) -> cv2.VideoCapture:
        """Open the device, in the reading thread; raise a `SourceError` with the reason."""
        silence_opencv()
        named = self._current_node() if self._identity is not None else self._device
        if sys.platform == "linux" and self._identity is None:
            self._check_node()
        backend = cv2.CAP_V4L2 if sys.platform == "linux" else cv2.CAP_ANY
        device = cv2.VideoCapture(named, backend)
        if not device.isOpened():
            raise CameraNotFound(
                f"{self.name} cannot be opened; is another program using it? Else {self._others()}"
            )
        self._request_format(device)
        self._remember_identity()
        return device

    def _remember_identity(self) -> None:
        """Store the camera's identity at the first opening; without one its number is used."""
        if self._identity is None and (identity := read_identity(self._node())) is not None:
            self._identity, self._twins = identity, twins_of(identity, DEVICES)

    def _current_node(self) -> str:
        """Return the device node at which the lost camera is now."""
        assert self._identity is not None
        node = find_camera(self._identity, self._twins, DEVICES)
        if node is None:
            raise CameraNotFound(
                f"{self.name} ({self._identity.name}) is not there. Plug it in again"
            )
        return str(node)

    def _silent(self) -> SourceError:
        return CameraNotFound(f"{self.name} opens but delivers no picture; {self._others()}")

    def _ended(self, closed: bool) -> SourceError | None:
        return SourceLost(
            f"{self.name} gave no picture for {LOST_S:g} s. Is it plugged in, and free?"
        )

    def _check_node(self) -> None:
        node = self._node()
        if not node.exists():
            raise CameraNotFound(f"no {self.name}; {self._others()}")
        if not os.access(node, os.R_OK | os.W_OK):
            raise CameraNotFound(
                f"{self.name}: this user may not use {node}. Join its group, which is often 'video'"
            )

    def _request_format(self, device: cv2.VideoCapture) -> None:
        """Request MJPG first, needed by most cameras for large pictures at full rate."""
        if self._requested_px is not None:
            device.set(cv2.CAP_PROP_FOURCC, MJPG)
            device.set(cv2.CAP_PROP_FRAME_WIDTH, self._requested_px[0])
            device.set(cv2.CAP_PROP_FRAME_HEIGHT, self._requested_px[1])
        if self._requested_hz is not None:
            device.set(cv2.CAP_PROP_FPS, self._requested_hz)
        device.set(cv2.CAP_PROP_BUFFERSIZE, 1)  # the newest picture, not a buffered one

    def _node(self) -> Path:
        return (
            DEVICES / f"video{self._device}"
            if isinstance(self._device, int)
            else Path(self._device)
        )

    def _others(self) -> str:
        """Return the alternatives, to end an error message."""
        if sys.platform != "linux":
            return "try another --camera N, or --demo"
        numbers = sorted(
            int(node.name[5:])
            for node in DEVICES.glob("video*")
            if re.fullmatch(r"video\d+", node.name) and node != self._node()
        )
        if not numbers:
            return f"there is no other {DEVICES}/video*. Plug one in, or try --demo"
        nodes = ", ".join(f"{DEVICES}/video{number}" for number in numbers)
        return f"found {nodes}. Try --camera {numbers[0]}"
