from __future__ import annotations

import pytest

from realtime.core.tracing import (
    FACES,
    FRAME_QUEUE,
    NO_TRACING,
    RECOGNITION,
    SCREEN,
    STAGES,
    THREADS,
    TICK_QUEUE,
    WAITS,
    Span,
)


def test_a_span_ends_after_its_duration() -> None:
    assert Span(FACES, 0, 10.0, 0.25).ended_s == pytest.approx(10.25)


def test_every_stage_runs_in_a_thread_or_is_a_queue() -> None:
    assert set(STAGES) == set(THREADS) | set(WAITS)
    assert len(set(STAGES)) == len(STAGES)
    assert set(WAITS) - set(THREADS) == {FRAME_QUEUE, TICK_QUEUE, SCREEN}


def test_without_profiling_nothing_is_recorded_or_allocated() -> None:
    with NO_TRACING.span(FACES, 0):
        NO_TRACING.wait(FRAME_QUEUE, 0, 0.0, 1.0)
    NO_TRACING.event("stale", "drops")
    NO_TRACING.judged(0)
    NO_TRACING.shown(0)
    assert NO_TRACING.table() is None
    assert NO_TRACING.span(FACES) is NO_TRACING.span(RECOGNITION)
