"""The profile of a run: every stage's times, and how much of a reading's age they explain."""

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

KEPT = 400_000  # spans and marks of a trace: half an hour at 30 frames/s
NEWS = 100_000  # what was told and not yet summed up: minutes, should nobody ask
TABLE_S = 0.5  # how long a table is good for


@dataclass(frozen=True, slots=True)
class JudgedFrame:
    """The reading of a frame is out."""

    frame: int
    at_s: float


@dataclass(frozen=True, slots=True)
class ShownFrame:
    """The drawing that was told last is the first to show the reading of a frame."""

    frame: int


class _SpanTimer(AbstractContextManager[None]):
    """One stretch of work, measured in the thread that does it."""

    __slots__ = ("_began_cpu_s", "_began_s", "_clock", "_cpu_s", "_frame", "_news", "_stage")

    def __init__(
        self,
        clock: Clock,
        cpu_s: Callable[[], float],
        news: deque[Span | TraceEvent | JudgedFrame | ShownFrame],
        stage: str,
        frame: int,
    ) -> None:
        self._clock, self._cpu_s, self._news = clock, cpu_s, news
        self._stage, self._frame = stage, frame

    def __enter__(self) -> None:
        self._began_cpu_s = self._cpu_s()
        self._began_s = self._clock.now_s()

    def __exit__(self, *_: object) -> None:
        lasted_s = self._clock.now_s() - self._began_s
        on_cpu_s = 0.0 if self._stage in WAITS else self._cpu_s() - self._began_cpu_s
        self._news.append(Span(self._stage, self._frame, self._began_s, lasted_s, on_cpu_s))


class Profiler(Tracer):
    """Keeps what the stages tell. Any thread may tell, any thread may ask.

    Telling is one append to a deque, which costs the stages least; the sums are made by who asks for a table, and the
    deque is bounded should nobody ask. `trace` keeps every single span and mark as well, the newest `KEPT` of them.
    `cpu_s` is the calling thread's time on a core.
    """

    def __init__(
        self, clock: Clock, *, trace: bool = False, cpu_s: Callable[[], float] = time.thread_time
    ) -> None:
        self._clock, self._cpu_s = clock, cpu_s
        self._lock = threading.Lock()
        self._began_s = math.inf
        self._news: deque[Span | TraceEvent | JudgedFrame | ShownFrame] = deque(maxlen=NEWS)
        self._histograms = {stage: Histogram() for stage in STAGES}
        self._on_cpu_s = dict.fromkeys(STAGES, 0.0)
        self._accounts = LatencyTracker()
        self._kept: deque[Span | TraceEvent] | None = deque(maxlen=KEPT) if trace else None
        self._told = 0
        self._drawing: Span | None = None  # the newest
        self._table: tuple[float, ProfileTable] | None = None

    def span(self, stage: str, frame: int = NO_FRAME) -> AbstractContextManager[None]:
        return _SpanTimer(self._clock, self._cpu_s, self._news, stage, frame)

    def wait(self, stage: str, frame: int, since_s: float, until_s: float) -> None:
        self._news.append(Span(stage, frame, since_s, max(0.0, until_s - since_s)))

    def event(self, name: str, thread: str, said: str = "") -> None:
        if self._kept is not None:
            self._news.append(TraceEvent(name, thread, self._clock.now_s(), said))

    def judged(self, frame: int) -> None:
        self._news.append(JudgedFrame(frame, self._clock.now_s()))

    def shown(self, frame: int) -> None:
        self._news.append(ShownFrame(frame))

    def table(self) -> ProfileTable:
        """Every stage that was passed, and the ages; at most half a second old."""
        now_s = self._clock.now_s()
        with self._lock:
            self._digest()
            if self._table is None or now_s - self._table[0] >= TABLE_S:
                self._table = (now_s, self._tabled(now_s))
            return self._table[1]

    def final(self) -> ProfileTable:
        """The table of everything, now."""
        self._table = None
        return self.table()

    def kept(self) -> tuple[list[Span | TraceEvent], int]:
        """The spans and marks of the trace, and how many older ones had to go."""
        with self._lock:
            self._digest()
            kept = list(self._kept or ())
            return kept, self._told - len(kept)

    def distributions(self, bars: int) -> dict[str, list[tuple[float, int]]]:
        """The distribution of every stage that was passed, as `Histogram.shape` gives it."""
        with self._lock:
            self._digest()
            return {
                stage: found.bars(bars) for stage, found in self._histograms.items() if found.count
            }

    def _digest(self) -> None:
        """Sum up what was told since the last time, in the order in which it was."""
        while self._news:
            one = self._news.popleft()
            if isinstance(one, Span):
                self._take(one)
            elif isinstance(one, TraceEvent):
                self._keep(one)
            elif isinstance(one, JudgedFrame):
                self._accounts.judged(one.frame, one.at_s)
            elif self._drawing is not None:
                waited = self._accounts.shown(one.frame, self._drawing)
                if waited is not None:
                    self._count(waited)

    def _take(self, span: Span) -> None:
        self._accounts.add(span)
        self._count(span)
        if span.stage == VIEW:
            self._drawing = span

    def _count(self, span: Span) -> None:
        self._began_s = min(self._began_s, span.began_s)
        self._histograms[span.stage].add(span.lasted_s)
        self._on_cpu_s[span.stage] += span.on_cpu_s
        self._keep(span)

    def _keep(self, what: Span | TraceEvent) -> None:
        if self._kept is not None:
            self._told += 1
            self._kept.append(what)

    def _tabled(self, now_s: float) -> ProfileTable:
        elapsed_s = max(now_s - self._began_s, 1e-9)
        stages = tuple(
            self._row(stage, elapsed_s) for stage in STAGES if self._histograms[stage].count
        )
        at_gauge, at_verdict = self._accounts.at_gauge, self._accounts.at_verdict
        where, settled = ("gauge", at_gauge) if at_gauge.ages.count else ("verdict", at_verdict)
        age = _times(where, settled.ages) if settled.ages.count else None
        return ProfileTable(stages, where, age, settled.share)

    def _row(self, stage: str, elapsed_s: float) -> StageTimes:
        found = self._histograms[stage]
        share = (
            None
            if stage in WAITS or not found.total_s
            else min(1.0, self._on_cpu_s[stage] / found.total_s)
        )
        return _times(
            stage, found, waits=stage in WAITS, busy=found.total_s / elapsed_s, cpu_share=share
        )


def _times(
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
