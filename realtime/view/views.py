"""All that a run shows: the terminal gauge, the window where there is a display, or nothing when headless."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from contextlib import ExitStack
from types import TracebackType
from typing import TYPE_CHECKING, Self

from realtime.snapshot import Setting, Snapshot
from realtime.view.display import display_available
from realtime.view.terminal import TerminalView

if TYPE_CHECKING:
    from realtime.view.window import Window


class Views:
    """Opens what can be shown and gives it back on exit, whatever happens. Belongs to the main thread.

    `notice` says why there is no window where one was wanted.
    """

    def __init__(self, setting: Setting, *, headless: bool, window: bool) -> None:
        available, why_not = display_available() if window else (False, "")
        self.notice = f"no window: {why_not}" if why_not else ""
        self._terminal = None if headless else TerminalView(setting)
        self._with_window = available
        self._window: Window | None = None
        self._open = ExitStack()

    def __enter__(self) -> Self:
        if self._terminal is not None:
            self._open.enter_context(self._terminal)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def show(self, snapshot: Snapshot) -> str | None:
        """Draw `snapshot` everywhere; the key that was pressed meanwhile, or None."""
        key = None
        if self._terminal is not None:
            self._terminal.show(snapshot)
            key = self._terminal.key()
        if self._with_window and snapshot.frame is not None:
            key = self._show_window(snapshot) or key
        return key

    def finish(self, lines: Iterable[str]) -> None:
        """Give the screen back and print the summary."""
        if self._terminal is not None:
            self._terminal.finish(lines)
        else:
            sys.stdout.writelines(f"{line}\n" for line in lines)

    def _show_window(self, snapshot: Snapshot) -> str | None:
        if self._window is None:
            from realtime.view.window import Window

            self._window = self._open.enter_context(Window())
        return self._window.show(snapshot)
