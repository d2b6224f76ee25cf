"""What was read, written to a file while it runs: JSON lines, or a table of the verdicts as CSV.

A record is private (mode 0600 where we make the file) and an older one of the same name is overwritten, but only
once there is a first line to write: a run that cannot start leaves it alone.
"""

from __future__ import annotations

import csv
import io
import json
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
    """Takes a run's lines in order: `run`, any number of `verdict`, `summary`, `close`. Used from one thread at a time.

    None of them raises: when the file cannot be written any more, `failed` says why and the rest is let go.
    """

    @property
    def failed(self) -> str: ...

    def run(self, run: RunInfo) -> None: ...

    def verdict(self, verdict: Verdict) -> None: ...

    def summary(self, summary: Summary) -> None: ...

    def close(self) -> None: ...


class NoRecorder:
    """Keeps nothing: no record was asked for."""

    failed = ""

    def run(self, run: RunInfo) -> None: ...

    def verdict(self, verdict: Verdict) -> None: ...

    def summary(self, summary: Summary) -> None: ...

    def close(self) -> None: ...


class JsonlRecorder:
    """One JSON object a line, handed to the system line by line: after a kill, all lines before are there and whole."""

    def __init__(self, lines: LineFile) -> None:
        self._lines = lines

    @property
    def failed(self) -> str:
        return self._lines.failed

    def run(self, run: RunInfo) -> None:
        self._put(run_row(run))

    def verdict(self, verdict: Verdict) -> None:
        self._put(verdict_row(verdict))

    def summary(self, summary: Summary) -> None:
        self._put(summary_row(summary))

    def close(self) -> None:
        self._lines.close()

    def _put(self, row: Row) -> None:
        self._lines.write_line(json.dumps(row, allow_nan=False))


class CsvRecorder:
    """A header and one row for each verdict; what a row cannot hold (run, summary) is left out."""

    def __init__(self, lines: LineFile) -> None:
        self._lines = lines

    @property
    def failed(self) -> str:
        return self._lines.failed

    def run(self, run: RunInfo) -> None:
        self._lines.write_line(",".join(_COLUMNS))

    def verdict(self, verdict: Verdict) -> None:
        row = verdict_row(verdict)
        row |= dict(zip(_BOX, box_row(verdict) or ("",) * 4, strict=True))
        text = io.StringIO()
        csv.DictWriter(text, _COLUMNS, extrasaction="ignore", lineterminator="").writerow(row)
        self._lines.write_line(text.getvalue())

    def summary(self, summary: Summary) -> None:
        """A table has no place for it."""

    def close(self) -> None:
        self._lines.close()


class Record:
    """A recorder whose first line is held back until there is a verdict: a run that sees nothing writes nothing."""

    def __init__(self, recorder: Recorder, run: RunInfo) -> None:
        self._recorder, self._run = recorder, run
        self._begun = False

    @property
    def failed(self) -> str:
        """Why nothing more is written; empty while all is well."""
        return self._recorder.failed

    def verdict(self, verdict: Verdict) -> None:
        """Write a tick, after the run's own line if it is the first. Called by the recognition thread."""
        if not self._begun:
            self._begun = True
            self._recorder.run(self._run)
        self._recorder.verdict(verdict)

    def end(self, summary: Summary) -> None:
        """Write the last line of a run that began. Called once the threads are joined."""
        if self._begun:
            self._recorder.summary(summary)

    def close(self) -> None:
        """Close the file; harmless when called again."""
        self._recorder.close()


_KINDS: dict[str, type[JsonlRecorder | CsvRecorder]] = {
    ".jsonl": JsonlRecorder,
    ".csv": CsvRecorder,
}


def open_record(path: Path, limit_mb: float | None = None) -> Recorder:
    """A recorder for `path` by its suffix; `UsageError` for an unknown one, `RecordError` if it cannot be written.

    With `limit_mb` the newest so many megabytes are kept, in two files (see `realtime.view.records.line_file`).
    """
    kind = _KINDS.get(path.suffix.lower())
    if kind is None:
        raise UsageError(f"cannot record to {path}: want a name that ends in {' or '.join(_KINDS)}")
    return kind(open_lines(path, None if limit_mb is None else round(limit_mb * 1e6)))
