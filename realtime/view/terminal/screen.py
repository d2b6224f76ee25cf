"""Alternate screen of the terminal: one write per picture, always restored."""

from __future__ import annotations

import contextlib
import errno
import io
import os
from collections.abc import Callable
from typing import TextIO

from rich.console import Console, RenderableType

Size = tuple[int, int]  # columns, lines

# Alternate screen, no cursor, no wrapping at the edge, clear.
_ENTER = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J"
_LEAVE = "\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l"
# Synchronized output: terminals that support it swap whole pictures.
_BEGIN, _END = "\x1b[?2026h", "\x1b[?2026l"


class Screen:
    """Owns a terminal's alternate screen between `enter` and `leave`. Owned by the main thread.

    The command line handles signals and ends every run through `leave`.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._console = Console(file=io.StringIO(), force_terminal=True, legacy_windows=False)
        self._size: Size | None = None
        self._entered = False

    def enter(self) -> None:
        """Switch to an empty alternate screen."""
        self._entered = True
        self._write(_ENTER)

    def draw(self, picture: Callable[[Size], RenderableType]) -> None:
        """Overwrite every line with `picture(size)`, and with it output of other programs."""
        size = terminal_size(self._stream)
        lines = self._ansi(picture(size), size)
        clear = "" if size == self._size else "\x1b[2J"
        self._size = size
        placed = "".join(f"\x1b[{row}H{line}" for row, line in enumerate(lines, start=1))
        self._write(f"{_BEGIN}{clear}{placed}{_END}")

    def leave(self) -> None:
        """Restore the terminal; safe to repeat, and after the terminal has closed."""
        if self._entered:
            self._entered = False
            with contextlib.suppress(OSError, ValueError):
                self._write(_LEAVE)

    def _ansi(self, picture: RenderableType, size: Size) -> list[str]:
        self._console.size = size
        with self._console.capture() as capture:
            self._console.print(picture, end="")
        return capture.get().split("\n")[: size[1]]

    def _write(self, text: str) -> None:
        put(self._stream, text)


def put(stream: TextIO, text: str) -> None:
    """Write and flush. Raises `BrokenPipeError` for a closed terminal as for a closed pipe."""
    try:
        stream.write(text)
        stream.flush()
    except OSError as error:
        if error.errno == errno.EIO:
            raise BrokenPipeError(errno.EPIPE, "the terminal was closed") from error
        raise


def terminal_size(stream: TextIO) -> Size:
    """Return the current columns and lines; 80 x 24 if the terminal reports none."""
    with contextlib.suppress(OSError, ValueError):
        columns, rows = os.get_terminal_size(stream.fileno())
        if columns > 0 and rows > 0:
            return columns, rows
    return 80, 24
