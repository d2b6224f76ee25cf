from __future__ import annotations

import json

from realtime.core.tracing import NO_FRAME, STAGES, THREADS, Span, TraceEvent
from realtime.profiling.chrome_trace import TRACKS, trace_events, trace_json


def test_the_trace_follows_the_trace_event_format() -> None:
    """Each phase of an event has the fields that Chrome and Perfetto require."""
    spans = [Span(name, number, 10.0 + number, 0.25, 0.2) for number, name in enumerate(STAGES)]
    events = [
        TraceEvent("stale", "drops", 11.0),
        TraceEvent("judging", "ticks", 12.0, "fear at 1.20 s"),
    ]
    trace = json.loads(trace_json([*spans, Span("view", NO_FRAME, 30.0, 0.1), *events], 7))
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


def test_waits_in_queues_are_pairs_of_events_that_may_overlap() -> None:
    waits = [
        e
        for e in trace_events([Span("frame queue", 3, 1.0, 0.5), Span("frame queue", 4, 1.2, 0.5)])
        if "id" in e
    ]
    assert [(e["ph"], e["id"], e["ts"]) for e in waits] == [
        *(("b", 0, 1e6), ("e", 0, 1.5e6), ("b", 1, 1.2e6), ("e", 1, 1.7e6))
    ]


def test_times_are_microseconds_and_work_names_its_frame() -> None:
    (work,) = (
        event for event in trace_events([Span("faces", 7, 2.0, 0.25, 0.125)]) if event["ph"] == "X"
    )
    assert (work["ts"], work["dur"], work["tdur"]) == (2e6, 0.25e6, 0.125e6)
    assert work["args"] == {"frame": 7}
    assert work["cat"] == "work"


def test_work_without_a_frame_and_events_without_details_have_no_arguments() -> None:
    drawing, stale, judging = (
        event
        for event in trace_events(
            [
                Span("view", NO_FRAME, 1.0, 0.1),
                TraceEvent("stale", "drops", 2.0),
                TraceEvent("judging", "ticks", 3.0, "fear at 1.20 s"),
            ]
        )
        if event["ph"] != "M"
    )
    assert drawing["args"] == {}
    assert "args" not in stale
    assert judging["args"] == {"said": "fear at 1.20 s"}


def test_every_thread_of_a_stage_has_a_track() -> None:
    assert set(THREADS.values()) <= set(TRACKS)
