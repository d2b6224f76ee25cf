"""A camera's driver without a camera, in place of `cv2.VideoCapture`."""

from __future__ import annotations

import threading

import cv2
import numpy as np

LONG_S = 10.0  # a limit that is only met when something is broken


class Driver:
    """Give `pictures` frames per opening, each darker; then fail, or block until `unblock`.

    What it was opened with is in `opened`, what it was asked for in `asked`.
    """

    def __init__(self, pictures: int, opens: bool = True, blocks: bool = False) -> None:
        self.left = self._pictures = pictures
        self.opens = opens
        self.blocks = blocks
        self.unblock = threading.Event()
        self.released = threading.Event()
        self.asked: list[tuple[int, float]] = []
        self.opened: list[tuple[object, ...]] = []

    def __call__(self, *arguments: object) -> Driver:
        self.opened.append(arguments)
        self.left = self._pictures
        return self

    def isOpened(self) -> bool:  # noqa: N802 - OpenCV's name
        return self.opens

    def set(self, prop: int, value: float) -> bool:
        self.asked.append((prop, value))
        return True

    def get(self, prop: int) -> float:
        return 15.0 if prop == cv2.CAP_PROP_FPS else -1.0

    def read(self) -> tuple[bool, np.ndarray | None]:
        if self.left <= 0 and self.blocks:
            self.unblock.wait(LONG_S)
        if self.left <= 0:
            return False, None
        self.left -= 1
        return True, np.full((48, 64, 3), self.left % 256, np.uint8)

    def release(self) -> None:
        self.released.set()
