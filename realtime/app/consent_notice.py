"""What everybody is told before the first run: what the gauge can and cannot tell, and whom it may watch."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

TEXT = """\
This gauge says how much the movement of a face resembles expressions that were
felt rather than posed; it is often wrong, and it cannot tell what anybody feels
or whether they lie. Watch only people who have agreed to it, decide nothing
about anybody by it, and do not use it at work or in education in the European
Union, where the AI Act, Article 5(1)(f), forbids that."""
ASKED = "Press Enter to go on, or Ctrl-C to leave (shown once; --yes says you read it). "
MARK = "notice-1-read"  # another number when the text changes


def show_notice(
    *,
    yes: bool,
    file: Path | None = None,
    read: Callable[[str], str] = input,
    out: TextIO | None = None,
) -> None:
    """Show the notice unless it was read before; wait for Enter only where a person sits at a terminal.

    `yes` says that it was read, and writes nothing. Without a terminal it is printed to stderr, and again the next
    time. Ctrl-C raises KeyboardInterrupt, as anywhere.
    """
    file = mark() if file is None else file
    out = sys.stderr if out is None else out
    if yes or file.exists():
        return
    print(TEXT, file=out, flush=True)
    if not (sys.stdin.isatty() and out.isatty()):
        return
    with contextlib.suppress(EOFError):
        read(ASKED)
    remember(file)


def mark() -> Path:
    """The file that says that it was read."""
    from platformdirs import user_config_path

    return user_config_path("genuine-gauge", appauthor=False) / MARK


def remember(file: Path) -> None:
    """It was read. Where nothing can be remembered the notice is shown again, which harms nobody."""
    with contextlib.suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
