from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from realtime.core.messages import State
from realtime.view.records.rows import RunInfo, run_row, verdict_row, wall_clock_at

INDIA = timezone(timedelta(hours=5, minutes=30))


@pytest.mark.parametrize(
    ("now", "shown"),
    [
        (datetime(2026, 3, 1, 12, 0, 0, 500_000, UTC), "2026-03-01T12:00:00.450+00:00"),
        (datetime(2026, 3, 1, 0, 0, 0, 20_000, INDIA), "2026-02-28T23:59:59.970+05:30"),
    ],
)
def test_the_wall_clock_time_is_that_of_the_capture(verdict, now: datetime, shown: str) -> None:
    reading = replace(verdict(State.JUDGING, 0.5), age_ms=50.0)
    assert wall_clock_at(reading, now) == shown
    assert datetime.fromisoformat(shown).tzinfo is not None


def test_numbers_are_rounded_so_that_bytes_repeat(verdict) -> None:
    row = verdict_row(verdict(State.JUDGING, 0.123456, at_s=0.1 + 0.2))
    assert (row["at_s"], row["p_genuine"]) == (0.3, 0.1235)


def test_that_a_source_is_live_is_no_field_of_its_own() -> None:
    values = ("0.1.0", "x", "happiness", "native", "ab" * 32, 1.0, 0.1, 5, 25.0)
    assert run_row(RunInfo(*values, live=True)) == run_row(RunInfo(*values))
