"""What is seen, as a video: the window's pictures at a steady rate, whether or not a window shows them."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path

import cv2

from realtime.core.clock import Clock
from realtime.core.errors import RecordError
from realtime.core.messages import Image

RATE_HZ = 25.0
FREE_BYTES = (
    50_000_000  # less room than this on its disk ends a video, while its index can still be written
)
LATE_S = 1.0  # a picture stands for at most so long; a gauge that hung for longer leaves no hour of still video


class VideoWriter:
    """Writes pictures to `path` (mp4), each for as long as it was the newest. Belongs to the main thread.

    The size is that of the first picture; others are fitted to it. Raises `RecordError` where it cannot be written, or
    not any more.
    """

    def __init__(self, path: Path, clock: Clock) -> None:
        self.path = path
        self._clock = clock
        self._writer: cv2.VideoWriter | None = None
        self._size_px = (0, 0)
        self._written_until_s = 0.0
        self._room_until_s = float("-inf")
        try:
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
        except OSError as error:
            raise RecordError(
                f"cannot record to {path}: {(error.strerror or str(error)).lower()}"
            ) from error

    def add(self, picture: Image) -> None:
        """Show `picture` (h, w, 3) from now on."""
        now_s = self._clock.now_s()
        if now_s >= self._room_until_s:
            self._look_for_room(now_s)
        if self._writer is None:
            self._begin(picture, now_s)
        assert self._writer is not None
        self._written_until_s = max(self._written_until_s, now_s - LATE_S)
        fitted = (
            picture if picture.shape[1::-1] == self._size_px else cv2.resize(picture, self._size_px)
        )
        while self._written_until_s <= now_s:
            self._writer.write(fitted)
            self._written_until_s += 1 / RATE_HZ

    def close(self) -> None:
        """Finish the file; one that holds no picture goes. Harmless when called again."""
        if self._writer is not None:
            self._writer.release()
            self._writer = None
            return
        with suppress(OSError):  # its folder may be gone
            if not self.path.stat().st_size:
                self.path.unlink()

    def _look_for_room(self, now_s: float) -> None:
        """Once a second: OpenCV does not say that it could not write, and a video without its index is lost."""
        self._room_until_s = now_s + 1.0
        try:
            free = shutil.disk_usage(self.path.absolute().parent).free
        except OSError as error:
            raise RecordError(
                f"filming to {self.path} stopped: {(error.strerror or str(error)).lower()}"
            ) from error
        if free < FREE_BYTES:
            raise RecordError(
                f"filming to {self.path} stopped: {free / 1e6:.0f} MB are free, want {FREE_BYTES / 1e6:.0f}"
            )

    def _begin(self, picture: Image, now_s: float) -> None:
        height, width = picture.shape[:2]
        self._size_px = (width, height)
        self._written_until_s = now_s
        self._writer = cv2.VideoWriter(
            str(self.path), cv2.VideoWriter.fourcc(*"mp4v"), RATE_HZ, self._size_px
        )
        if not self._writer.isOpened():
            raise RecordError(
                f"cannot record to {self.path}: this OpenCV writes no mp4. Record a .jsonl instead"
            )
