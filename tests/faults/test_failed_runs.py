"""Mistakes and ends of a run: one line for each, the right exit code, nothing lost."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from command_line import DEMO, LOSSLESS, record, run
from servers import wait_until

from engines.bundle.bundle import DEFAULT_BUNDLE
from engines.errors import BundleRefused


@pytest.fixture
def damaged(tmp_path: Path) -> Path:
    folder = tmp_path / "damaged bundle"
    shutil.copytree(DEFAULT_BUNDLE, folder)
    weights = folder / "arrays.safetensors"
    raw = bytearray(weights.read_bytes())
    raw[len(raw) // 2] ^= 1
    weights.write_bytes(raw)
    return folder


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (("--camera", "87"), 1, "CameraNotFound"),
        (("--camera", "front"), 2, "--camera is 'front'"),
        (("--replay", "nowhere.mp4"), 1, "nowhere.mp4"),
        (("--url", "ftp://somewhere/x"), 2, "want rtsp"),
        (("--demo", "--emotion", "envy"), 2, "no emotion 'envy'; choose one of"),
        (("--demo", "--engine", "abacus"), 2, "unknown engine 'abacus'"),
        (("--demo", "--bundle", "nowhere"), 1, "nowhere"),
        (("--demo", "--record", "out.txt"), 2, "out.txt"),
        (("--demo", "--record", "no/such/folder/out.jsonl"), 1, "RecordError"),
        (("--demo", "--camera", "0"), 2, "not allowed with"),
        (("--camera", "0", "--lossless"), 2, "--lossless needs a file"),
        (("--demo", "--record-limit", "5"), 2, "--record-limit limits a record"),
        (
            ("--demo", "--record", "out.jsonl", "--record-limit", "0.01"),
            2,
            "--record-limit is 0.01; want 0.1 MB",
        ),
        (("--demo", "--record", "out.jsonl", "--record-limit", "nan"), 2, "--record-limit is nan"),
        (("--nonsense",), 2, "--nonsense"),
        (("--demo", "--from", "20s"), 1, "shows nothing from 20"),
        (("--demo", "--speed", "2", "--fast"), 2, "--speed has no effect"),
        (("--demo", "--profile", "no/such/folder/t.json"), 1, "choose another path"),
    ],
)
def test_a_mistake_is_one_clear_line(
    options: tuple[str, ...],
    code: int,
    words: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(*options, "--headless") == code
    shown = capsys.readouterr().err.strip()
    assert words in shown
    assert len(shown.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_bundle_is_refused_by_its_files_name(
    damaged: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--demo", "--headless", "--bundle", damaged) == 1
    assert "arrays.safetensors differs from its manifest" in capsys.readouterr().err


def test_a_files_name_cannot_steer_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "\x1b[2J\x9bfilm.mp4").write_text("not a film")
    assert run("--replay", tmp_path, "--headless") == 1
    shown = capsys.readouterr().err
    assert "?[2J?film.mp4 is not a readable video" in shown
    assert shown.rstrip("\n").isprintable()


def test_a_text_file_named_mp4_is_no_video(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "film.mp4").write_text("not a film")
    assert (
        run("--replay", tmp_path / "film.mp4", "--headless", "--record", tmp_path / "out.jsonl")
        == 1
    )
    assert "film.mp4" in capsys.readouterr().err


def test_of_a_truncated_file_what_can_be_read_is_judged_and_recorded(
    tmp_path: Path, ffmpeg_cut: Callable[[int], Path]
) -> None:
    cut = ffmpeg_cut(60)
    assert (
        run("--replay", cut, "--emotion", "surprise", *LOSSLESS, "--record", tmp_path / "out.jsonl")
        == 0
    )
    lines = record(tmp_path / "out.jsonl")
    assert lines[-1]["type"] == "summary"
    assert 60 <= lines[-1]["frames"]["processed"] < 258
    assert len(lines) > 5


@pytest.fixture
def ffmpeg_cut(tmp_path: Path) -> Callable[[int], Path]:
    """The demo clip cut off after a share of its bytes, its index being at the front."""

    def cut(percent: int) -> Path:
        raw = DEMO.read_bytes()
        path = tmp_path / "cut.mp4"
        path.write_bytes(raw[: len(raw) * percent // 100])
        return path

    return cut


def test_a_run_that_cannot_start_leaves_an_older_record_alone(tmp_path: Path) -> None:
    (tmp_path / "keep.jsonl").write_text("an older record\n")
    assert (
        run("--replay", tmp_path / "nowhere.mp4", "--headless", "--record", tmp_path / "keep.jsonl")
        == 1
    )
    assert (tmp_path / "keep.jsonl").read_text() == "an older record\n"


def test_a_run_that_fails_while_loading_leaves_no_empty_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*asked: object) -> None:
        assert (tmp_path / "new.jsonl").exists()  # the record is open by then
        raise BundleRefused("changed since it was checked")

    monkeypatch.setattr("realtime.runtime.stages_from_bundle.create_judge", refuse)
    assert run("--demo", "--headless", "--record", tmp_path / "new.jsonl") == 1
    assert not (tmp_path / "new.jsonl").exists()


def test_a_reader_who_has_read_enough_ends_the_run_in_silence() -> None:
    command = f"{sys.executable} -m realtime --demo --no-window | head -1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=120)
    assert "watching demo clip" in done.stdout
    assert "Traceback" not in done.stderr


def test_with_debug_there_is_the_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--demo", "--emotion", "envy", "--debug") == 2
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
def test_a_signal_ends_the_run_with_its_summary(number: signal.Signals, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    command = [sys.executable, "-m", "realtime", "--demo", "--headless", "--record", str(out)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        _wait_for_a_verdict(process, out)
        process.send_signal(number)
        shown, errors = process.communicate(timeout=60)
    finally:
        process.kill()
    assert (process.returncode, errors) == (0, "")
    assert "frames" in shown
    assert record(out)[-1]["type"] == "summary"


def test_after_kill_9_the_record_is_whole_up_to_its_last_line(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    options = ["--demo", "--loop", "--fast", "--headless", "--record", str(out)]
    process = subprocess.Popen(
        [sys.executable, "-m", "realtime", *options], stdout=subprocess.DEVNULL
    )
    try:
        wait_until(lambda: out.exists() and out.read_bytes().count(b"\n") > 21)
    finally:
        process.kill()
    assert process.wait(timeout=60) == -signal.SIGKILL
    whole, _ = out.read_text().rsplit(
        "\n", 1
    )  # of the line being written as it died, a part may be there
    lines = [json.loads(line) for line in whole.split("\n")]
    assert (lines[0]["type"], {line["type"] for line in lines[1:]}) == ("run", {"verdict"})
    frames = [line["frame"] for line in lines[1:]]
    assert len(frames) > 20
    assert frames == sorted(set(frames))


def test_a_disk_that_fills_up_stops_the_record_and_not_the_gauge(tmp_path: Path) -> None:
    """The system's own error for a file that may not grow."""
    code = """if True:
        import resource, sys
        resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000))
        from realtime.app.cli import main
        sys.exit(main(sys.argv[1:]))
    """
    out = tmp_path / "out.jsonl"
    command = [sys.executable, "-c", code, "--demo", *LOSSLESS, "--record", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"recording to {out} stopped: File too large; the gauge goes on" in done.stdout
    assert "258 captured, 258 processed" in done.stdout
    assert {line["type"] for line in record(out)} == {"run", "verdict"}  # without its end
    assert out.read_text().endswith("\n")


def _wait_for_a_verdict(process: subprocess.Popen[str], out: Path) -> None:
    """Wait until the record holds a verdict; the end of the clip bounds the wait."""
    moment = threading.Event()
    while process.poll() is None and not (out.exists() and "verdict" in out.read_text()):
        moment.wait(0.05)
