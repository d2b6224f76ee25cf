"""What the stages tell of a frame, set against the age of its reading."""

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

WAY = ((FRAME_QUEUE, 2.0), (FACES, 3.0), (TICK_QUEUE, 1.0), (RECOGNITION, 4.0))
DRAWING = Span(VIEW, NO_FRAME, 15.0, 5.0)


def followed(frame: int = 7, gap_s: float = 0.0) -> LatencyTracker:
    """A frame read at 0 s with an untraced `gap_s` after each stage."""
    accounts, now_s = LatencyTracker(), 0.0
    for stage, lasted_s in WAY:
        accounts.add(Span(stage, frame, now_s, lasted_s))
        now_s += lasted_s + gap_s
    accounts.judged(frame, now_s)
    return accounts


def test_a_chain_without_gaps_explains_all_of_the_age() -> None:
    accounts = followed()
    assert accounts.at_verdict.ages.total_s == pytest.approx(10.0)
    assert accounts.at_verdict.share == pytest.approx(1.0)
    assert accounts.shown(7, DRAWING) == Span(SCREEN, 7, 10.0, 5.0)
    assert accounts.at_gauge.ages.total_s == pytest.approx(20.0)
    assert accounts.at_gauge.share == pytest.approx(1.0)


def test_gaps_are_age_that_nothing_explains() -> None:
    accounts = followed(gap_s=0.5)
    assert accounts.at_verdict.share == pytest.approx(10 / 12)
    accounts.shown(7, DRAWING)
    assert accounts.at_gauge.share == pytest.approx(18 / 20)


def test_only_what_belongs_to_the_frame_explains_its_age() -> None:
    accounts = followed()
    accounts.add(Span(FACES, 8, 10.0, 1.0))
    accounts.add(Span(RECOGNITION, NO_FRAME, 10.0, 1.0))
    accounts.shown(7, DRAWING)
    assert accounts.at_gauge.share == pytest.approx(1.0)


def test_a_frame_is_shown_once_and_takes_older_ones_along() -> None:
    accounts = followed()
    accounts.add(Span(FRAME_QUEUE, 6, 0.0, 1.0))
    accounts.shown(7, DRAWING)
    assert accounts.shown(7, DRAWING) is None
    assert accounts.shown(6, DRAWING) is None
    assert accounts.at_gauge.ages.count == 1
    assert len(accounts) == 0


def test_frames_that_are_never_shown_are_forgotten() -> None:
    accounts = LatencyTracker()
    for frame in range(4 * ON_THE_WAY):
        accounts.add(Span(FRAME_QUEUE, frame, float(frame), 0.0))
    assert len(accounts) == ON_THE_WAY


def test_before_the_first_reading_there_is_nothing_to_explain() -> None:
    accounts = LatencyTracker()
    accounts.judged(3, 1.0)
    assert accounts.at_verdict.share is None
    assert accounts.shown(3, DRAWING) is None
