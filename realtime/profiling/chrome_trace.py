"""Chrome trace of the profile, for https://ui.perfetto.dev and chrome://tracing.

The format is the JSON object of the Trace Event Format: complete events for work, asynchronous
pairs for waits (they may overlap), instant events for ticks and drops. Times are microseconds on
the monotonic clock.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from realtime.core.tracing import THREADS, WAITS, Span, TraceEvent

JsonEvent = dict[str, object]
PROCESS = 1
TRACKS = ("capture", "vision", "recognition", "main", "ticks", "drops")


def trace_json(entries: Iterable[Span | TraceEvent], dropped: int) -> str:
    """Return the trace as JSON; `dropped` counts the older entries that it no longer holds."""
    return json.dumps(
        {
            "traceEvents": list(trace_events(entries)),
            "displayTimeUnit": "ms",
            "otherData": {"gone": dropped},
        }
    )


def trace_events(entries: Iterable[Span | TraceEvent]) -> Iterator[JsonEvent]:
    """Yield the names of the tracks, then the JSON events of each span and event."""
    yield {
        "name": "process_name",
        "ph": "M",
        "pid": PROCESS,
        "tid": 0,
        "args": {"name": "realtime"},
    }
    for number, track in enumerate(TRACKS, start=1):
        yield {
            "name": "thread_name",
            "ph": "M",
            "pid": PROCESS,
            "tid": number,
            "args": {"name": track},
        }
    for number, one in enumerate(entries):
        yield from _instant(one) if isinstance(one, TraceEvent) else _span(one, number)


def _instant(event: TraceEvent) -> Iterator[JsonEvent]:
    where = {"pid": PROCESS, "tid": TRACKS.index(event.thread) + 1}
    yield {
        "name": event.name,
        "cat": event.thread,
        "ph": "i",
        "s": "t",
        "ts": _us(event.at_s),
        **where,
    } | ({"args": {"said": event.details}} if event.details else {})


def _span(span: Span, number: int) -> Iterator[JsonEvent]:
    args = {"frame": span.frame} if span.frame >= 0 else {}
    if span.stage in WAITS and span.stage not in THREADS:
        both = {
            "name": span.stage,
            "cat": "wait",
            "id": number,
            "pid": PROCESS,
            "tid": 0,
            "args": args,
        }
        yield both | {"ph": "b", "ts": _us(span.began_s)}
        yield both | {"ph": "e", "ts": _us(span.began_s + span.lasted_s)}
        return
    tid = TRACKS.index(THREADS[span.stage]) + 1
    times = {"ts": _us(span.began_s), "dur": _us(span.lasted_s), "tdur": _us(span.on_cpu_s)}
    kind = "wait" if span.stage in WAITS else "work"
    yield {
        "name": span.stage,
        "cat": kind,
        "ph": "X",
        "pid": PROCESS,
        "tid": tid,
        **times,
        "args": args,
    }


def _us(seconds: float) -> float:
    return round(seconds * 1e6, 1)
