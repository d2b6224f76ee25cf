"""Profiler: times of every stage, and how much of a reading's age they explain."""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from realtime.core.clock import Clock
from realtime.core.snapshot import ProfileTable, StageTimes
from realtime.core.tracing import NO_FRAME, STAGES, VIEW, WAITS, Span, TraceEvent, Tracer
from realtime.profiling.histogram import Histogram
from realtime.profiling.latency import LatencyTracker

TRACE_CAPACITY = 400_000  # spans and events of a trace: half an hour at 30 frames/s
QUEUE_CAPACITY = 100_000  # unprocessed items: minutes of a run whose table is never read
TABLE_S = 0.5  # how long a table is good for


@dataclass(frozen=True, slots=True)
class JudgedFrame:
    """Event: the verdict of a frame was published."""

    frame: int
    at_s: float


@dataclass(frozen=True, slots=True)
class ShownFrame:
    """Event: the newest drawing is the first to show the reading of a frame."""

    frame: int


class _SpanTimer(AbstractContextManager[None]):
    """Context manager that times one span of work in the calling thread."""

    __slots__ = ("_began_cpu_s", "_began_s", "_clock", "_cpu_s", "_frame", "_queue", "_stage")

    def __init__(
        self,
        clock: Clock,
        cpu_s: Callable[[], float],
        queue: deque[Span | TraceEvent | JudgedFrame | ShownFrame],
        stage: str,
        frame: int,
    ) -> None:
        self._clock, self._cpu_s, self._queue = clock, cpu_s, queue
        self._stage, self._frame = stage, frame

    def __enter__(self) -> None:
        self._began_cpu_s = self._cpu_s()
        self._began_s = self._clock.now_s()

    def __exit__(self, *_: object) -> None:
        lasted_s = self._clock.now_s() - self._began_s
        on_cpu_s = 0.0 if self._stage in WAITS else self._cpu_s() - self._began_cpu_s
        self._queue.append(Span(self._stage, self._frame, self._began_s, lasted_s, on_cpu_s))


class Profiler(Tracer):
    """Tracer that records spans. Any thread may call any method.

    Recording is one append to a bounded queue; the reader of a table does the sums. `trace` also
    stores the newest spans and events one by one. `cpu_s` returns the calling thread's CPU time.
    """

    def __init__(
        self, clock: Clock, *, trace: bool = False, cpu_s: Callable[[], float] = time.thread_time
    ) -> None:
        self._clock, self._cpu_s = clock, cpu_s
        self._lock = threading.Lock()
        self._began_s = math.inf
        self._queue: deque[Span | TraceEvent | JudgedFrame | ShownFrame] = deque(
            maxlen=QUEUE_CAPACITY
        )
        self._histograms = {stage: Histogram() for stage in STAGES}
        self._on_cpu_s = dict.fromkeys(STAGES, 0.0)
        self._latency = LatencyTracker()
        self._trace: deque[Span | TraceEvent] | None = (
            deque(maxlen=TRACE_CAPACITY) if trace else None
        )
        self._traced = 0
        self._drawing: Span | None = None  # the newest
        self._table: tuple[float, ProfileTable] | None = None

    def span(self, stage: str, frame: int = NO_FRAME) -> AbstractContextManager[None]:
        """Return a context manager that records a stage's work on a frame, and its CPU time."""
        return _SpanTimer(self._clock, self._cpu_s, self._queue, stage, frame)

    def wait(self, stage: str, frame: int, since_s: float, until_s: float) -> None:
        """Record that a frame waited from `since_s` to `until_s`."""
        self._queue.append(Span(stage, frame, since_s, max(0.0, until_s - since_s)))

    def event(self, name: str, thread: str, details: str = "") -> None:
        """Record an event at the present time; without `trace` none is kept."""
        if self._trace is not None:
            self._queue.append(TraceEvent(name, thread, self._clock.now_s(), details))

    def judged(self, frame: int) -> None:
        """Record that the reading of a frame is published."""
        self._queue.append(JudgedFrame(frame, self._clock.now_s()))

    def shown(self, frame: int) -> None:
        """Record that the view just drew the reading of a frame for the first time."""
        self._queue.append(ShownFrame(frame))

    def table(self) -> ProfileTable:
        """Return the table of stages and ages, at most half a second old."""
        now_s = self._clock.now_s()
        with self._lock:
            self._process_queue()
            if self._table is None or now_s - self._table[0] >= TABLE_S:
                self._table = (now_s, self._make_table(now_s))
            return self._table[1]

    def final(self) -> ProfileTable:
        """Return the table of the whole run, computed now."""
        self._table = None
        return self.table()

    def trace_entries(self) -> tuple[list[Span | TraceEvent], int]:
        """Return the spans and events of the trace, and how many older ones were dropped."""
        with self._lock:
            self._process_queue()
            entries = list(self._trace or ())
            return entries, self._traced - len(entries)

    def distributions(self, bars: int) -> dict[str, list[tuple[float, int]]]:
        """Return the bars of every stage with data, as `Histogram.bars` gives them."""
        with self._lock:
            self._process_queue()
            return {
                stage: found.bars(bars) for stage, found in self._histograms.items() if found.count
            }

    def _process_queue(self) -> None:
        """Process the queue in the order of its items."""
        while self._queue:
            one = self._queue.popleft()
            if isinstance(one, Span):
                self._add_span(one)
            elif isinstance(one, TraceEvent):
                self._add_to_trace(one)
            elif isinstance(one, JudgedFrame):
                self._latency.judged(one.frame, one.at_s)
            elif self._drawing is not None:
                waited = self._latency.shown(one.frame, self._drawing)
                if waited is not None:
                    self._count(waited)

    def _add_span(self, span: Span) -> None:
        self._latency.add(span)
        self._count(span)
        if span.stage == VIEW:
            self._drawing = span

    def _count(self, span: Span) -> None:
        self._began_s = min(self._began_s, span.began_s)
        self._histograms[span.stage].add(span.lasted_s)
        self._on_cpu_s[span.stage] += span.on_cpu_s
        self._add_to_trace(span)

    def _add_to_trace(self, what: Span | TraceEvent) -> None:
        if self._trace is not None:
            self._traced += 1
            self._trace.append(what)

    def _make_table(self, now_s: float) -> ProfileTable:
        elapsed_s = max(now_s - self._began_s, 1e-9)
        stages = tuple(
            self._row(stage, elapsed_s) for stage in STAGES if self._histograms[stage].count
        )
        at_gauge, at_verdict = self._latency.at_gauge, self._latency.at_verdict
        where, settled = ("gauge", at_gauge) if at_gauge.ages.count else ("verdict", at_verdict)
        age = _stage_times(where, settled.ages) if settled.ages.count else None
        return ProfileTable(stages, where, age, settled.share)

    def _row(self, stage: str, elapsed_s: float) -> StageTimes:
        found = self._histograms[stage]
        share = (
            None
            if stage in WAITS or not found.total_s
            else min(1.0, self._on_cpu_s[stage] / found.total_s)
        )
        return _stage_times(
            stage, found, waits=stage in WAITS, busy=found.total_s / elapsed_s, cpu_share=share
        )


def _stage_times(
    name: str,
    found: Histogram,
    *,
    waits: bool = False,
    busy: float = 0.0,
    cpu_share: float | None = None,
) -> StageTimes:
    p50, p95, p99 = (1e3 * found.percentile_s(percent) for percent in (50, 95, 99))
    return StageTimes(
        name, waits, found.count, p50, p95, p99, 1e3 * found.longest_s, busy, cpu_share
    )
