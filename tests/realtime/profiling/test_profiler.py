"""The profile with a clock that is moved by hand."""

from __future__ import annotations

import threading

import pytest

from realtime.core.snapshot import StageTimes
from realtime.core.tracing import (
    FACES,
    FRAME_QUEUE,
    NO_TRACING,
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


class Hands:
    """A clock and a processor's time, both moved by hand."""

    def __init__(self) -> None:
        self.s = 100.0
        self.cpu_s = 0.0

    def now_s(self) -> float:
        return self.s

    def wait_until(self, at_s: float, stop: threading.Event) -> None:
        self.s = max(self.s, at_s)

    def pass_(self, seconds: float, on_cpu: float = 1.0) -> None:
        self.s += seconds
        self.cpu_s += seconds * on_cpu


@pytest.fixture
def hands() -> Hands:
    return Hands()


def made(hands: Hands, *, trace: bool = False) -> Profiler:
    return Profiler(hands, trace=trace, cpu_s=lambda: hands.cpu_s)


def work(
    profile: Profiler, hands: Hands, stage: str, frame: int, seconds: float, on_cpu: float = 1.0
) -> None:
    with profile.span(stage, frame):
        hands.pass_(seconds, on_cpu)


def one_frame(
    profile: Profiler, hands: Hands, frame: int, *, lost_s: float = 0.0, shown: bool = True
) -> None:
    """A frame that waits 10 ms, sees 20, waits 5, is judged 15, waits 40, is drawn 10."""
    read_at_s = hands.s
    hands.pass_(0.010)
    profile.wait(FRAME_QUEUE, frame, read_at_s, hands.s)
    work(profile, hands, FACES, frame, 0.020)
    hands.pass_(lost_s)
    since_s = hands.s
    hands.pass_(0.005)
    profile.wait(TICK_QUEUE, frame, since_s, hands.s)
    work(profile, hands, RECOGNITION, frame, 0.015, on_cpu=0.5)
    profile.judged(frame)
    hands.pass_(0.040)
    work(profile, hands, VIEW, -1, 0.010)
    if shown:
        profile.shown(frame)


def row(profile: Profiler, name: str) -> StageTimes:
    return next(stage for stage in profile.final().stages if stage.name == name)


def test_stages_and_waits_are_told_apart(hands: Hands) -> None:
    profile = made(hands)
    one_frame(profile, hands, 0)
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


def test_the_stages_explain_the_age_of_what_is_shown(hands: Hands) -> None:
    profile = made(hands)
    for frame in range(5):
        one_frame(profile, hands, frame)
    table = profile.final()
    assert table.where == "gauge"
    assert table.age is not None
    assert table.age.p50_ms == pytest.approx(100, rel=0.02)
    assert table.explained == pytest.approx(1.0)


def test_time_that_no_stage_tells_is_missing_in_what_they_explain(hands: Hands) -> None:
    profile = made(hands)
    one_frame(profile, hands, 0, lost_s=0.1)
    assert profile.final().explained == pytest.approx(0.5)


def test_headless_the_age_ends_at_the_verdict(hands: Hands) -> None:
    profile = made(hands)
    one_frame(profile, hands, 0, shown=False)
    table = profile.final()
    assert table.where == "verdict"
    assert table.age is not None
    assert table.age.p50_ms == pytest.approx(50, rel=0.02)


def test_a_thread_without_a_core_is_seen(hands: Hands) -> None:
    profile = made(hands)
    one_frame(profile, hands, 0)
    assert row(profile, RECOGNITION).cpu_share == pytest.approx(0.5)
    assert row(profile, FACES).cpu_share == pytest.approx(1.0)
    assert row(profile, FRAME_QUEUE).cpu_share is None


def test_busy_is_a_share_of_the_time_since_something_was_measured(hands: Hands) -> None:
    """Loading takes seconds, and compiling even more: no stage was idle then."""
    profile = made(hands)
    hands.pass_(30.0)
    one_frame(profile, hands, 0)
    assert row(profile, FACES).busy == pytest.approx(0.2)


def test_a_stage_that_raises_is_measured_all_the_same(hands: Hands) -> None:
    profile = made(hands)

    def fail() -> None:
        with profile.span(FACES, 0):
            hands.pass_(0.5)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert row(profile, FACES).max_ms == pytest.approx(500)


def test_a_reading_that_is_drawn_again_counts_once(hands: Hands) -> None:
    profile = made(hands)
    one_frame(profile, hands, 0)
    profile.shown(0)
    table = profile.final()
    assert table.age is not None
    assert table.age.count == 1


def test_a_trace_keeps_the_newest_and_counts_the_rest(
    hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "TRACE_CAPACITY", 3)
    profile = made(hands, trace=True)
    for frame in range(4):
        work(profile, hands, SOURCE, frame, 0.01)
    profile.event("stale", "drops")
    kept, gone = profile.kept()
    assert [type(one) for one in kept] == [Span, Span, TraceEvent]
    assert gone == 2


def test_without_a_trace_nothing_single_is_kept(hands: Hands) -> None:
    profile = made(hands)
    one_frame(profile, hands, 0)
    profile.event("stale", "drops")
    assert profile.kept() == ([], 0)


def test_a_table_is_made_anew_when_it_is_old(hands: Hands) -> None:
    profile = made(hands)
    first = profile.table()
    work(profile, hands, FACES, 0, 0.1)
    assert profile.table() is first
    hands.pass_(1.0)
    assert [stage.name for stage in profile.table().stages] == [FACES]


def test_who_does_not_profile_pays_for_nothing_and_gets_nothing() -> None:
    with NO_TRACING.span(FACES, 0):
        NO_TRACING.wait(FRAME_QUEUE, 0, 0.0, 1.0)
    NO_TRACING.event("stale", "drops")
    NO_TRACING.judged(0)
    NO_TRACING.shown(0)
    assert NO_TRACING.table() is None
    assert NO_TRACING.span(FACES) is NO_TRACING.span(RECOGNITION)
