"""A file of whole lines, each handed to the system at once."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Protocol

from realtime.core.errors import RecordError


class RawFile(Protocol):
    """The part of an unbuffered file that is needed; a test's double can be full."""

    def write(self, data: bytes, /) -> int | None: ...

    def truncate(self, size: int, /) -> int: ...

    def close(self) -> None: ...


class LineFile:
    """Writes lines to `out`, which the first one empties; after an error the whole lines stay, `failed` says why.

    With `limit_bytes`, a file that would grow beyond half of it is moved to `earlier(path)`, over an older one there,
    and goes on in a new file that begins with the same first line: both together stay within the limit.
    """

    def __init__(
        self, path: Path, out: RawFile, *, created: bool, limit_bytes: int | None = None
    ) -> None:
        self.failed = ""
        self._path = path
        self._out: RawFile | None = out
        self._created = created
        self._size = 0
        self._first = b""
        self._part_bytes = limit_bytes // 2 if limit_bytes else None

    def write_line(self, line: str) -> None:
        """Write one line; after a failure, nothing."""
        if self._out is None:
            return
        data = f"{line}\n".encode()
        try:
            if (
                self._part_bytes
                and self._size > len(self._first)
                and self._size + len(data) > self._part_bytes
            ):
                self._turn_over(self._out)
            self._append(data)
        except OSError as error:
            self._give_up(error)

    def close(self) -> None:
        """Close the file; one that we made and that stayed empty goes."""
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
            self._first = data
        rest = memoryview(data)
        while rest:
            rest = rest[self._out.write(bytes(rest)) or 0 :]
        self._size += len(data)

    def _turn_over(self, full: RawFile) -> None:
        """The file is full: keep it as the earlier part, and begin the next with the first line."""
        os.replace(self._path, earlier(self._path))
        full.close()
        self._out, self._size, self._created = (
            None,
            0,
            True,
        )  # nothing is open should the next line fail
        self._out = _opened(self._path)
        self._append(self._first)

    def _give_up(self, error: OSError) -> None:
        self.failed = (
            f"recording to {self._path} stopped: {error.strerror or error}; the gauge goes on"
        )
        if self._out is not None:
            with contextlib.suppress(OSError):
                self._out.truncate(self._size)  # away with half a line
        self.close()


def earlier(path: Path) -> Path:
    """Where the part before the present one is kept: `run.jsonl` has `run.1.jsonl`."""
    return path.with_name(f"{path.stem}.1{path.suffix}")


def open_lines(path: Path, limit_bytes: int | None = None) -> LineFile:
    """Open `path` for lines, made with mode 0600 if it is new. Raises `RecordError` where it cannot be written."""
    created = not os.path.lexists(path)
    if os.path.exists(path) and not os.path.isfile(path):
        raise RecordError(
            f"cannot record to {path}: it is no plain file; name a file that can be overwritten"
        )
    try:
        return LineFile(path, _opened(path), created=created, limit_bytes=limit_bytes)
    except OSError as error:
        raise RecordError(f"cannot record to {path}: {_why(path, error)}") from error


def _opened(path: Path) -> RawFile:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "wb", buffering=0)


def _why(path: Path, error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return f"there is no folder {path.parent}; make it first"
    return f"{(error.strerror or str(error)).lower()}; choose another place"
