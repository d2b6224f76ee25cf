"""`import realtime` as its users meet it: light, lazy, typed, and equal to the command line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import realtime
from realtime.app.cli import main
from realtime.capture import demo

ROOT = Path(__file__).parents[2]
USER = """
import numpy as np
import realtime

def main() -> None:
    table: list[tuple[float, float | None]] = []
    for reading in realtime.watch("clip.mp4", emotion="surprise", paced=True):
        table.append((reading.at_s, reading.p_genuine))
        if reading.state is realtime.State.SETTLED and reading.box_px is not None:
            x, y, width, height = reading.box_px
            print(x + width, y + height, reading.reason.upper(), reading.row()["loss"])
    image = np.zeros((48, 64, 3), np.uint8)
    with realtime.Gauge(emotion="happiness", person="p42") as gauge:
        read: realtime.Reading | None = gauge.step(image, 0.0)
        if read is not None and read.points_px is not None and read.pb is not None:
            print(read.points_px.mean(axis=0), read.pb.shape, [row.emotion for row in read.rows])
    try:
        print(realtime.score(["a.mp4"], person="p42")[0]["file"], realtime.__version__)
    except realtime.UsageError as error:
        raise SystemExit(error.exit_code) from error
    for reading in realtime.watch((image, n / 30) for n in range(9)):
        print(reading)
    realtime.watch(0).close()
"""


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, check=True, timeout=300
    )


def test_importing_it_imports_nothing_but_typing() -> None:
    """What `typing` itself needs may be there already: it depends on how it was installed."""
    code = """if True:
        import __future__, sys, typing
        before = {*sys.modules}
        import realtime
        print(*{*sys.modules} - before)
    """
    assert python("-c", code).stdout.split() == ["realtime"]


def test_every_public_name_is_there_and_others_are_not() -> None:
    assert sorted(realtime.__all__) == realtime.__all__
    for name in realtime.__all__:
        assert getattr(realtime, name) is not None
    assert set(realtime.__all__) <= set(dir(realtime))
    with pytest.raises(AttributeError, match="module 'realtime' has no attribute 'wach'"):
        realtime.wach  # type: ignore[attr-defined]  # noqa: B018


def test_the_errors_are_one_tree() -> None:
    errors = [
        each
        for name in realtime.__all__
        if isinstance(each := getattr(realtime, name), type) and issubclass(each, Exception)
    ]
    assert len(errors) == 11
    assert all(issubclass(each, realtime.GaugeError) for each in errors)


def test_the_program_of_a_user_is_strictly_typed(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(USER)
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path / "cache"), program],
        capture_output=True,
        text=True,
        timeout=600,
        cwd=ROOT,
    )
    assert (done.returncode, done.stdout) == (0, "Success: no issues found in 1 source file\n")


@pytest.mark.parametrize("emotion", ["surprise", "all"])
def test_the_readings_of_a_file_are_the_lines_of_its_record(emotion: str, tmp_path: Path) -> None:
    record = tmp_path / "run.jsonl"
    options = ["--yes", "--headless", "--fast", "--emotion", emotion, "--record", str(record)]
    assert main([*options, "--replay", str(demo.CLIP)]) == 0
    lines = [json.loads(line) for line in record.read_text().splitlines()]
    recorded = [line for line in lines if line["type"] == "verdict"]
    rows = [
        row.row()
        for reading in realtime.watch(demo.CLIP, emotion)
        for row in reading.rows or (reading,)
    ]
    assert len(rows) > 40
    assert [ageless(row) for row in rows] == [ageless(row) for row in recorded]


def ageless(row: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in row.items() if name != "age_ms"}
