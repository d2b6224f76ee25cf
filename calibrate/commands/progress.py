"""Progress bars, notes and skipped clips of long commands, on stderr."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager

from calibrate.data.extract import SkippedClip

Step = Callable[[int | None], None]


@contextmanager
def progress_bar(label: str, total: int | None) -> Iterator[Step]:
    """Show a bar and yield its step function, which takes the total if known only later."""
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task(label, total=total)

        def step(known_total: int | None) -> None:
            progress.update(task, advance=1, total=total if known_total is None else known_total)

        yield step


def print_notes(notes: Iterable[str]) -> None:
    """Print each of `notes` on its line."""
    for note in notes:
        print(f"note: {note}", file=sys.stderr)


def print_skipped(skipped: Sequence[SkippedClip], noted: Collection[str] = ()) -> None:
    """Print the name of each skipped clip with the reason, but for those `noted` before."""
    for clip in skipped:
        if clip.name not in noted:
            print(f"skipped {clip.name}: {clip.reason}", file=sys.stderr)
