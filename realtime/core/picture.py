"""Picture of a frame: gray for the stages, BGR for the views, each made when first asked for."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]


class Picture(ABC):
    """One picture, upright and with square pixels; any thread may ask for either form."""

    @property
    @abstractmethod
    def size_px(self) -> tuple[int, int]:
        """Width and height."""

    @property
    @abstractmethod
    def gray(self) -> Image:
        """Gray levels, uint8 (h, w), 0 black to 255 white."""

    @property
    @abstractmethod
    def bgr(self) -> Image:
        """Colours, uint8 (h, w, 3) in OpenCV's order."""


class ArrayPicture(Picture):
    """Picture of a BGR array, as cameras and programs deliver it."""

    __slots__ = ("_bgr", "_gray")

    def __init__(self, bgr: Image) -> None:
        if bgr.dtype != np.uint8 or bgr.ndim != 3 or bgr.shape[2] != 3 or 0 in bgr.shape:
            raise ValueError(f"image is {bgr.dtype} {bgr.shape}; want uint8 (height, width, 3)")
        self._bgr = bgr
        self._gray: Image | None = None

    @property
    def size_px(self) -> tuple[int, int]:
        """Width and height."""
        return self._bgr.shape[1], self._bgr.shape[0]

    @property
    def gray(self) -> Image:
        """Gray levels by ITU-R BT.601, uint8 (h, w)."""
        if self._gray is None:
            import cv2

            self._gray = np.asarray(cv2.cvtColor(self._bgr, cv2.COLOR_BGR2GRAY), dtype=np.uint8)
        return self._gray

    @property
    def bgr(self) -> Image:
        """The array itself."""
        return self._bgr
