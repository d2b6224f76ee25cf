"""Recorders that write verdicts during a run: JSON lines, or a CSV table; to a file or a pipe.

A new record has mode 0600. An older one of the same name is overwritten, but only with the first
line: a run that cannot start leaves it unchanged.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Protocol

from realtime.core.errors import UsageError
from realtime.core.messages import Verdict
from realtime.view.records.line_file import LineFile, open_lines
from realtime.view.records.line_pipe import LinePipe
from realtime.view.records.rows import (
    Row,
    RunInfo,
    Summary,
    run_row,
    summary_row,
    verdict_row,
    wall_clock_at,
)

_BOX = ("box_x_px", "box_y_px", "box_width_px", "box_height_px")
COLUMNS = (
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
OPTIONAL_COLUMNS = ("face", "at")  # of several faces; of live sources


class Recorder(Protocol):
    """Writer of the rows of a run: the run, any number of verdicts, the summary; then `close`.

    Used from one thread at a time. None of the methods raises: after a write error `failed` is the
    reason and later rows are dropped.
    """

    @property
    def failed(self) -> str:
        """Return why writing stopped; empty without an error."""
        ...

    @property
    def dropped(self) -> int:
        """Return how many lines a slow reader has lost; a file loses none."""
        ...

    def write(self, row: Row) -> None:
        """Write one row."""

    def close(self) -> None:
        """Close the file."""


class NoRecorder:
    """Recorder that writes nothing, for a run without a record."""

    failed = ""
    dropped = 0

    def write(self, row: Row) -> None:
        """Write nothing."""

    def close(self) -> None:
        """Close nothing."""


class _LineRecorder:
    """What the recorders of text lines share."""

    def __init__(self, lines: LineFile | LinePipe) -> None:
        self._lines = lines

    @property
    def failed(self) -> str:
        """Return why nothing more is written; empty while all is well."""
        return self._lines.failed

    @property
    def dropped(self) -> int:
        """Return how many lines a slow reader has lost."""
        return self._lines.dropped

    def close(self) -> None:
        """Close the file."""
        self._lines.close()


class JsonlRecorder(_LineRecorder):
    """Recorder of one JSON object a line; a killed process leaves only whole lines."""

    def write(self, row: Row) -> None:
        """Write the row as one line."""
        self._lines.write_line(json.dumps(row, allow_nan=False))


class CsvRecorder(_LineRecorder):
    """Recorder of a header and one line per verdict; run and summary have none."""

    def __init__(self, lines: LineFile | LinePipe) -> None:
        super().__init__(lines)
        self._columns: tuple[str, ...] = ()

    def write(self, row: Row) -> None:
        """Write a verdict, preceded by the header if first; nothing of another row."""
        if row["type"] != "verdict":
            return
        if not self._columns:
            self._columns = (*COLUMNS, *(name for name in OPTIONAL_COLUMNS if name in row))
            self._lines.write_line(",".join(self._columns))
        sides = row["box_px"] if isinstance(row["box_px"], list) else ("",) * 4
        text = io.StringIO()
        writer = csv.DictWriter(text, self._columns, extrasaction="ignore", lineterminator="")
        writer.writerow(row | dict(zip(_BOX, sides, strict=True)))
        self._lines.write_line(text.getvalue())


def _timed_row(verdict: Verdict, live: bool) -> Row:
    """Return the row of a tick; for a live source with the wall-clock time `at`."""
    row = verdict_row(verdict)
    if live:
        row["at"] = wall_clock_at(verdict, datetime.now().astimezone())
    return row


class Record:
    """Rows of one run, each made once, for the recorder and for `publish`.

    The first row waits for a verdict: a run without one writes and publishes nothing.
    """

    def __init__(
        self, recorder: Recorder, run: RunInfo, publish: Callable[[Row], None] = lambda row: None
    ) -> None:
        self._recorder, self._run, self._publish = recorder, run, publish
        self._started = False

    @property
    def failed(self) -> str:
        """Return why writing stopped; empty without an error."""
        return self._recorder.failed

    def verdict(self, verdict: Verdict) -> None:
        """Write a tick, preceded by the run's row if first. Called by the recognition thread."""
        if not self._started:
            self._started = True
            self._write(run_row(self._run))
        self._write(_timed_row(verdict, self._run.live))

    def end(self, summary: Summary) -> None:
        """Write the last row if any was written. Called after the threads are joined."""
        if self._started:
            self._write(summary_row(summary))

    def close(self) -> None:
        """Close the file; safe to repeat."""
        self._recorder.close()

    def _write(self, row: Row) -> None:
        self._recorder.write(row)
        self._publish(row)


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


def record_to_pipe(path: Path, pipe: LinePipe) -> Recorder:
    """Return the recorder for the suffix of `path`, by default of JSON lines."""
    return _RECORDERS.get(path.suffix.lower(), JsonlRecorder)(pipe)
