"""Files of a profiled run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from realtime.core.clock import SystemClock
from realtime.core.errors import RecordError
from realtime.core.tracing import FACES
from realtime.profiling import files
from realtime.profiling.profiler import Profiler


@pytest.fixture
def profile() -> Profiler:
    profiler = Profiler(SystemClock(), trace=True)
    with profiler.span(FACES, 0):
        pass
    return profiler


def test_the_table_is_returned_and_the_files_are_private(profile: Profiler, tmp_path: Path) -> None:
    trace, report = tmp_path / "trace.json", tmp_path / "report.html"
    lines = files.write_files(profile, trace, report)
    assert any(line.startswith("faces ") for line in lines)
    assert any(str(trace) in line and "https://ui.perfetto.dev" in line for line in lines)
    assert any(str(report) in line for line in lines)
    assert any(event["name"] == "faces" for event in json.loads(trace.read_text())["traceEvents"])
    assert "Where the time goes" in report.read_text()
    assert all(path.stat().st_mode & 0o077 == 0 for path in (trace, report))


def test_without_files_there_is_the_table_only(profile: Profiler) -> None:
    lines = files.write_files(profile, None, None)
    assert not any("trace" in line or "report" in line for line in lines)


def test_a_file_that_cannot_be_written_leaves_the_table(profile: Profiler, tmp_path: Path) -> None:
    lines = files.write_files(profile, tmp_path / "gone" / "trace.json", None)
    assert any(line.startswith("faces ") for line in lines)
    assert "cannot write" in lines[-1]


def test_an_unwritable_path_is_refused_before_the_run(tmp_path: Path) -> None:
    files.check_writable_files(None, tmp_path / "page.html", tmp_path / "new.json")
    with pytest.raises(RecordError, match="choose another path"):
        files.check_writable_files(tmp_path / "nowhere" / "trace.json")
    with pytest.raises(RecordError, match="choose another path"):
        files.check_writable_files(tmp_path)
