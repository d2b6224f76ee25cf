"""File of whole lines, each written through to the system at once."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Protocol

from realtime.core.errors import RecordError


class RawFile(Protocol):
    """Methods of an unbuffered file that `LineFile` uses; a test double can be full."""

    def write(self, data: bytes, /) -> int | None: ...

    def truncate(self, size: int, /) -> int: ...

    def close(self) -> None: ...


class LineFile:
    """Writer of lines to `out`; the first line truncates it.

    After an error the whole lines remain and `failed` is the reason. With `limit_bytes`, a file
    that would grow beyond half of it replaces `earlier(path)`, and writing continues in a new file
    with the same first line: both together stay within the limit.
    """

    def __init__(
        self, path: Path, out: RawFile, *, created: bool, limit_bytes: int | None = None
    ) -> None:
        self.failed = ""
        self._path = path
        self._out: RawFile | None = out
        self._created = created
        self._size = 0
        self._first_line = b""
        self._part_bytes = limit_bytes // 2 if limit_bytes else None

    def write_line(self, line: str) -> None:
        """Write one line; do nothing after an error."""
        if self._out is None:
            return
        data = f"{line}\n".encode()
        try:
            if (
                self._part_bytes
                and self._size > len(self._first_line)
                and self._size + len(data) > self._part_bytes
            ):
                self._rotate(self._out)
            self._append(data)
        except OSError as error:
            self._fail(error)

    def close(self) -> None:
        """Close the file; remove it if this object created it and it is empty."""
        if self._out is None:
            return
        with contextlib.suppress(OSError):
            self._out.close()
        self._out = None
        if self._created and self._size == 0:
            self._path.unlink(missing_ok=True)

    def _append(self, data: bytes) -> None:
        assert self._out is not None
        if self._size == 0:
            self._out.truncate(0)
            self._first_line = data
        remaining = memoryview(data)
        while remaining:
            remaining = remaining[self._out.write(bytes(remaining)) or 0 :]
        self._size += len(data)

    def _rotate(self, full: RawFile) -> None:
        """Move the full file to `earlier` and start the next with the first line."""
        os.replace(self._path, earlier(self._path))
        full.close()
        # Nothing is open if opening the next file fails.
        self._out, self._size, self._created = None, 0, True
        self._out = _open_private(self._path)
        self._append(self._first_line)

    def _fail(self, error: OSError) -> None:
        self.failed = (
            f"recording to {self._path} stopped: {error.strerror or error}; the gauge goes on"
        )
        if self._out is not None:
            with contextlib.suppress(OSError):
                self._out.truncate(self._size)  # removes half a line
        self.close()


def earlier(path: Path) -> Path:
    """Return the path of the previous part: `run.1.jsonl` for `run.jsonl`."""
    return path.with_name(f"{path.stem}.1{path.suffix}")


def open_lines(path: Path, limit_bytes: int | None = None) -> LineFile:
    """Open `path` for lines, with mode 0600 if new. Raises `RecordError` if that fails."""
    created = not os.path.lexists(path)
    if os.path.exists(path) and not os.path.isfile(path):
        raise RecordError(
            f"cannot record to {path}: it is not a regular file; "
            "name a file that can be overwritten"
        )
    try:
        return LineFile(path, _open_private(path), created=created, limit_bytes=limit_bytes)
    except OSError as error:
        raise RecordError(f"cannot record to {path}: {_reason(path, error)}") from error


def _open_private(path: Path) -> RawFile:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "wb", buffering=0)


def _reason(path: Path, error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return f"there is no folder {path.parent}; make it first"
    return f"{(error.strerror or str(error)).lower()}; choose another place"
