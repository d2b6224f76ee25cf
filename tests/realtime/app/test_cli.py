"""The command line from outside: one line per mistake, the right exit code, nothing lost."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from servers import wait_until

from engines.bundle.bundle import DEFAULT_BUNDLE
from engines.errors import BundleRefused
from realtime.app.cli import main

DEMO = Path(__file__).parents[3] / "realtime" / "capture" / "demo.mp4"
LOSSLESS = ("--lossless", "--fast", "--headless")


def run(*options: str | Path) -> int:
    return main([str(option) for option in options])


def record(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """The demo clip, judged without loss."""
    out = tmp_path_factory.mktemp("record") / "demo.jsonl"
    assert run("--demo", *LOSSLESS, "--record", out) == 0
    return record(out)


class TestRecord:
    def test_it_has_a_run_ticks_and_a_summary(self, recorded: list[dict[str, Any]]) -> None:
        assert recorded[0]["type"] == "run"
        assert recorded[-1]["type"] == "summary"
        assert {line["type"] for line in recorded[1:-1]} == {"verdict"}
        run_line = recorded[0]
        assert (run_line["emotion"], run_line["engine"], run_line["stride_s"]) == (
            "surprise",
            "native",
            0.2,
        )

    def test_frames_sum_up(self, recorded: list[dict[str, Any]]) -> None:
        frames = recorded[-1]["frames"]
        assert frames["captured"] == frames["processed"] + sum(frames["dropped"].values()) == 258

    def test_a_number_is_there_when_something_is_judged_and_only_then(
        self, recorded: list[dict[str, Any]]
    ) -> None:
        for line in recorded[1:-1]:
            assert (line["p_genuine"] is not None) == (line["state"] in ("judging", "settled"))
            assert bool(line["reason"]) == (line["p_genuine"] is None)

    def test_the_surprises_are_looked_at_and_the_neutral_face_is_not(
        self, recorded: list[dict[str, Any]]
    ) -> None:
        """The clip's maker says when: surprises from 2.0 to 4.15 s and from 5.35 to 7.55 s."""
        looked = {"judging", "settled", "uncertain"}
        states = {line["at_s"]: line["state"] for line in recorded[1:-1]}
        assert all(
            state in looked
            for at_s, state in states.items()
            if 2.8 <= at_s <= 3.5 or 6.4 <= at_s <= 6.9
        )
        rest = [
            state
            for at_s, state in states.items()
            if 1.0 <= at_s <= 2.0 or 4.5 <= at_s <= 5.4 or at_s >= 7.9
        ]
        assert set(rest) == {"neutral"}

    def test_a_blink_is_no_expression(self, recorded: list[dict[str, Any]]) -> None:
        """Blinks at 0.95, 4.35 and 7.75 s; the middle one follows hard on a surprise that fades."""
        states = {line["at_s"]: line["state"] for line in recorded[1:-1]}
        assert {state for at_s, state in states.items() if 0.9 <= at_s <= 1.3 or at_s >= 7.7} == {
            "neutral"
        }

    def test_the_summary_says_how_much_was_judged(self, recorded: list[dict[str, Any]]) -> None:
        judged = sum(
            line["state"] in ("judging", "settled", "uncertain") for line in recorded[1:-1]
        )
        assert recorded[-1]["emotions"]["surprise"]["judged_s"] == pytest.approx(judged * 0.2)

    def test_twice_is_the_same_but_for_ages(
        self, recorded: list[dict[str, Any]], tmp_path: Path
    ) -> None:
        run("--demo", *LOSSLESS, "--record", tmp_path / "again.jsonl")
        first, second = (
            [
                {key: value for key, value in line.items() if key not in ("age_ms", "fps")}
                for line in lines
            ]
            for lines in (recorded, record(tmp_path / "again.jsonl"))
        )
        assert first == second

    def test_a_table_has_a_row_for_each_tick(
        self, recorded: list[dict[str, Any]], tmp_path: Path
    ) -> None:
        run("--demo", *LOSSLESS, "--record", tmp_path / "demo.csv")
        assert len((tmp_path / "demo.csv").read_text().splitlines()) == len(recorded) - 1


class TestSeveral:
    def test_files_follow_each_other_with_a_table_at_the_end(
        self, tmp_path: Path, short: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        shutil.copy(short, tmp_path / "again.mp4")
        (tmp_path / "broken.mp4").write_text("no video")
        out = tmp_path / "out.jsonl"
        assert (
            run("--replay", tmp_path, *LOSSLESS, "--record", out) == 1
        )  # for the one that is no video
        table = capsys.readouterr().out.splitlines()
        assert [line.split()[0] for line in table] == [
            "file",
            "again.mp4",
            "broken.mp4",
            "short.mp4",
        ]
        assert "broken.mp4 is not a readable video" in table[2]
        assert "nothing judged" in table[3]
        assert [line["type"] for line in record(out) if line["type"] != "verdict"] == [
            "run",
            "summary",
        ] * 2
        assert [line["source"] for line in record(out) if line["type"] == "run"] == [
            "again.mp4",
            "short.mp4",
        ]

    def test_all_of_them_fine_is_0(self, short: Path) -> None:
        assert run("--replay", short, short, *LOSSLESS) == 0


class TestAll:
    def test_every_emotion_has_its_line_and_its_summary(self, tmp_path: Path, short: Path) -> None:
        assert (
            run("--replay", short, "--emotion", "all", *LOSSLESS, "--record", tmp_path / "a.jsonl")
            == 0
        )
        lines = record(tmp_path / "a.jsonl")
        named = [line["emotion"] for line in lines if line["type"] == "verdict"]
        assert named[:7] == ["any", "anger", "disgust", "fear", "happiness", "sadness", "surprise"]
        assert set(lines[-1]["emotions"]) == set(named)

    def test_auto_names_an_emotion_of_the_demos_surprise(self, tmp_path: Path) -> None:
        out = tmp_path / "a.jsonl"
        assert run("--demo", "--to", "4.2s", "--emotion", "auto", *LOSSLESS, "--record", out) == 0
        lines = record(out)
        judged = {
            line["emotion"]
            for line in lines
            if line["type"] == "verdict" and line["misfit"] is not None
        }
        assert judged
        assert judged <= {"anger", "disgust", "fear", "happiness", "sadness", "surprise"}
        assert set(lines[-1]["emotions"]) == judged


def test_what_is_seen_can_be_filmed_without_a_screen(tmp_path: Path, short: Path) -> None:
    import cv2

    assert run("--replay", short, "--headless", "--record", tmp_path / "seen.mp4") == 0
    device = cv2.VideoCapture(str(tmp_path / "seen.mp4"))
    assert device.read()[0]
    assert device.get(cv2.CAP_PROP_FRAME_WIDTH) == 640
    device.release()


class TestEmotions:
    def test_contempt_is_answered_by_any_and_says_so(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str], short: Path
    ) -> None:
        assert (
            run(
                "--replay",
                short,
                "--emotion",
                "contempt",
                *LOSSLESS,
                "--record",
                tmp_path / "c.jsonl",
            )
            == 0
        )
        assert record(tmp_path / "c.jsonl")[0]["emotion"] == "contempt"
        assert "no data for contempt" in capsys.readouterr().out

    def test_without_a_name_it_is_any(self, tmp_path: Path, short: Path) -> None:
        assert run("--replay", short, *LOSSLESS, "--record", tmp_path / "a.jsonl") == 0
        assert record(tmp_path / "a.jsonl")[0]["emotion"] == "any"


@pytest.fixture
def short(tmp_path: Path) -> Path:
    """Twelve frames of the demo clip."""
    import cv2

    path = tmp_path / "short.mp4"
    source, out = (
        cv2.VideoCapture(str(DEMO)),
        cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), 30, (640, 360)),
    )
    for _ in range(12):
        out.write(source.read()[1])
    out.release()
    return path


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
        wait_until(lambda: out.exists() and out.stat().st_size > 10_000)
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


def test_a_disk_that_fills_up_stops_the_record_and_not_the_gauge(
    tmp_path: Path, recorded: list[dict[str, Any]]
) -> None:
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
    assert 1 < len(record(out)) < len(recorded)
    assert out.read_text().endswith("\n")


def _wait_for_a_verdict(process: subprocess.Popen[str], out: Path) -> None:
    """Wait until the record holds a verdict; the end of the clip bounds the wait."""
    moment = threading.Event()
    while process.poll() is None and not (out.exists() and "verdict" in out.read_text()):
        moment.wait(0.05)


def test_the_version_is_the_packages(capsys: pytest.CaptureFixture[str]) -> None:
    from importlib.metadata import version

    assert run("--version") == 0
    assert capsys.readouterr().out.strip() == f"realtime {version('genuine-gauge')}"


def test_help_loads_nothing_heavy() -> None:
    heavy = "{'numpy', 'cv2', 'dlib', 'torch', 'xgboost', 'numba', 'rich'}"
    code = (
        "import sys; from realtime.app.cli import parser; parser().format_help();"
        f"print({heavy} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "set()"


def test_cameras_are_listed_or_missed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--list-cameras") == 0
    shown = capsys.readouterr().out
    assert "--camera" in shown or "no camera found" in shown
