"""The two parts of a bounded record belong to one run."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from realtime.core.errors import OutputInUse
from realtime.core.output_file import open_output
from realtime.view.records.line_file import LineFile, earlier, open_lines

LIMIT = 1000


def fill(lines: LineFile, count: int = 200) -> None:
    for number in range(count):
        lines.write_line(f"line {number}")


def test_the_earlier_part_has_its_number_before_the_suffix() -> None:
    assert earlier(Path("here/run.jsonl")) == Path("here/run.1.jsonl")


def test_both_parts_are_locked_while_they_are_written(tmp_path: Path) -> None:
    lines = open_lines(tmp_path / "run.jsonl", LIMIT)
    fill(lines)
    for name in ("run.jsonl", "run.1.jsonl"):
        with pytest.raises(OutputInUse):
            open_output(tmp_path / name)
    lines.close()
    for name in ("run.jsonl", "run.1.jsonl"):
        open_output(tmp_path / name).close()
    assert lines.failed == ""


def test_an_older_part_is_locked_before_it_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "run.1.jsonl").write_text("older\n")
    lines = open_lines(tmp_path / "run.jsonl", LIMIT)
    with pytest.raises(OutputInUse):
        open_lines(tmp_path / "run.1.jsonl")
    assert (tmp_path / "run.1.jsonl").read_text() == "older\n"
    fill(lines)
    assert (tmp_path / "run.1.jsonl").read_text() != "older\n"
    lines.close()


def test_a_part_that_another_run_writes_refuses_the_record(tmp_path: Path) -> None:
    other = open_lines(tmp_path / "run.1.jsonl")
    other.write_line("theirs")
    with pytest.raises(OutputInUse, match=r"run\.1\.jsonl is being written by another run"):
        open_lines(tmp_path / "run.jsonl", LIMIT)
    assert [path.name for path in tmp_path.iterdir()] == ["run.1.jsonl"]
    open_lines(tmp_path / "run.jsonl").close()  # without a limit there is no other part
    other.close()


def test_a_part_that_another_run_began_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    lines = open_lines(tmp_path / "run.jsonl", LIMIT)
    lines.write_line("mine")
    other = open_lines(tmp_path / "run.1.jsonl")
    other.write_line("theirs")
    fill(lines)
    assert "run.1.jsonl is being written by another run" in lines.failed
    assert (tmp_path / "run.1.jsonl").read_text() == "theirs\n"
    assert (tmp_path / "run.jsonl").read_text().startswith("mine\nline 0\n")
    other.close()


def test_a_record_moved_away_is_not_mistaken_for_that_of_another_run(tmp_path: Path) -> None:
    """The user moves the record away and starts another run under its name."""
    lines = open_lines(tmp_path / "run.jsonl", LIMIT)
    lines.write_line("mine")
    os.rename(tmp_path / "run.jsonl", tmp_path / "kept.jsonl")
    other = open_lines(tmp_path / "run.jsonl")
    other.write_line("theirs")
    fill(lines)
    lines.close()
    other.close()
    assert (tmp_path / "run.jsonl").read_text() == "theirs\n"
    assert not (tmp_path / "run.1.jsonl").exists()
    assert "stopped" in lines.failed
