"""The terminal's alternate screen: one write a picture, and always given back."""

from __future__ import annotations

import contextlib
import errno
import io
import os
from collections.abc import Callable
from typing import TextIO

from rich.console import Console, RenderableType

Size = tuple[int, int]  # columns, lines

_ENTER = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J"  # alternate screen, no cursor, no wrapping at the edge, clear
_LEAVE = "\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l"
_BEGIN, _END = (
    "\x1b[?2026h",
    "\x1b[?2026l",
)  # synchronized output: terminals that know it swap whole pictures


class Screen:
    """Owns the alternate screen of a terminal between `enter` and `leave`. Belongs to the main thread.

    Signals are the command line's: it turns them into an orderly end, which comes by `leave` like any other.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._console = Console(file=io.StringIO(), force_terminal=True, legacy_windows=False)
        self._size: Size | None = None
        self._entered = False

    def enter(self) -> None:
        """Switch to an empty screen of our own."""
        self._entered = True
        self._write(_ENTER)

    def draw(self, picture: Callable[[Size], RenderableType]) -> None:
        """Overwrite every line with `picture(size)`, so that what others printed there goes too."""
        size = terminal_size(self._stream)
        lines = self._ansi(picture(size), size)
        clear = "" if size == self._size else "\x1b[2J"
        self._size = size
        placed = "".join(f"\x1b[{row}H{line}" for row, line in enumerate(lines, start=1))
        self._write(f"{_BEGIN}{clear}{placed}{_END}")

    def leave(self) -> None:
        """Give the terminal back as it was; harmless when called again or when the terminal is gone."""
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
    """Write at once. A terminal that was closed is a reader who is gone, like any other: `BrokenPipeError`."""
    try:
        stream.write(text)
        stream.flush()
    except OSError as error:
        if error.errno == errno.EIO:
            raise BrokenPipeError(errno.EPIPE, "the terminal was closed") from error
        raise


def terminal_size(stream: TextIO) -> Size:
    """Columns and lines as they are now; 80 x 24 where the terminal does not say."""
    with contextlib.suppress(OSError, ValueError):
        columns, rows = os.get_terminal_size(stream.fileno())
        if columns > 0 and rows > 0:
            return columns, rows
    return 80, 24
