"""Progress, notes and skipped clips of long commands, on stderr."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager

from calibrate.data.extract import SkippedClip

Step = Callable[[int | None], None]
LINE_EVERY_S = 10.0  # where there is no terminal


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


@contextmanager
def work_progress(unit: str, total: int) -> Iterator[Callable[[], None]]:
    """Show how many of `total` units are done, their speed and the time left; yield the step.

    On a terminal a bar; elsewhere a line now and then, and one at the end.
    """
    if not total:
        yield lambda: None
        return
    if not sys.stderr.isatty():
        lines = ProgressLines(unit, total, time.monotonic)
        yield lines.step
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeRemainingColumn as TimeLeft

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[speed]}"),
        TimeLeft(),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task(unit, total=total, speed="")
        began_s = time.monotonic()

        def step() -> None:
            progress.advance(task)
            done, took_s = progress.tasks[0].completed, time.monotonic() - began_s
            progress.update(task, speed=_speed(done, took_s, unit))

        yield step


class ProgressLines:
    """Progress as lines of text; `now_s` is the clock, in seconds from any origin."""

    def __init__(self, unit: str, total: int, now_s: Callable[[], float]) -> None:
        self._unit, self._total, self._now_s = unit, total, now_s
        self._done, self._began_s = 0, now_s()
        self._line_s = self._began_s

    def step(self) -> None:
        """Count one unit; print a line if it is time for one, or if it is the last."""
        self._done += 1
        now_s = self._now_s()
        if now_s - self._line_s < LINE_EVERY_S and self._done < self._total:
            return
        self._line_s, took_s = now_s, now_s - self._began_s
        left_s = took_s / self._done * (self._total - self._done)
        print(
            f"{self._done} of {self._total} {self._unit}"
            f"{_speed(self._done, took_s, self._unit, ', ')}{_left(left_s)}",
            file=sys.stderr,
            flush=True,
        )


def print_notes(notes: Iterable[str]) -> None:
    """Print each of `notes` on its line."""
    for note in notes:
        print(f"note: {note}", file=sys.stderr)


def print_skipped(skipped: Sequence[SkippedClip], noted: Collection[str] = ()) -> None:
    """Print the name of each skipped clip with the reason, but for those `noted` before."""
    for clip in skipped:
        if clip.name not in noted:
            print(f"skipped {clip.name}: {clip.reason}", file=sys.stderr)


def _speed(done: float, took_s: float, unit: str, before: str = "") -> str:
    return f"{before}{60 * done / took_s:.1f} {unit} a minute" if took_s > 0 else ""


def _left(left_s: float) -> str:
    minutes, seconds = divmod(round(left_s), 60)
    return f", about {minutes}:{seconds:02d} left" if left_s > 0 else ""
