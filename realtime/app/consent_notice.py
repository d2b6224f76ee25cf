"""Consent notice before the first run: what the gauge can do, and whom it may watch."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import fill
from typing import TextIO

from realtime.core.user_folders import settings_folder
from realtime.view.words.catalogue import text

WIDTH = 80  # columns of the text
MARK = "notice-1-read"  # new number when the meaning of the text changes


def show_notice(
    *,
    yes: bool,
    file: Path | None = None,
    read: Callable[[str], str] = input,
    out: TextIO | None = None,
) -> None:
    """Show the notice unless it was read before; wait for Enter only at a terminal.

    `yes` confirms that it was read: nothing is looked up or written. Without a terminal it is
    printed to stderr on every run. Ctrl-C raises KeyboardInterrupt.
    """
    if yes:
        return
    file = mark_path() if file is None else file
    out = sys.stderr if out is None else out
    if file is not None and os.path.exists(file):  # False also where the folder may not be read
        return
    print(notice_text(), file=out, flush=True)
    if not (sys.stdin.isatty() and out.isatty()):
        return
    with contextlib.suppress(EOFError):
        read(text("notice.prompt"))
    if file is not None:
        remember(file)


def notice_text() -> str:
    """Return the notice in the chosen language, wrapped to lines."""
    return fill(text("notice"), WIDTH)


def mark_path() -> Path | None:
    """Return the file whose existence means that the notice was read; None without a home."""
    folder = settings_folder()
    return None if folder is None else folder / MARK


def remember(file: Path) -> None:
    """Create the mark; where that fails, the next run shows the notice again."""
    with contextlib.suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
