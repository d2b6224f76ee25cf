"""The table of stage times and the hints drawn from it."""

from __future__ import annotations

import re

import pytest

from realtime.core.snapshot import ProfileTable, StageTimes
from realtime.core.tracing import STAGES, WAITS
from realtime.profiling import table as profile_table


def stage(name: str, busy: float = 0.1, cpu_share: float | None = 1.0) -> StageTimes:
    waits = name in WAITS
    return StageTimes(name, waits, 30, 1.0, 2.0, 3.0, 4.5, busy, None if waits else cpu_share)


def table(**changes: StageTimes) -> ProfileTable:
    rows = tuple(changes.get(name, stage(name)) for name in STAGES)
    return ProfileTable(
        rows, "gauge", StageTimes("gauge", False, 9, 80.0, 90.0, 95.0, 99.0, 0.0, None), 0.987
    )


def test_the_table_has_every_stage_in_order_and_the_age_last() -> None:
    lines = profile_table.table_lines(table())
    assert [line[:13].strip() for line in lines[1:-1]] == list(STAGES)
    assert re.split(r"  +", lines[-1].strip()) == [
        "age at gauge",
        "80.00",
        "90.00",
        "95.00",
        "99.00",
    ]
    assert all(("waits" in line) == (line[:13].strip() in WAITS) for line in lines[1:-1])
    assert max(map(len, lines)) < 78


def test_the_table_fits_into_80_columns_even_when_a_stage_hangs() -> None:
    slow = StageTimes("faces", False, 1, 99999.99, 99999.99, 99999.99, 99999.99, 1.0, 1.0)
    assert max(map(len, profile_table.table_lines(table(faces=slow)))) < 78


def test_the_explained_share_of_the_age_has_a_line() -> None:
    assert "sum up to 98.7 % of the age" in profile_table.explained_line(table())
    assert (
        profile_table.explained_line(ProfileTable((), "verdict", None, None))
        == "no reading was made"
    )


@pytest.mark.parametrize(
    ("changes", "hint"),
    [
        ({}, "nothing is at its limit: the busiest thread, vision, works 30 % of the time"),
        (
            {"recognition": stage("recognition", 0.8)},
            "engine-bound: the recognition thread works 90 % of the time",
        ),
        (
            {"landmarks": stage("landmarks", 0.7)},
            "bound by landmarks: the vision thread works 90 % of the time",
        ),
    ],
)
def test_the_bottleneck_is_named(changes: dict[str, StageTimes], hint: str) -> None:
    assert hint in profile_table.hints(table(**changes))[0]


def test_a_stage_that_waits_for_a_core_is_named() -> None:
    assert (
        "faces had a core for 40 % of its work"
        in profile_table.hints(table(faces=stage("faces", cpu_share=0.4)))[1]
    )
    assert len(profile_table.hints(table())) == 1
    assert profile_table.hints(ProfileTable((), "verdict", None, None)) == [
        "nothing was measured yet"
    ]
