"""The profile for people: table, hints, trace and page."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree

import pytest

from realtime.core.snapshot import ProfileTable, StageTimes
from realtime.core.tracing import NO_FRAME, STAGES, WAITS, Span, TraceEvent
from realtime.profiling import table as profile_table
from realtime.profiling.chrome_trace import trace_events, trace_json
from realtime.profiling.html_report import bars_svg, html_page


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


def test_it_fits_into_80_columns_even_when_a_stage_hangs() -> None:
    slow = StageTimes("faces", False, 1, 99999.99, 99999.99, 99999.99, 99999.99, 1.0, 1.0)
    assert max(map(len, profile_table.table_lines(table(faces=slow)))) < 78


def test_what_is_explained_is_said() -> None:
    assert "sum up to 98.7 % of the age" in profile_table.explained_line(table())
    assert (
        profile_table.explained_line(ProfileTable((), "verdict", None, None))
        == "no reading was made"
    )


@pytest.mark.parametrize(
    ("changes", "said"),
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
def test_the_bottleneck_is_named(changes: dict[str, StageTimes], said: str) -> None:
    assert said in profile_table.hints(table(**changes))[0]


def test_a_stage_that_lacks_a_core_is_named() -> None:
    assert (
        "faces had a core for 40 % of its work"
        in profile_table.hints(table(faces=stage("faces", cpu_share=0.4)))[1]
    )
    assert len(profile_table.hints(table())) == 1
    assert profile_table.hints(ProfileTable((), "verdict", None, None)) == [
        "nothing was measured yet"
    ]


def test_the_trace_is_one_that_chrome_and_perfetto_read() -> None:
    """By the Trace Event Format: which fields each phase of an event must have."""
    kept = [Span(name, number, 10.0 + number, 0.25, 0.2) for number, name in enumerate(STAGES)]
    marks = [
        TraceEvent("stale", "drops", 11.0),
        TraceEvent("judging", "ticks", 12.0, "fear at 1.20 s"),
    ]
    trace = json.loads(trace_json([*kept, Span("view", NO_FRAME, 30.0, 0.1), *marks], 7))
    assert trace["displayTimeUnit"] == "ms"
    assert trace["otherData"] == {"gone": 7}
    for event in trace["traceEvents"]:
        assert {"name", "ph", "pid", "tid"} <= set(event)
        assert event["ph"] in "MXbei"
        if event["ph"] != "M":
            assert isinstance(event["ts"], int | float)
            assert event["cat"]
        if event["ph"] == "X":
            assert event["dur"] >= event["tdur"] >= 0
        if event["ph"] == "i":
            assert event["s"] == "t"
    threads = {
        e["tid"]: e["args"]["name"] for e in trace["traceEvents"] if e["name"] == "thread_name"
    }
    placed = {e["name"]: threads[e["tid"]] for e in trace["traceEvents"] if e["ph"] in "Xi"}
    assert placed["faces"] == "vision"
    assert placed["source"] == "capture"
    assert placed["stale"] == "drops"
    assert placed["judging"] == "ticks"


def test_waits_in_queues_are_pairs_that_may_overlap() -> None:
    found = [
        e
        for e in trace_events([Span("frame queue", 3, 1.0, 0.5), Span("frame queue", 4, 1.2, 0.5)])
        if "id" in e
    ]
    assert [(e["ph"], e["id"], e["ts"]) for e in found] == [
        *(("b", 0, 1e6), ("e", 0, 1.5e6), ("b", 1, 1.2e6), ("e", 1, 1.7e6))
    ]


def test_the_page_shows_every_stage_and_loads_nothing() -> None:
    shapes = {name: [(0.001, 3), (0.002, 0), (0.004, 1)] for name in STAGES}
    text = html_page(table(), shapes, ["one <hint>"])
    assert text.count("<svg") == len(STAGES)
    assert "One &lt;hint&gt;." in text
    assert "http" not in text
    for name in STAGES:
        assert f"<b>{name}</b>" in text


def test_a_picture_has_a_bar_for_each_count() -> None:
    drawn = ElementTree.fromstring(bars_svg("faces", [(0.001, 4), (0.002, 0), (0.004, 1)]))
    heights = [float(bar.attrib["height"]) for bar in drawn.iter("rect")]
    assert heights == [90.0, 22.5]
    assert [text.text for text in drawn.iter("text")] == ["1 ms", "2 ms", "4 ms"]
