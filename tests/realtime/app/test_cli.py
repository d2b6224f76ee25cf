"""The command line from outside: what a run says, records and returns."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from command_line import DEMO, LOSSLESS, record, run


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
