from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.core.messages import State, Verdict
from realtime.view.terminal.needle import ROWS, draw_needle


def _judged(p: float) -> Verdict:
    return Verdict(1.0, 30, "anger", State.JUDGING, p, "", 10.0)


@given(p=st.floats(0, 1), width=st.integers(32, 200))
def test_bar_and_pointer_end_in_the_column_of_the_reading(p: float, width: int) -> None:
    ends, bar, pointer = (line.plain for line in draw_needle(_judged(p), width))
    at = round(p * (width - 1))
    assert pointer[at] == "▲"
    assert bar[at] == "█"
    assert f"{100 * p:.0f} % genuine" in pointer
    assert len(ends) == len(bar) == width
    assert len(pointer) <= width


def test_fake_is_left_and_genuine_right() -> None:
    ends = draw_needle(_judged(0.9), 60)[0].plain
    assert ends.startswith("FAKE")
    assert ends.endswith("GENUINE")


@pytest.mark.parametrize(("p", "first", "last"), [(0.0, 0, 30), (0.5, 30, 30), (1.0, 30, 60)])
def test_the_bar_reaches_from_the_middle_to_the_reading(p: float, first: int, last: int) -> None:
    bar = draw_needle(_judged(p), 61)[1].plain
    assert (bar.index("█"), bar.rindex("█")) == (first, last)


def test_without_a_reading_the_needle_is_empty() -> None:
    for verdict in (None, Verdict(1.0, 30, "anger", State.NEUTRAL, None, "", 10.0)):
        lines = [line.plain for line in draw_needle(verdict, 60)]
        assert len(lines) == ROWS
        assert "no reading" in lines[1]
        assert not any(sign in "".join(lines) for sign in "█▲%0123456789")
