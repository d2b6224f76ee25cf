"""Video of the window's pictures at a constant rate, with or without a window."""

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
FREE_BYTES = 50_000_000  # below this a video ends while its index can still be written
LATE_S = 1.0  # longest repetition of a picture, so that a hung gauge adds no hour of still video


class VideoWriter:
    """Writer of pictures to `path` (mp4), each repeated while it is the newest.

    Owned by the main thread. The first picture sets the size; others are resized to it. Raises
    `RecordError` if the file cannot be written, or writing fails later.
    """

    def __init__(self, path: Path, clock: Clock) -> None:
        self.path = path
        self._clock = clock
        self._writer: cv2.VideoWriter | None = None
        self._size_px = (0, 0)
        self._written_until_s = 0.0
        self._next_check_s = float("-inf")
        try:
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
        except OSError as error:
            raise RecordError(
                f"cannot record to {path}: {(error.strerror or str(error)).lower()}"
            ) from error

    def add(self, picture: Image) -> None:
        """Make `picture` (h, w, 3) the newest."""
        now_s = self._clock.now_s()
        if now_s >= self._next_check_s:
            self._check_disk_space(now_s)
        if self._writer is None:
            self._begin(picture, now_s)
        assert self._writer is not None
        self._written_until_s = max(self._written_until_s, now_s - LATE_S)
        resized = (
            picture if picture.shape[1::-1] == self._size_px else cv2.resize(picture, self._size_px)
        )
        while self._written_until_s <= now_s:
            self._writer.write(resized)
            self._written_until_s += 1 / RATE_HZ

    def close(self) -> None:
        """Finish the file, or remove it without a picture; safe to repeat."""
        if self._writer is not None:
            self._writer.release()
            self._writer = None
            return
        with suppress(OSError):  # its folder may have been removed
            if not self.path.stat().st_size:
                self.path.unlink()

    def _check_disk_space(self, now_s: float) -> None:
        """Check once a second: OpenCV reports no write error, and a video without index is lost."""
        self._next_check_s = now_s + 1.0
        try:
            free = shutil.disk_usage(self.path.absolute().parent).free
        except OSError as error:
            raise RecordError(
                f"filming to {self.path} stopped: {(error.strerror or str(error)).lower()}"
            ) from error
        if free < FREE_BYTES:
            raise RecordError(
                f"filming to {self.path} stopped: "
                f"{free / 1e6:.0f} MB are free, want {FREE_BYTES / 1e6:.0f}"
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
