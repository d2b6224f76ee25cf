"""Non-blocking reads of single keys from the terminal, without echo."""

from __future__ import annotations

import contextlib
import os
import select
from collections import deque
from typing import Any, TextIO

try:
    import termios
    import tty
except ImportError:  # Windows: the window's keys and Ctrl-C remain
    termios = None  # type: ignore[assignment]

_ESCAPE = "\x1b"


class Keyboard:
    """Reads keys between `open` and `close`; inactive without a terminal or in a background job.

    Owned by the main thread. Ctrl-C still interrupts; Ctrl-Z is disabled because it would leave
    the alternate screen open.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._saved: list[Any] | None = None
        self._fd = -1
        self._pressed: deque[str] = deque()

    def open(self) -> None:
        """Disable line editing and echo."""
        if termios is None or not foreground_terminal(self._stream):
            return
        self._fd = self._stream.fileno()
        self._saved = termios.tcgetattr(self._fd)
        tty.setcbreak(self._fd, termios.TCSANOW)
        mode = termios.tcgetattr(self._fd)
        mode[6][termios.VSUSP] = os.fpathconf(self._fd, "PC_VDISABLE").to_bytes(1, "little")
        termios.tcsetattr(self._fd, termios.TCSANOW, mode)

    def key(self) -> str | None:
        """Return the next key pressed, or None; ignores arrow and function keys."""
        if self._saved is not None and not self._pressed:
            with contextlib.suppress(OSError):
                self._pressed.extend(_printable(self._pending()))
        return self._pressed.popleft() if self._pressed else None

    def close(self) -> None:
        """Restore the terminal's mode; safe to repeat, and after the terminal has closed."""
        if self._saved is not None:
            with contextlib.suppress(OSError, termios.error):
                termios.tcsetattr(self._fd, termios.TCSANOW, self._saved)
            self._saved = None

    def _pending(self) -> str:
        ready, _, _ = select.select([self._fd], [], [], 0)
        return os.read(self._fd, 64).decode("utf-8", "ignore") if ready else ""


def foreground_terminal(stream: TextIO) -> bool:
    """Return whether `stream` is a terminal we may read: the system stops background readers."""
    try:
        return stream.isatty() and os.tcgetpgrp(stream.fileno()) == os.getpgrp()
    except (OSError, ValueError):
        return False


def _printable(text: str) -> list[str]:
    before_escape = text.split(_ESCAPE, 1)[0]
    return [letter.lower() for letter in before_escape if letter.isprintable()]
