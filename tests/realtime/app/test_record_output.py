"""The readings in a pipe, as other programs take them: standard output and FIFOs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from realtime.app import record_output
from realtime.app.cli import main, parser
from realtime.app.options import Options
from realtime.app.record_output import open_recorder, record_notes
from realtime.core.errors import RecordError, UsageError
from realtime.core.output_pipe import STDOUT
from realtime.outputs.schema import load_schema
from realtime.view.records.line_pipe import LinePipe
from realtime.view.records.records import CsvRecorder, JsonlRecorder, NoRecorder

COMMAND = [sys.executable, "-m", "realtime", "--yes", "--no-window"]
SHORT = ["--demo", "--to", "2s", "--fast"]


def options(*named: str | Path) -> Options:
    return Options.of(parser().parse_args(["--demo", *map(str, named)]))


def fifo(folder: Path, name: str) -> Path:
    os.mkfifo(folder / name)
    return folder / name


def rows(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_stdout_has_the_events_alone_and_stderr_the_summary(tmp_path: Path) -> None:
    """The same run recorded to a file has the same rows, but for the ages."""
    jsonschema = pytest.importorskip("jsonschema")
    environment = {**os.environ, "XDG_CONFIG_HOME": str(tmp_path)}  # the notice was never read
    command = [sys.executable, "-m", "realtime", "--no-window", *SHORT, "--record", "-"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, env=environment)
    assert done.returncode == 0
    found = rows(done.stdout)
    validator = jsonschema.Draft202012Validator(load_schema())
    for row in found:
        validator.validate(row)
    assert [row["type"] for row in found][:2] == ["run", "verdict"]
    assert found[-1]["frames"]["processed"] == 61
    assert [row["at_s"] for row in found[1:-1]] == sorted(row["at_s"] for row in found[1:-1])
    assert "AI Act" in done.stderr
    assert "61 captured" in done.stderr
    assert "watching" not in done.stderr  # no gauge


def test_a_reader_who_has_read_enough_ends_the_run_with_code_0() -> None:
    command = f"{' '.join(COMMAND)} --demo --loop --record - | head -2; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=120)
    *lines, code = done.stdout.splitlines()
    assert [json.loads(line)["type"] for line in lines] == ["run", "verdict"]
    assert code == "0"
    assert "its reader has gone; the run ends" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_fifo_gets_every_line_of_a_lossless_run(tmp_path: Path) -> None:
    path = fifo(tmp_path, "events")  # of any name
    reader = subprocess.Popen(["cat", str(path)], stdout=subprocess.PIPE, text=True)
    try:
        assert main(["--yes", "--headless", *SHORT, "--record", str(path)]) == 0
        found = rows(reader.communicate(timeout=60)[0])
    finally:
        reader.kill()
    assert [row["type"] for row in (found[0], found[-1])] == ["run", "summary"]
    assert found[-1]["frames"]["processed"] == 61


def test_a_fifo_whose_reader_goes_away_ends_the_record_and_not_the_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = fifo(tmp_path, "events.jsonl")
    reader = subprocess.Popen(["head", "-1", str(path)], stdout=subprocess.PIPE)
    try:
        assert main(["--yes", "--headless", *SHORT, "--record", str(path)]) == 0
    finally:
        reader.kill()
        reader.communicate()
    shown = capsys.readouterr().out
    assert f"recording to {path} stopped: its reader has gone; the gauge goes on" in shown
    assert "61 captured, 61 processed" in shown


def test_a_fifo_without_a_reader_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def opened_at_once(path: Path, say: object) -> int:
        return open_fifo(path, say, wait_s=0.1)

    open_fifo = record_output.open_fifo
    monkeypatch.setattr(record_output, "open_fifo", opened_at_once)
    path = fifo(tmp_path, "events.jsonl")
    assert main(["--yes", "--headless", *SHORT, "--record", str(path)]) == 1
    waiting, error = capsys.readouterr().err.splitlines()
    assert waiting == f"realtime: waiting up to 0.1 s for a program that reads {path}"
    assert "RecordError: no program has opened" in error


def test_the_kind_of_recorder(tmp_path: Path) -> None:
    stop = threading.Event()
    with open_recorder(options(), stop) as recorder:
        assert isinstance(recorder, NoRecorder)
    with open_recorder(options("--record", tmp_path / "a.jsonl"), stop) as recorder:
        assert isinstance(recorder, JsonlRecorder)
    for name, kind in (("table.csv", CsvRecorder), ("lines", JsonlRecorder)):
        path = fifo(tmp_path, name)
        reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        with open_recorder(options("--record", path), stop) as recorder:
            assert isinstance(recorder, kind)
        os.close(reader)


def test_lines_that_a_slow_reader_lost_are_told() -> None:
    reader, writer = os.pipe()
    pipe = LinePipe("out", writer, stop=threading.Event())
    pipe.dropped = 3
    recorder = JsonlRecorder(pipe)
    recorder.close()
    assert record_notes(recorder) == ["record      3 lines were dropped: their reader was too slow"]
    assert record_notes(NoRecorder()) == []
    os.close(reader)
    os.close(writer)


def test_a_fifo_that_is_removed_before_it_is_opened(tmp_path: Path) -> None:
    path = fifo(tmp_path, "events.jsonl")
    found = options("--record", path)
    path.unlink()
    path.symlink_to(tmp_path / "missing" / "x")
    with pytest.raises(RecordError), open_recorder(found, threading.Event()):
        pass


def test_a_pipe_has_no_limit_and_standard_output_has_one_name(tmp_path: Path) -> None:
    assert options("--record", "-").record == STDOUT
    for path in ("-", fifo(tmp_path, "events")):
        with pytest.raises(UsageError, match="--record-limit limits a file, and --record"):
            options("--record", path, "--record-limit", "1")
    command = f"{' '.join(COMMAND)} --demo --record /dev/stdout | cat"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=120)
    assert "--record /dev/stdout is standard output. Use --record -" in done.stderr
    assert done.stdout == ""
