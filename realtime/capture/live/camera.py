"""A camera as a source, through OpenCV: Video4Linux on Linux, whatever the system offers elsewhere."""

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
from realtime.capture.live.live_source import LOST_S, LiveSource
from realtime.capture.opencv import silence_opencv
from realtime.core.clock import Clock
from realtime.core.errors import CameraNotFound, SourceError, SourceLost

DEVICES = Path("/dev")


class Camera(LiveSource):
    """Camera number `device`, or the one at a path such as /dev/video2.

    `size_px` (width, height) and `hz` are asked for and need not be granted: the source's own say what was. Opened
    again, it is the camera that was there before, under whatever number it is now, and no other.
    """

    kind = "camera"

    def __init__(
        self,
        device: int | str,
        clock: Clock,
        size_px: tuple[int, int] | None = None,
        hz: float | None = None,
    ) -> None:
        super().__init__(LOST_S, clock)
        self.name = f"camera {device}" if isinstance(device, int) else device
        self._device = device
        self._wanted_px = size_px
        self._wanted_hz = hz
        self._identity: CameraIdentity | None = None
        self._twins: frozenset[str] = frozenset()

    def _connect(self) -> cv2.VideoCapture:
        silence_opencv()
        named = self._again() if self._identity is not None else self._device
        if sys.platform == "linux" and self._identity is None:
            self._check_node()
        backend = cv2.CAP_V4L2 if sys.platform == "linux" else cv2.CAP_ANY
        device = cv2.VideoCapture(named, backend)
        if not device.isOpened():
            raise CameraNotFound(
                f"{self.name} cannot be opened; is another program using it? Else {self._others()}"
            )
        self._ask(device)
        self._get_to_know()
        return device

    def _get_to_know(self) -> None:
        """Once, when it opens for the first time. Where the system does not say who it is, its number has to do."""
        if self._identity is None and (known := read_identity(self._node())) is not None:
            self._identity, self._twins = known, twins_of(known, DEVICES)

    def _again(self) -> str:
        """Where the camera that was lost is now."""
        assert self._identity is not None
        node = find_camera(self._identity, self._twins, DEVICES)
        if node is None:
            raise CameraNotFound(
                f"{self.name} ({self._identity.name}) is not there. Plug it in again"
            )
        return str(node)

    def _silent(self) -> SourceError:
        return CameraNotFound(f"{self.name} opens and gives no picture; {self._others()}")

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

    def _ask(self, device: cv2.VideoCapture) -> None:
        """The format first: most cameras give large pictures at full rate as MJPG only. What is refused is ignored."""
        if self._wanted_px is not None:
            device.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
            device.set(cv2.CAP_PROP_FRAME_WIDTH, self._wanted_px[0])
            device.set(cv2.CAP_PROP_FRAME_HEIGHT, self._wanted_px[1])
        if self._wanted_hz is not None:
            device.set(cv2.CAP_PROP_FPS, self._wanted_hz)
        device.set(
            cv2.CAP_PROP_BUFFERSIZE, 1
        )  # the newest picture, not one that waited in the driver

    def _node(self) -> Path:
        return (
            DEVICES / f"video{self._device}"
            if isinstance(self._device, int)
            else Path(self._device)
        )

    def _others(self) -> str:
        """What there is instead, as the end of an error."""
        if sys.platform != "linux":
            return "try another --camera N, or --demo"
        numbers = sorted(
            int(node.name[5:])
            for node in DEVICES.glob("video*")
            if re.fullmatch(r"video\d+", node.name) and node != self._node()
        )
        if not numbers:
            return f"there is no other {DEVICES}/video*. Plug one in, or try --demo"
        return f"found {', '.join(f'{DEVICES}/video{number}' for number in numbers)}. Try --camera {numbers[0]}"
