from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from realtime.core.messages import State
from realtime.view.terminal.history_chart import SPAN_S, render_history, sample, sparkline


def test_each_column_shows_the_newest_reading_of_its_time(verdict) -> None:
    history = [verdict(State.JUDGING, tenth / 100, at_s=tenth / 10) for tenth in range(101)]
    values = sample(history, now_s=10.0, columns=10, hold_s=0.2)
    assert values == [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]


def test_columns_without_a_reading_are_none(verdict) -> None:
    history = [
        verdict(State.JUDGING, 0.9, at_s=5.0),
        verdict(State.NEUTRAL, at_s=6.0),
        verdict(State.JUDGING, 0.2, at_s=8.0),
    ]
    assert sample(history, now_s=10.0, columns=10, hold_s=1.5) == [None] * 4 + [
        0.9,
        None,
        None,
        0.2,
        0.2,
        None,
    ]


def test_a_reading_is_held_for_hold_s_at_most(verdict) -> None:
    assert sample([verdict(State.JUDGING, 0.9, at_s=0.0)], SPAN_S, 10, hold_s=0.2) == [None] * 10


def test_more_columns_than_readings_leave_no_gaps(verdict) -> None:
    history = [verdict(State.JUDGING, 0.8, at_s=tenth / 10) for tenth in range(101)]
    assert None not in sample(history, now_s=10.0, columns=400, hold_s=0.2)


def test_bars_grow_up_for_genuine_and_down_for_fake() -> None:
    rows = [line.plain for line in sparkline([1.0, 0.75, 0.5, None, 0.25, 0.0], 5)]
    assert rows == ["█     ", "██▄   ", "───·──", "    ██", "     █"]


@given(p=st.floats(0, 1), arm=st.integers(1, 12))
def test_every_reading_is_visible_and_a_gap_is_empty(p: float, arm: int) -> None:
    rows = [line.plain for line in sparkline([p, None], 2 * arm + 1)]
    above, below = "".join(row[0] for row in rows[:arm]), "".join(row[0] for row in rows[arm + 1 :])
    assert bool(above.strip()) == (p >= 0.5)
    assert bool(below.strip()) == (p < 0.5)
    assert {row[1] for row in rows} == {" ", "·"}


def test_the_chart_labels_its_axes(verdict) -> None:
    rows = [
        line.plain for line in render_history([verdict(State.JUDGING, 0.9, at_s=3.0)], 78, 7, 0.2)
    ]
    assert rows[0].startswith("GENUINE")
    assert rows[3].startswith("10 s ago ·")
    assert rows[3].endswith("─ now")
    assert rows[6].startswith("FAKE")
    assert len(rows[3]) == 78


def test_the_chart_without_history_is_a_dotted_line() -> None:
    assert set(render_history([], 40, 5, 0.2)[2].plain[9:-4]) == {"·"}
