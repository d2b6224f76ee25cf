"""Consent notice before the first run: what the gauge can do, and whom it may watch."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

TEXT = """\
This gauge says how much the movement of a face resembles expressions that were
genuine rather than posed; it is often wrong, and it cannot tell what a person
feels or whether they lie. Watch only people who have agreed to it, base no
decision about a person on it, and do not use it at work or in education in the
European Union, where the AI Act, Article 5(1)(f), forbids that."""
PROMPT = "Press Enter to continue, or Ctrl-C to quit (shown once; --yes confirms it). "
MARK = "notice-1-read"  # new number when the meaning of the text changes


def show_notice(
    *,
    yes: bool,
    file: Path | None = None,
    read: Callable[[str], str] = input,
    out: TextIO | None = None,
) -> None:
    """Show the notice unless it was read before; wait for Enter only at a terminal.

    `yes` confirms that it was read, and writes nothing. Without a terminal it is printed to
    stderr on every run. Ctrl-C raises KeyboardInterrupt.
    """
    file = mark_path() if file is None else file
    out = sys.stderr if out is None else out
    if yes or file.exists():
        return
    print(TEXT, file=out, flush=True)
    if not (sys.stdin.isatty() and out.isatty()):
        return
    with contextlib.suppress(EOFError):
        read(PROMPT)
    remember(file)


def mark_path() -> Path:
    """Return the file whose existence means that the notice was read."""
    from platformdirs import user_config_path

    return user_config_path("genuine-gauge", appauthor=False) / MARK


def remember(file: Path) -> None:
    """Create the mark; where that fails, the next run shows the notice again."""
    with contextlib.suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
