from __future__ import annotations

from dataclasses import replace

import pytest

from realtime.core.messages import State, Verdict
from realtime.view.terminal.pb_map import ROWS, TRAIL, pb_plot, pb_strip, pb_trail
from realtime.view.words.catalogue import TABLES, choose_language


def history(verdict, *positions: tuple[float, float] | None) -> list[Verdict]:
    return [replace(verdict(State.NEUTRAL), pb_position=position) for position in positions]


def test_the_trail_is_that_of_the_current_movement(verdict) -> None:
    assert pb_trail(history(verdict, (9, 9), None, (0, 1), (1, 1))) == [(0, 1), (1, 1)]
    assert pb_trail(history(verdict, (0, 1), None)) == []
    assert len(pb_trail(history(verdict, *[(0.0, 1.0)] * 30))) == TRAIL


def test_the_strip_shows_prototypes_trail_and_distance() -> None:
    line = pb_strip([(0.2, 0.3), (0.5, 1.25)], 60).plain
    assert line.index("F") < line.index("●") < line.index("G")
    assert line.count("∙") == 1
    assert "distance from line F-G: 1.2" in line


@pytest.mark.parametrize("along", [-50.0, 50.0])
def test_a_distant_pb_is_drawn_at_the_edge(along: float) -> None:
    line = pb_strip([(along, 99.0)], 60).plain
    assert "●" in (line[0], line.split("  ")[0][-1])
    assert "distance from line F-G: 99.0" in line


def test_an_empty_trail_is_explained_in_words() -> None:
    assert pb_strip([], 60).plain == "no movement to place between the prototypes now"


def test_the_height_on_the_map_is_the_distance_from_the_line() -> None:
    def row_of(distance: float) -> int:
        lines = [line.plain for line in pb_plot([(0.5, distance)], 60)]
        assert len(lines) == ROWS
        assert {len(line) for line in lines[1:]} == {60}
        return next(number for number, line in enumerate(lines) if "●" in line)

    assert row_of(2.5) < row_of(1.2) < row_of(0.0) == ROWS - 1


def test_the_map_labels_both_prototypes() -> None:
    assert all(name in pb_plot([(0.5, 1.0)], 60)[-1].plain for name in ("FAKE", "GENUINE"))


@pytest.mark.parametrize("language", TABLES)
@pytest.mark.parametrize("distance", [0.3, 99.0])
def test_the_strip_keeps_its_width_in_each_language(language: str, distance: float) -> None:
    choose_language(language, {})
    for width in (60, 71):
        assert len(pb_strip([(0.5, distance)], width).plain) <= width
