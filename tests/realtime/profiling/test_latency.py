"""How much of a reading's age the stages of its frame explain."""

from __future__ import annotations

import pytest

from realtime.core.tracing import (
    FACES,
    FRAME_QUEUE,
    NO_FRAME,
    RECOGNITION,
    SCREEN,
    TICK_QUEUE,
    VIEW,
    Span,
)
from realtime.profiling.latency import ON_THE_WAY, LatencyTracker

STAGE_TIMES = ((FRAME_QUEUE, 2.0), (FACES, 3.0), (TICK_QUEUE, 1.0), (RECOGNITION, 4.0))
DRAWING = Span(VIEW, NO_FRAME, 15.0, 5.0)


def tracked(frame: int = 7, gap_s: float = 0.0) -> LatencyTracker:
    """Return a tracker of a frame read at 0 s with an untraced `gap_s` after each stage."""
    tracker, now_s = LatencyTracker(), 0.0
    for stage, lasted_s in STAGE_TIMES:
        tracker.add(Span(stage, frame, now_s, lasted_s))
        now_s += lasted_s + gap_s
    tracker.judged(frame, now_s)
    return tracker


def test_a_chain_without_gaps_explains_all_of_the_age() -> None:
    tracker = tracked()
    assert tracker.at_verdict.ages.total_s == pytest.approx(10.0)
    assert tracker.at_verdict.share == pytest.approx(1.0)
    assert tracker.shown(7, DRAWING) == Span(SCREEN, 7, 10.0, 5.0)
    assert tracker.at_gauge.ages.total_s == pytest.approx(20.0)
    assert tracker.at_gauge.share == pytest.approx(1.0)


def test_untraced_gaps_are_unexplained_age() -> None:
    tracker = tracked(gap_s=0.5)
    assert tracker.at_verdict.share == pytest.approx(10 / 12)
    tracker.shown(7, DRAWING)
    assert tracker.at_gauge.share == pytest.approx(18 / 20)


def test_only_spans_of_the_frame_explain_its_age() -> None:
    tracker = tracked()
    tracker.add(Span(FACES, 8, 10.0, 1.0))
    tracker.add(Span(RECOGNITION, NO_FRAME, 10.0, 1.0))
    tracker.shown(7, DRAWING)
    assert tracker.at_gauge.share == pytest.approx(1.0)


def test_a_frame_is_shown_once_and_older_ones_are_dropped() -> None:
    tracker = tracked()
    tracker.add(Span(FRAME_QUEUE, 6, 0.0, 1.0))
    tracker.shown(7, DRAWING)
    assert tracker.shown(7, DRAWING) is None
    assert tracker.shown(6, DRAWING) is None
    assert tracker.at_gauge.ages.count == 1
    assert len(tracker) == 0


def test_frames_that_are_never_shown_are_dropped() -> None:
    tracker = LatencyTracker()
    for frame in range(4 * ON_THE_WAY):
        tracker.add(Span(FRAME_QUEUE, frame, float(frame), 0.0))
    assert len(tracker) == ON_THE_WAY


def test_before_the_first_reading_nothing_is_explained() -> None:
    tracker = LatencyTracker()
    tracker.judged(3, 1.0)
    assert tracker.at_verdict.share is None
    assert tracker.shown(3, DRAWING) is None
