from __future__ import annotations

import pytest
from guided_moments import pair, take

from realtime.core.snapshot import Take, TakeKind, TakePair, TakePoint
from realtime.view.terminal.takes_plot import (
    BOTH_MARK,
    FELT_MARK,
    POSED_MARK,
    PlotArea,
    movement,
    percent_genuine,
    plot_takes,
)

SIZE = (45, 10)


def drawn(takes: TakePair, value: object = percent_genuine) -> list[str]:
    return [line.plain for line in plot_takes(takes, value, SIZE, "title")]  # type: ignore[arg-type]


def column(lines: list[str], mark: str) -> set[int]:
    return {row for row, line in enumerate(lines) if mark in line}


def test_it_has_its_size_with_title_and_time_scale() -> None:
    lines = drawn(pair())
    assert len(lines) == SIZE[1]
    assert {len(line) for line in lines[1:]} == {SIZE[0]}
    assert lines[0] == "title"
    assert lines[-1].endswith("2.0 s")


def test_the_higher_curve_is_above_the_lower_one() -> None:
    lines = drawn(pair(0.9, 0.1))
    assert max(column(lines, FELT_MARK)) < min(column(lines, POSED_MARK))


def test_where_curves_meet_there_is_a_mark_of_both() -> None:
    lines = drawn(pair(), movement)
    assert column(lines, BOTH_MARK)
    assert not column(lines, FELT_MARK) | column(lines, POSED_MARK)


def test_the_percentage_has_a_fixed_scale() -> None:
    scale = [line[:4].strip() for line in drawn(pair(0.5, 0.5))]
    assert [each for each in scale if each] == ["titl", "100", "50", "0"]


def test_a_take_without_a_number_has_no_curve_of_it() -> None:
    lines = drawn(pair(None, None))
    assert not column(lines, FELT_MARK) | column(lines, POSED_MARK) | column(lines, BOTH_MARK)


def test_a_gap_in_the_readings_stays_one() -> None:
    points = (TakePoint(0.0, None, 0.5), TakePoint(1.0, None, None), TakePoint(2.0, None, 0.5))
    one = Take(TakeKind.FELT, points, p_genuine=0.5)
    assert sum(line.count(FELT_MARK) for line in drawn(TakePair("fear", one))) == 2


def test_between_two_points_the_curve_is_straight() -> None:
    points = (TakePoint(0.0, 0.0, None), TakePoint(1.0, 1.0, None))
    one = Take(TakeKind.FELT, points, p_genuine=0.5)
    lines = drawn(TakePair("fear", one), movement)
    assert sum(line.count(FELT_MARK) for line in lines) == SIZE[0] - 5


def test_one_take_alone_is_drawn() -> None:
    assert column(drawn(TakePair("fear", None, take(TakeKind.POSED))), POSED_MARK)


@pytest.mark.parametrize(
    "changes", [(0, 5, (0.0, 1.0), 1.0), (5, 1, (0.0, 1.0), 1.0), (5, 5, (1.0, 1.0), 1.0),
                (5, 5, (0.0, 1.0), 0.0)],
)  # fmt: skip
def test_an_area_without_room_is_refused(
    changes: tuple[int, int, tuple[float, float], float],
) -> None:
    with pytest.raises(ValueError, match="want a"):
        PlotArea(*changes)
