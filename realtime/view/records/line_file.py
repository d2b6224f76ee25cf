"""File of whole lines, each written through to the system at once."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from realtime.core.errors import OutputInUse
from realtime.core.output_file import OutputFile, WritableFile, open_output


class LineFile:
    """Writer of lines to `out`; the first line truncates it.

    After an error the whole lines remain and `failed` is the reason. With `limit_bytes`, a file
    that would grow beyond half of it replaces `earlier(path)`, and writing continues in a new file
    with the same first line: both together stay within the limit. Both are locked.
    """

    dropped = 0  # a file is never too slow

    def __init__(self, path: Path, out: WritableFile, *, limit_bytes: int | None = None) -> None:
        self.failed = ""
        self._path = path
        self._out: WritableFile | None = out
        self._earlier: WritableFile | None = None
        self._size = 0
        self._first_line = b""
        self._part_bytes = limit_bytes // 2 if limit_bytes else None
        if limit_bytes:
            self._earlier = _opened_earlier(path)

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
        except (OSError, OutputInUse) as error:
            self._fail(error)

    def close(self) -> None:
        """Close the file; a new one without a line is removed."""
        for file in (self._out, self._earlier):
            if file is not None:
                with suppress(OSError):
                    file.close()
        self._out = self._earlier = None

    def _append(self, data: bytes) -> None:
        assert self._out is not None
        if self._size == 0:
            self._out.truncate(0)
            self._first_line = data
        self._out.write(data)
        self._size += len(data)

    def _rotate(self, full: WritableFile) -> None:
        """Move the full file to `earlier` and start the next with the first line."""
        if self._earlier is not None:
            self._earlier.close()  # so that the full file can take its place
            self._earlier = None
        full.rename(earlier(self._path))
        # Nothing is open if opening the next file fails.
        self._out, self._earlier, self._size = None, full, 0
        self._out = OutputFile.open(self._path)
        self._append(self._first_line)

    def _fail(self, error: OSError | OutputInUse) -> None:
        reason = getattr(error, "strerror", None) or error
        self.failed = f"recording to {self._path} stopped: {reason}; the gauge goes on"
        if self._out is not None:
            with suppress(OSError):
                self._out.truncate(self._size)  # removes half a line
        self.close()


def earlier(path: Path) -> Path:
    """Return the path of the previous part: `run.1.jsonl` for `run.jsonl`."""
    return path.with_name(f"{path.stem}.1{path.suffix}")


def open_lines(path: Path, limit_bytes: int | None = None) -> LineFile:
    """Open `path` for lines, locked, and with mode 0600 if new.

    Raises `RecordError` if that fails, `OutputInUse` if another run writes it or its other part.
    """
    out = open_output(path)
    try:
        return LineFile(path, out, limit_bytes=limit_bytes)
    except OutputInUse:
        out.close()
        raise


def _opened_earlier(path: Path) -> OutputFile | None:
    """Return the older part, locked; None if there is none, or none that can be replaced."""
    if not earlier(path).exists():
        return None
    try:
        return OutputFile.open(earlier(path))
    except OSError:
        return None
