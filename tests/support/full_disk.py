"""Output file on a disk that fills up."""

from __future__ import annotations

import errno
import os
from pathlib import Path


class FullDisk:
    """File on a disk with `room` free bytes; like real disks, it accepts part of a write first."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.data = b""
        self.closed = False

    def write(self, data: bytes) -> int:
        taken = min(len(data), self.room - len(self.data))
        self.data += data[:taken]
        if taken < len(data):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return taken

    def truncate(self, size: int) -> int:
        self.data = self.data[:size]
        return size

    def rename(self, to: Path) -> None:
        raise AssertionError(f"renamed to {to}")

    def is_deleted(self) -> bool:
        return False

    def close(self) -> None:
        self.closed = True
