"""The profiler on clocks that are advanced by hand."""

from __future__ import annotations

import threading

import pytest

from realtime.core.snapshot import StageTimes
from realtime.core.tracing import (
    FACES,
    FRAME_QUEUE,
    RECOGNITION,
    SCREEN,
    SOURCE,
    TICK_QUEUE,
    VIEW,
    Span,
    TraceEvent,
)
from realtime.profiling import profiler as module
from realtime.profiling.profiler import Profiler


class ManualClocks:
    """Wall clock and CPU time of the calling thread."""

    def __init__(self) -> None:
        self.wall_s = 100.0
        self.cpu_s = 0.0

    def now_s(self) -> float:
        return self.wall_s

    def wait_until(self, at_s: float, stop: threading.Event) -> None:
        self.wall_s = max(self.wall_s, at_s)

    def advance(self, seconds: float, on_cpu: float = 1.0) -> None:
        self.wall_s += seconds
        self.cpu_s += seconds * on_cpu


@pytest.fixture
def clocks() -> ManualClocks:
    return ManualClocks()


def profiler_on(clocks: ManualClocks, *, trace: bool = False) -> Profiler:
    return Profiler(clocks, trace=trace, cpu_s=lambda: clocks.cpu_s)


def work(
    profile: Profiler,
    clocks: ManualClocks,
    stage: str,
    frame: int,
    seconds: float,
    on_cpu: float = 1.0,
) -> None:
    with profile.span(stage, frame):
        clocks.advance(seconds, on_cpu)


def one_frame(
    profile: Profiler, clocks: ManualClocks, frame: int, *, lost_s: float = 0.0, shown: bool = True
) -> None:
    """Trace a frame: queue 10 ms, faces 20, queue 5, recognition 15, screen 40, view 10."""
    read_at_s = clocks.wall_s
    clocks.advance(0.010)
    profile.wait(FRAME_QUEUE, frame, read_at_s, clocks.wall_s)
    work(profile, clocks, FACES, frame, 0.020)
    clocks.advance(lost_s)
    since_s = clocks.wall_s
    clocks.advance(0.005)
    profile.wait(TICK_QUEUE, frame, since_s, clocks.wall_s)
    work(profile, clocks, RECOGNITION, frame, 0.015, on_cpu=0.5)
    profile.judged(frame)
    clocks.advance(0.040)
    work(profile, clocks, VIEW, -1, 0.010)
    if shown:
        profile.shown(frame)


def row(profile: Profiler, name: str) -> StageTimes:
    return next(stage for stage in profile.final().stages if stage.name == name)


def test_stages_and_waits_are_distinguished(clocks: ManualClocks) -> None:
    profile = profiler_on(clocks)
    one_frame(profile, clocks, 0)
    assert [stage.name for stage in profile.final().stages] == [
        *(FRAME_QUEUE, FACES, TICK_QUEUE, RECOGNITION, SCREEN, VIEW)
    ]
    assert {stage.name for stage in profile.final().stages if stage.waits} == {
        FRAME_QUEUE,
        TICK_QUEUE,
        SCREEN,
    }
    assert row(profile, RECOGNITION).p50_ms == pytest.approx(15, rel=0.02)
    assert row(profile, SCREEN).p50_ms == pytest.approx(40, rel=0.02)


def test_the_stages_explain_the_age_of_what_is_shown(clocks: ManualClocks) -> None:
    profile = profiler_on(clocks)
    for frame in range(5):
        one_frame(profile, clocks, frame)
    table = profile.final()
    assert table.where == "gauge"
    assert table.age is not None
    assert table.age.p50_ms == pytest.approx(100, rel=0.02)
    assert table.explained == pytest.approx(1.0)


def test_untraced_time_lowers_the_explained_share(clocks: ManualClocks) -> None:
    profile = profiler_on(clocks)
    one_frame(profile, clocks, 0, lost_s=0.1)
    assert profile.final().explained == pytest.approx(0.5)


def test_headless_the_age_ends_at_the_verdict(clocks: ManualClocks) -> None:
    profile = profiler_on(clocks)
    one_frame(profile, clocks, 0, shown=False)
    table = profile.final()
    assert table.where == "verdict"
    assert table.age is not None
    assert table.age.p50_ms == pytest.approx(50, rel=0.02)


def test_the_cpu_share_shows_a_thread_without_a_core(clocks: ManualClocks) -> None:
    profile = profiler_on(clocks)
    one_frame(profile, clocks, 0)
    assert row(profile, RECOGNITION).cpu_share == pytest.approx(0.5)
    assert row(profile, FACES).cpu_share == pytest.approx(1.0)
    assert row(profile, FRAME_QUEUE).cpu_share is None


def test_busy_is_a_share_of_the_time_since_the_first_span(clocks: ManualClocks) -> None:
    """Loading and compiling take seconds in which no stage was idle."""
    profile = profiler_on(clocks)
    clocks.advance(30.0)
    one_frame(profile, clocks, 0)
    assert row(profile, FACES).busy == pytest.approx(0.2)


def test_a_stage_that_raises_is_measured(clocks: ManualClocks) -> None:
    profile = profiler_on(clocks)

    def fail() -> None:
        with profile.span(FACES, 0):
            clocks.advance(0.5)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert row(profile, FACES).max_ms == pytest.approx(500)


def test_a_reading_that_is_drawn_again_counts_once(clocks: ManualClocks) -> None:
    profile = profiler_on(clocks)
    one_frame(profile, clocks, 0)
    profile.shown(0)
    table = profile.final()
    assert table.age is not None
    assert table.age.count == 1


def test_a_trace_keeps_the_newest_and_counts_the_rest(
    clocks: ManualClocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "TRACE_CAPACITY", 3)
    profile = profiler_on(clocks, trace=True)
    for frame in range(4):
        work(profile, clocks, SOURCE, frame, 0.01)
    profile.event("stale", "drops")
    entries, dropped = profile.trace_entries()
    assert [type(one) for one in entries] == [Span, Span, TraceEvent]
    assert dropped == 2


def test_without_a_trace_no_single_span_is_stored(clocks: ManualClocks) -> None:
    profile = profiler_on(clocks)
    one_frame(profile, clocks, 0)
    profile.event("stale", "drops")
    assert profile.trace_entries() == ([], 0)


def test_a_table_is_recomputed_once_it_is_old(clocks: ManualClocks) -> None:
    profile = profiler_on(clocks)
    first = profile.table()
    work(profile, clocks, FACES, 0, 0.1)
    assert profile.table() is first
    clocks.advance(1.0)
    assert [stage.name for stage in profile.table().stages] == [FACES]
