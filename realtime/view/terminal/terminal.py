"""Terminal view: a full-screen panel in a terminal, plain lines without one."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import Self, TextIO

from realtime.core.clock import Clock, SystemClock
from realtime.core.snapshot import RunSetting, Snapshot
from realtime.view.terminal.keyboard import Keyboard
from realtime.view.terminal.panel import render_panel
from realtime.view.terminal.plain_lines import PlainLines, heading
from realtime.view.terminal.screen import Screen, put

_REFRESH_S = 0.1


class TerminalView:
    """Shows snapshots on `stream`; `__exit__` restores the terminal after any error.

    Owned by the main thread. Writing to a closed terminal or pipe raises `BrokenPipeError`.
    """

    def __init__(
        self,
        setting: RunSetting,
        stream: TextIO | None = None,
        keys_from: TextIO | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._setting = setting
        self._stream = sys.stdout if stream is None else stream
        self._keyboard = Keyboard(sys.stdin if keys_from is None else keys_from)
        self._clock = SystemClock() if clock is None else clock
        self._screen = Screen(self._stream) if can_draw(self._stream) else None
        self._plain = PlainLines()
        self._drawn_at_s = float("-inf")

    def __enter__(self) -> Self:
        try:
            self._open()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def show(self, snapshot: Snapshot) -> bool:
        """Draw `snapshot` unless the last picture is under 0.1 s old; return whether it did."""
        now_s = self._clock.now_s()
        if self._screen is None:
            lines = list(self._plain.lines(snapshot, now_s))
            for line in lines:
                self._print(line)
            return bool(lines)
        if now_s - self._drawn_at_s < _REFRESH_S:
            return False
        self._drawn_at_s = now_s
        self._screen.draw(lambda size: render_panel(snapshot, size))
        return True

    @property
    def has_screen(self) -> bool:
        """Return whether there is a full screen rather than plain lines."""
        return self._screen is not None

    def key(self) -> str | None:
        """Return the next key pressed in the terminal, in lower case, or None; never waits."""
        return self._keyboard.key()

    def finish(self, summary: Iterable[str]) -> None:
        """Restore the terminal and print the summary above the user's prompt."""
        self.close()
        for line in summary:
            self._print(line)

    def close(self) -> None:
        """Restore the terminal; safe to repeat."""
        try:
            self._keyboard.close()
        finally:
            if self._screen is not None:
                self._screen.leave()

    def _open(self) -> None:
        self._keyboard.open()
        if self._screen is None:
            self._print(heading(self._setting))
            return
        self._screen.enter()
        self._screen.draw(lambda size: render_panel(Snapshot(self._setting), size))

    def _print(self, line: str | None) -> None:
        if line is not None:
            put(self._stream, f"{line}\n")


def can_draw(stream: TextIO) -> bool:
    """Return whether `stream` is a terminal with cursor movement and UTF-8."""
    encoding = (getattr(stream, "encoding", None) or "").lower()
    return stream.isatty() and os.environ.get("TERM", "") not in ("", "dumb") and "utf" in encoding
