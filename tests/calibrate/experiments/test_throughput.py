"""Throughput, with a clock and work that are made up."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from recordings import write_video

from calibrate.data.clips import DataError
from calibrate.experiments.throughput import SCORE, Throughput, first_clips, measure, run_timed
from calibrate.scoring.inputs import ClipEntry

TOOK_S = {"1": 20.0, "2": 10.5}


@pytest.fixture
def entries(tmp_path: Path) -> list[ClipEntry]:
    return [ClipEntry(write_video(tmp_path / f"{n}.avi", n), f"P{n}", "fear") for n in range(2)]


def scored(tables: Sequence[bytes], calls: list[Sequence[str]]) -> object:
    """Return a run that writes the next of `tables` and takes as long as its jobs say."""
    left = list(tables)

    def run(arguments: Sequence[str]) -> float:
        calls.append(arguments)
        if "score" not in arguments:
            return 30.0
        Path(arguments[arguments.index("-o") + 1]).write_bytes(left.pop(0))
        return TOOK_S[arguments[-1]]

    return run


def test_every_way_scores_the_same_clips_in_turn(entries: list[ClipEntry], tmp_path: Path) -> None:
    calls: list[Sequence[str]] = []
    folder = tmp_path / "work"
    folder.mkdir()
    found = measure(entries, 2, folder, scored([b"same"] * 6, calls))  # type: ignore[arg-type]
    ways = [tuple(call[-2:]) for call in calls if "score" in call]
    assert ways == [*SCORE.values()] * 2
    assert found.seconds["2 Dask workers"] == [10.5, 10.5]
    lines = found.lines()
    assert lines[0] == "2 clips, 1 s of video"
    assert lines[1].split()[2:8] == ["360", "clips", "an", "hour", "1.00", "x"]
    assert "1.90 x" in lines[2]
    assert "gauge, folder        240 clips an hour   0.67 x" in lines[4]


def test_the_clips_are_of_several_people() -> None:
    every = [ClipEntry(Path(f"{who}{n}.mp4"), who, "fear") for who in "abc" for n in range(9)]
    chosen = first_clips(every, 5, 2)
    assert [entry.file.stem for entry in chosen] == ["a0", "a1", "a2", "b0", "b1"]
    assert first_clips(every[:9], 24, 8) == every[:9]


def test_the_arithmetic_of_hours() -> None:
    lines = Throughput(10, 30.0, {"1 process": [15.0, 12.0, 20.0]}).lines()
    assert lines[-1] == (
        "one core: 2.00 times real time; 1,000 h of video: 500 core hours; "
        "100,000 h of video: 50,000 core hours"
    )


def test_different_tables_are_an_error(entries: list[ClipEntry], tmp_path: Path) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    with pytest.raises(DataError, match="2 different tables of the same clips"):
        measure(entries, 1, folder, scored([b"a", b"a", b"b"], []))  # type: ignore[arg-type]


def test_a_run_takes_time() -> None:
    assert run_timed(("-c", "pass")) > 0
