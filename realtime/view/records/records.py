"""Recorders that write verdicts during a run: JSON lines, or a CSV table.

A new record has mode 0600. An older one of the same name is overwritten, but only with the first
line: a run that cannot start leaves it unchanged.
"""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime
from pathlib import Path
from typing import Protocol

from realtime.core.errors import UsageError
from realtime.core.messages import Verdict
from realtime.view.records.line_file import LineFile, open_lines
from realtime.view.records.rows import (
    Row,
    RunInfo,
    Summary,
    box_row,
    run_row,
    summary_row,
    verdict_row,
    wall_clock_at,
)

_BOX = ("box_x_px", "box_y_px", "box_width_px", "box_height_px")
_COLUMNS = (
    "at_s",
    "frame",
    "emotion",
    "state",
    "p_genuine",
    "reason",
    "loss",
    "pb_speed",
    "age_ms",
    *_BOX,
    "psr",
)


class Recorder(Protocol):
    """Writer of a run: `run`, any number of `verdict`, `summary`, `close`, in that order.

    Used from one thread at a time. None of the methods raises: after a write error `failed` is the
    reason and later lines are dropped.
    """

    @property
    def failed(self) -> str:
        """Return why writing stopped; empty without an error."""
        ...

    def run(self, run: RunInfo) -> None:
        """Write the first line."""

    def verdict(self, verdict: Verdict) -> None:
        """Write one tick."""

    def summary(self, summary: Summary) -> None:
        """Write the last line."""

    def close(self) -> None:
        """Close the file."""


class NoRecorder:
    """Recorder that writes nothing, for a run without a record."""

    failed = ""

    def run(self, run: RunInfo) -> None:
        """Write the line of the run."""

    def verdict(self, verdict: Verdict) -> None:
        """Write the line of one verdict."""

    def summary(self, summary: Summary) -> None:
        """Write the line of the summary."""

    def close(self) -> None:
        """Close the file."""


class JsonlRecorder:
    """Recorder of one JSON object a line; a killed process leaves only whole lines."""

    def __init__(self, lines: LineFile) -> None:
        self._lines = lines
        self._live = False

    @property
    def failed(self) -> str:
        """Return why nothing more is written; empty while all is well."""
        return self._lines.failed

    def run(self, run: RunInfo) -> None:
        """Write the line of the run."""
        self._live = run.live
        self._write_row(run_row(run))

    def verdict(self, verdict: Verdict) -> None:
        """Write the line of one verdict."""
        self._write_row(_timed_row(verdict, self._live))

    def summary(self, summary: Summary) -> None:
        """Write the line of the summary."""
        self._write_row(summary_row(summary))

    def close(self) -> None:
        """Close the file."""
        self._lines.close()

    def _write_row(self, row: Row) -> None:
        self._lines.write_line(json.dumps(row, allow_nan=False))


class CsvRecorder:
    """Recorder of a header and one row per verdict; run and summary have no row."""

    def __init__(self, lines: LineFile) -> None:
        self._lines = lines
        self._live = False

    @property
    def failed(self) -> str:
        """Return why nothing more is written; empty while all is well."""
        return self._lines.failed

    def run(self, run: RunInfo) -> None:
        """Write the line of the run."""
        self._live = run.live
        self._lines.write_line(",".join(_columns(run.live)))

    def verdict(self, verdict: Verdict) -> None:
        """Write the line of one verdict."""
        row = _timed_row(verdict, self._live)
        row |= dict(zip(_BOX, box_row(verdict) or ("",) * 4, strict=True))
        text = io.StringIO()
        columns = _columns(self._live)
        csv.DictWriter(text, columns, extrasaction="ignore", lineterminator="").writerow(row)
        self._lines.write_line(text.getvalue())

    def summary(self, summary: Summary) -> None:
        """Write nothing: the table has no row for it."""

    def close(self) -> None:
        """Close the file."""
        self._lines.close()


def _columns(live: bool) -> tuple[str, ...]:
    return (*_COLUMNS, "at") if live else _COLUMNS


def _timed_row(verdict: Verdict, live: bool) -> Row:
    """Return the row of a tick; for a live source with the wall-clock time `at`."""
    row = verdict_row(verdict)
    if live:
        row["at"] = wall_clock_at(verdict, datetime.now().astimezone())
    return row


class Record:
    """Recorder whose first line waits for a verdict: a run without one writes nothing."""

    def __init__(self, recorder: Recorder, run: RunInfo) -> None:
        self._recorder, self._run = recorder, run
        self._started = False

    @property
    def failed(self) -> str:
        """Return why writing stopped; empty without an error."""
        return self._recorder.failed

    def verdict(self, verdict: Verdict) -> None:
        """Write a tick, preceded by the run's line if first. Called by the recognition thread."""
        if not self._started:
            self._started = True
            self._recorder.run(self._run)
        self._recorder.verdict(verdict)

    def end(self, summary: Summary) -> None:
        """Write the last line if any was written. Called after the threads are joined."""
        if self._started:
            self._recorder.summary(summary)

    def close(self) -> None:
        """Close the file; safe to repeat."""
        self._recorder.close()


_RECORDERS: dict[str, type[JsonlRecorder | CsvRecorder]] = {
    ".jsonl": JsonlRecorder,
    ".csv": CsvRecorder,
}


def open_record(path: Path, limit_mb: float | None = None) -> Recorder:
    """Return the recorder for the suffix of `path`.

    With `limit_mb` the newest lines stay, in two files of at most that size together. Raises
    `UsageError` for an unknown suffix and `RecordError` if the file cannot be written.
    """
    recorder = _RECORDERS.get(path.suffix.lower())
    if recorder is None:
        raise UsageError(
            f"cannot record to {path}: want a name that ends in {' or '.join(_RECORDERS)}"
        )
    return recorder(open_lines(path, None if limit_mb is None else round(limit_mb * 1e6)))
