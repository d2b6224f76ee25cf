from __future__ import annotations

import csv
import errno
import json
import os
import stat
import subprocess
import sys
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from full_disk import FullDisk

from realtime.core.errors import RecordError, UsageError
from realtime.core.messages import State, Verdict
from realtime.core.output_file import OutputFile
from realtime.core.snapshot import AgePercentiles, FrameCounts, Rates, RunVerdict
from realtime.view.records.line_file import LineFile
from realtime.view.records.records import JsonlRecorder, Record, Recorder, open_record
from realtime.view.records.rows import RunInfo, Summary, run_row, summary_row, verdict_row

ROOT = Path(__file__).parents[4]
RUN = RunInfo("0.1.0", "replay smile.avi", "happiness", "native", "ab" * 32, 1.0, 0.1, 5, 25.0)
SUMMARY = Summary(
    FrameCounts(72, 70, {"busy": 2}),
    {"happiness": RunVerdict("settled", 0.87654321, 1.9000001)},
    AgePercentiles(11.00049, 17.5, 22.0),
    Rates(30.004, 29.996),
    {"poor_view": 3},
    searches_unused={"outdated": 2},
)


def _record(recorder: Recorder, verdicts: list[Verdict]) -> None:
    recorder.write(run_row(RUN))
    for verdict in verdicts:
        recorder.write(verdict_row(verdict))
    recorder.write(summary_row(SUMMARY))
    recorder.close()


def _verdicts(verdict) -> list[Verdict]:
    return [
        verdict(State.NEUTRAL, at_s=0.1, reason="no expression to judge"),
        verdict(State.JUDGING, 0.123456, at_s=0.1 + 0.1 + 0.1),
        Verdict(0.4, 12, "happiness", State.NO_FACE, None, 'a "reason", with commas', 7.0),
    ]


def test_jsonl_record_has_the_documented_fields(tmp_path: Path, verdict) -> None:
    _record(open_record(tmp_path / "out.jsonl"), _verdicts(verdict))
    run, neutral, judging, faceless, summary = map(
        json.loads, (tmp_path / "out.jsonl").read_text().splitlines()
    )
    assert list(run) == [
        *("type", "schema", "version", "source", "emotion", "engine", "bundle_sha256"),
        *("window_s", "stride_s", "steps", "hz"),
    ]
    assert run["type"] == "run"
    assert (run["source"], run["steps"], run["hz"]) == ("replay smile.avi", 5, 25.0)
    assert (neutral["state"], neutral["p_genuine"], neutral["reason"]) == (
        "neutral",
        None,
        "no expression to judge",
    )
    assert judging == {
        "type": "verdict", "at_s": 0.3, "frame": 9, "emotion": "happiness", "state": "judging",
        "p_genuine": 0.1235, "reason": "", "loss": 0.0123457, "pb_speed": 0.2, "age_ms": 12.0,
        "box_px": [200.0, 60.0, 160.0, 160.0], "misfit": None, "p_emotion": None,
        "place": None, "psr": 24.2, "intensity": None, "onset": None, "why": None,
        "expression": None,
    }  # fmt: skip
    assert (faceless["box_px"], faceless["psr"], faceless["loss"]) == (None, None, None)
    assert summary == {
        "type": "summary",
        "frames": {"captured": 72, "processed": 70, "dropped": {"busy": 2}},
        "emotions": {"happiness": {"state": "settled", "p_genuine": 0.8765, "judged_s": 1.9}},
        "age_ms": {"p50": 11.0, "p95": 17.5, "p99": 22.0},
        "fps": {"captured": 30.0, "processed": 30.0},
        "faces_not_described": {"poor_view": 3},
        "face_searches_unused": {"outdated": 2},
    }


def test_the_same_run_gives_the_same_bytes(tmp_path: Path, verdict) -> None:
    for name in ("a.jsonl", "b.jsonl"):
        _record(open_record(tmp_path / name), _verdicts(verdict))
    assert (tmp_path / "a.jsonl").read_bytes() == (tmp_path / "b.jsonl").read_bytes()


def test_non_finite_numbers_become_null(tmp_path: Path) -> None:
    recorder = open_record(tmp_path / "out.jsonl")
    nan, infinite = float("nan"), float("inf")
    verdict = Verdict(0.4, 12, "any", State.NEUTRAL, None, "", 7.0, loss=nan, psr=infinite)
    recorder.write(verdict_row(verdict))
    row = json.loads((tmp_path / "out.jsonl").read_text())
    assert (row["loss"], row["psr"]) == (None, None)


def test_a_summary_without_ages_has_none(tmp_path: Path) -> None:
    recorder = open_record(tmp_path / "out.jsonl")
    emotions = {"any": RunVerdict("no_signal", None, 0.0)}
    recorder.write(summary_row(Summary(FrameCounts(), emotions, None, Rates())))
    row = json.loads((tmp_path / "out.jsonl").read_text())
    assert row["age_ms"] == {"p50": None, "p95": None, "p99": None}
    assert row["emotions"]["any"] == {"state": "no_signal", "p_genuine": None, "judged_s": 0.0}


def test_csv_has_a_header_and_the_verdicts(tmp_path: Path, verdict) -> None:
    _record(open_record(tmp_path / "out.CSV"), _verdicts(verdict))
    with (tmp_path / "out.CSV").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 3
    assert list(rows[0]) == [
        *("at_s", "frame", "emotion", "state", "p_genuine", "reason", "loss", "pb_speed", "age_ms"),
        *("box_x_px", "box_y_px", "box_width_px", "box_height_px", "psr"),
    ]
    assert [row["p_genuine"] for row in rows] == ["", "0.1235", ""]
    assert (rows[1]["box_x_px"], rows[1]["box_height_px"]) == ("200.0", "160.0")
    assert (rows[2]["box_x_px"], rows[2]["reason"]) == ("", 'a "reason", with commas')


@pytest.mark.parametrize("name", ["out.jsonl", "out.csv"])
def test_every_line_is_there_before_the_end(tmp_path: Path, verdict, name: str) -> None:
    recorder = open_record(tmp_path / name)
    recorder.write(run_row(RUN))
    recorder.write(verdict_row(verdict()))
    assert (tmp_path / name).read_text().count("\n") == 2


def test_a_killed_run_leaves_whole_lines(tmp_path: Path) -> None:
    """SIGKILL right after the last line was handed over."""
    script = (
        "import os, signal, sys; from pathlib import Path\n"
        "from realtime.core.messages import State, Verdict\n"
        "from realtime.view.records.records import open_record\n"
        "from realtime.view.records.rows import verdict_row\n"
        "recorder = open_record(Path(sys.argv[1]))\n"
        "for i in range(100):\n"
        "    verdict = Verdict(i / 10, i, 'any', State.NEUTRAL, None, '', 1.0)\n"
        "    recorder.write(verdict_row(verdict))\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    path = tmp_path / "out.jsonl"
    killed = subprocess.run([sys.executable, "-c", script, path], cwd=ROOT, timeout=60)
    assert killed.returncode == -9
    assert [json.loads(line)["frame"] for line in path.read_text().splitlines()] == list(range(100))


def test_a_full_disk_stops_the_record_and_not_the_run(verdict) -> None:
    disk = FullDisk(room=1000)
    recorder = JsonlRecorder(LineFile(Path("out.jsonl"), disk))
    recorder.write(run_row(RUN))
    assert recorder.failed == ""
    for _ in range(20):
        recorder.write(verdict_row(verdict()))
    recorder.write(summary_row(SUMMARY))
    assert (
        recorder.failed
        == "recording to out.jsonl stopped: No space left on device; the gauge goes on"
    )
    assert disk.closed
    assert disk.data.endswith(b"\n")
    assert len([json.loads(line) for line in disk.data.splitlines()]) > 1
    recorder.close()


def test_a_new_record_has_mode_0600(tmp_path: Path) -> None:
    recorder = open_record(tmp_path / "out.jsonl")
    recorder.write(run_row(RUN))
    assert stat.S_IMODE((tmp_path / "out.jsonl").stat().st_mode) == 0o600


def test_an_older_record_is_overwritten_from_its_beginning(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    path.write_text("old\n" * 1000)
    recorder = open_record(path)
    recorder.write(run_row(RUN))
    recorder.close()
    assert [json.loads(line)["type"] for line in path.read_text().splitlines()] == ["run"]


def test_a_run_that_never_starts_changes_no_file(tmp_path: Path) -> None:
    (tmp_path / "old.jsonl").write_text("precious\n")
    for name in ("old.jsonl", "new.jsonl"):
        open_record(tmp_path / name).close()
    assert (tmp_path / "old.jsonl").read_text() == "precious\n"
    assert not (tmp_path / "new.jsonl").exists()


def test_closing_twice_and_writing_after_it_is_harmless(tmp_path: Path, verdict) -> None:
    recorder = open_record(tmp_path / "out.jsonl")
    recorder.write(run_row(RUN))
    recorder.close()
    recorder.close()
    recorder.write(verdict_row(verdict()))
    assert (tmp_path / "out.jsonl").read_text().count("\n") == 1


@pytest.mark.parametrize("name", ["out.mp5", "out", "jsonl", "out.jsonl.gz"])
def test_an_unknown_suffix_is_a_usage_error(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match=r"want a name that ends in \.jsonl or \.csv"):
        open_record(tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_paths_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "folder.jsonl").mkdir()
    (tmp_path / "file").touch()
    os.mkfifo(tmp_path / "pipe.jsonl")
    for name, why in (
        ("missing/out.jsonl", "there is no folder"),
        ("folder.jsonl", "not a regular file"),
        ("pipe.jsonl", "not a regular file"),
        ("file/out.jsonl", "not a directory"),
        (f"{'n' * 300}.jsonl", "file name too long"),
    ):
        with pytest.raises(RecordError, match=why) as raised:
            open_record(tmp_path / name)
        assert "\n" not in str(raised.value)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_permission(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(RecordError, match="permission denied"):
        open_record(tmp_path / "out.jsonl")


def test_a_bounded_record_keeps_the_newest_lines_in_two_files(tmp_path: Path, verdict) -> None:
    path, limit_mb = tmp_path / "out.jsonl", 0.1
    recorder = open_record(path, limit_mb)
    recorder.write(run_row(RUN))
    for number in range(3000):
        recorder.write(verdict_row(verdict(at_s=float(number))))
    recorder.write(summary_row(SUMMARY))
    recorder.close()
    parts = [
        [json.loads(line) for line in file.read_text().splitlines()]
        for file in (tmp_path / "out.1.jsonl", path)
    ]
    assert sorted(file.name for file in tmp_path.iterdir()) == ["out.1.jsonl", "out.jsonl"]
    assert [part[0]["type"] for part in parts] == ["run", "run"]
    times = [row["at_s"] for part in parts for row in part if row["type"] == "verdict"]
    assert times == [float(number) for number in range(3000 - len(times), 3000)]
    assert parts[1][-1]["type"] == "summary"
    sizes = [file.stat().st_size for file in tmp_path.iterdir()]
    assert 0.05e6 < sum(sizes) <= limit_mb * 1e6
    assert {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()} == {0o600}


def test_both_parts_of_a_bounded_table_have_the_header(tmp_path: Path, verdict) -> None:
    recorder = open_record(tmp_path / "out.csv", 0.1)
    recorder.write(run_row(RUN))
    for number in range(3000):
        recorder.write(verdict_row(verdict(at_s=float(number))))
    recorder.close()
    for file in (tmp_path / "out.csv", tmp_path / "out.1.csv"):
        assert file.read_text().startswith("at_s,frame,")


def test_a_part_that_cannot_be_opened_stops_the_record_and_not_the_run(
    tmp_path: Path, verdict, monkeypatch
) -> None:
    recorder = open_record(tmp_path / "out.jsonl", 0.1)

    def fail_to_open(*_: object) -> OutputFile:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    original = OutputFile.rename

    def rename(file: OutputFile, to: Path) -> None:
        original(file, to)
        monkeypatch.setattr(OutputFile, "open", fail_to_open)

    monkeypatch.setattr(OutputFile, "rename", rename)
    recorder.write(run_row(RUN))
    for number in range(3000):
        recorder.write(verdict_row(verdict(at_s=float(number))))
    recorder.close()
    assert "stopped: Too many open files; the gauge goes on" in recorder.failed
    assert all(json.loads(line) for line in (tmp_path / "out.1.jsonl").read_text().splitlines())


def test_a_part_that_cannot_be_moved_stops_the_record_and_not_the_run(
    tmp_path: Path, verdict
) -> None:
    (tmp_path / "out.1.jsonl").mkdir()
    recorder = open_record(tmp_path / "out.jsonl", 0.1)
    recorder.write(run_row(RUN))
    for number in range(3000):
        recorder.write(verdict_row(verdict(at_s=float(number))))
    assert "stopped: Is a directory; the gauge goes on" in recorder.failed
    assert all(json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines())


@pytest.mark.parametrize("suffix", [".jsonl", ".csv"])
@pytest.mark.parametrize("live", [True, False])
def test_only_live_sources_have_a_wall_clock_time(
    tmp_path: Path, verdict, suffix: str, live: bool
) -> None:
    path = tmp_path / f"out{suffix}"
    record = Record(open_record(path), replace(RUN, live=live))
    before = datetime.now().astimezone()
    record.verdict(replace(verdict(State.NEUTRAL, at_s=77.0), age_ms=0.0))
    record.close()
    lines = path.read_text().splitlines()
    row = json.loads(lines[1]) if suffix == ".jsonl" else next(csv.DictReader(lines))
    assert ("at" in row) == live
    if live:
        at = datetime.fromisoformat(row["at"])
        assert before - timedelta(milliseconds=1) <= at <= datetime.now().astimezone()


def test_what_is_published_is_what_is_recorded(tmp_path: Path, verdict) -> None:
    published: list[dict[str, object]] = []
    path = tmp_path / "out.jsonl"
    record = Record(open_record(path), replace(RUN, live=True), published.append)
    record.end(SUMMARY)
    assert published == []  # a run without a verdict
    record.verdict(verdict())
    record.end(SUMMARY)
    record.close()
    assert [json.loads(line) for line in path.read_text().splitlines()] == published
    assert [row["type"] for row in published] == ["run", "verdict", "summary"]
