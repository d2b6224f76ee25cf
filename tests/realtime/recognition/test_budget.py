from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.recognition.budget import (
    MOST_STRIDES,
    QUICK_TICKS,
    SLOW_TICKS,
    LatencyBudget,
    Pace,
    paces,
)

STRIDE_S = 0.2


def after(budget: LatencyBudget, seconds: float, ticks: int) -> Pace:
    for _ in range(ticks):
        budget.record(seconds)
    return budget.pace


def settle(budget: LatencyBudget, step_s: float, ticks: int = 200) -> Pace:
    """Return the final pace for an engine whose steps take `step_s` each."""
    for _ in range(ticks):
        budget.record(step_s * budget.pace.steps)
    return budget.pace


def test_steps_are_reduced_before_strides_lengthen() -> None:
    assert paces(6) == (
        Pace(6, 1),
        Pace(3, 1),
        Pace(1, 1),
        Pace(1, 2),
        Pace(1, 3),
        Pace(1, 4),
        Pace(1, MOST_STRIDES),
    )
    assert paces(1)[:2] == (Pace(1, 1), Pace(1, 2))


def test_ticks_within_their_stride_change_nothing() -> None:
    budget = LatencyBudget(4, STRIDE_S)
    assert after(budget, STRIDE_S, 100) == Pace(4, 1)
    assert budget.notice == ""


def test_a_single_slow_tick_changes_nothing() -> None:
    budget = LatencyBudget(4, STRIDE_S)
    for _ in range(20):
        assert after(budget, 0.5, SLOW_TICKS - 1) == Pace(4, 1)
        assert after(budget, 0.1, 1) == Pace(4, 1)


def test_slow_ticks_in_a_row_reduce_the_steps_with_a_notice() -> None:
    budget = LatencyBudget(4, STRIDE_S)
    assert after(budget, 0.3, SLOW_TICKS) == Pace(2, 1)
    assert budget.notice == "recognition takes longer than its stride: 2 of 4 steps"


def test_where_one_step_is_too_slow_strides_lengthen_with_a_notice() -> None:
    budget = LatencyBudget(2, STRIDE_S)
    assert settle(budget, 0.35) == Pace(1, 2)
    assert budget.stride_s == pytest.approx(0.4)
    assert (
        budget.notice
        == "recognition takes longer than its stride: 1 of 2 steps, a reading every 0.4 s"
    )
    alone = LatencyBudget(1, STRIDE_S)
    settle(alone, 0.35)
    assert alone.notice == "recognition takes longer than its stride: a reading every 0.4 s"


def test_a_very_slow_engine_ends_at_the_slowest_pace() -> None:
    budget = LatencyBudget(2, STRIDE_S)
    assert settle(budget, 60.0) == Pace(1, MOST_STRIDES)


def test_the_pace_recovers_step_by_step() -> None:
    budget = LatencyBudget(4, STRIDE_S)
    settle(budget, 0.35)
    recorded_paces = [budget.pace]
    for _ in range(4 * QUICK_TICKS):
        budget.record(0.01 * budget.pace.steps)
        if budget.pace != recorded_paces[-1]:
            recorded_paces.append(budget.pace)
    assert recorded_paces == [Pace(1, 2), Pace(1, 1), Pace(2, 1), Pace(4, 1)]
    assert budget.notice == ""


def test_the_pace_does_not_recover_beyond_the_stride() -> None:
    budget = LatencyBudget(2, STRIDE_S)
    assert settle(budget, 0.12) == Pace(1, 1)  # two steps would take 0.24 s of 0.2
    assert after(budget, 0.12, 100) == Pace(1, 1)


@given(step_s=st.floats(0.001, 3.0), steps=st.integers(1, 20))
def test_the_pace_settles_for_every_step_duration(step_s: float, steps: int) -> None:
    budget = LatencyBudget(steps, STRIDE_S)
    settled = settle(budget, step_s)
    assert [settle(budget, step_s, 1) for _ in range(50)] == [settled] * 50
    assert step_s * settled.steps <= budget.stride_s or settled == paces(steps)[-1]


@pytest.mark.parametrize("change", [(0, 1), (1, 0)])
def test_invalid_paces_are_refused(change: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="want 1 or more of each"):
        Pace(*change)
