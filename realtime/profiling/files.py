"""Profile files at the end of a run: the printed lines, trace and report."""

from __future__ import annotations

import os
from pathlib import Path

from realtime.core.errors import RecordError
from realtime.profiling.chrome_trace import trace_json
from realtime.profiling.html_report import html_page
from realtime.profiling.profiler import Profiler
from realtime.profiling.table import explained_line, hints, table_lines


def check_writable_files(*paths: Path | None) -> None:
    """Raise `RecordError` for a path that cannot be written; None is skipped."""
    for path in paths:
        if path is not None and (
            path.is_dir() or not os.access(path if path.exists() else path.parent, os.W_OK)
        ):
            raise RecordError(f"cannot write the profile to {path}; choose another path")


def write_files(profile: Profiler, trace: Path | None, report: Path | None) -> list[str]:
    """Write the files; return the lines to print, with a line for each file that fails."""
    final = profile.final()
    conclusions = [explained_line(final), *hints(final)]
    lines = ["", *table_lines(final), *conclusions]
    if trace is not None:
        entries, dropped = profile.trace_entries()
        less = f" (its {dropped} oldest events were dropped)" if dropped else ""
        lines.append(
            _written(
                "trace",
                trace,
                trace_json(entries, dropped),
                f"{less}: open it at https://ui.perfetto.dev",
            )
        )
    if report is not None:
        page = html_page(final, profile.distributions(60), conclusions)
        lines.append(_written("report", report, page))
    return lines


def _written(what: str, path: Path, text: str, more: str = "") -> str:
    """Write `text` with mode 0600; return a line with the path or the error."""
    try:
        with os.fdopen(
            os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8"
        ) as file:
            file.write(text)
    except OSError as error:
        return f"{what:<11} cannot write {path}: {(error.strerror or str(error)).lower()}"
    return f"{what:<11} {path}{more}"
