from __future__ import annotations

import json
from pathlib import Path

import pytest

from realtime.tools.web_load.figures import HEADER, RunFigures, ages_ms, ends, percentiles


def test_ages_are_those_of_readings_after_the_warm_up(tmp_path: Path) -> None:
    record = tmp_path / "run.jsonl"
    rows = [{"type": "run"}]
    for at_s, state, age_ms in ((5, "neutral", 1), (7, "neutral", 2), (8, "no_signal", 3)):
        rows.append({"type": "verdict", "at_s": at_s, "state": state, "age_ms": age_ms})
    record.write_text("\n".join(map(json.dumps, rows)))
    assert ages_ms(record, 0.0) == [1.0, 2.0]
    assert ages_ms(record, 2.0) == [2.0]


def test_a_record_without_readings_has_no_ages(tmp_path: Path) -> None:
    (tmp_path / "run.jsonl").write_text('{"type": "run"}\n')
    assert ages_ms(tmp_path / "run.jsonl", 0.0) == []
    with pytest.raises(ValueError, match="no number"):
        percentiles([])


def test_percentiles_and_ends() -> None:
    assert percentiles(range(101)) == (50.0, 95.0)
    assert ends([1.0] * 20 + [9.0] * 60 + [2.0] * 20) == (1.0, 2.0)


def test_a_row_has_a_cell_for_every_column() -> None:
    row = RunFigures("quiet", 10, (1.0, 2.0), None, (300.0, 301.0)).line
    assert row.count("|") == HEADER.splitlines()[0].count("|")
    assert "| - |" in row
    assert "5.0 / 9.0" in RunFigures("x", 1, (1.0, 2.0), (5.0, 9.0), (1.0, 1.0)).line
