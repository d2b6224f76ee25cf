from __future__ import annotations

from dataclasses import replace
from textwrap import wrap

import numpy as np
import pytest
from guided_moments import pair, take

from realtime.core.messages import Expression
from realtime.core.snapshot import TakeKind, TakePair
from realtime.view.terminal.takes_plot import FELT_MARK, POSED_MARK
from realtime.view.terminal.takes_table import render_takes
from realtime.view.words.catalogue import choose_language, text


def lines(*pairs: TakePair, width: int = 78, rows: int = 21) -> list[str]:
    return [line.plain for line in render_takes(pairs, width, rows)]


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize(("width", "rows"), [(78, 21), (118, 36), (60, 30), (38, 40)])
def test_it_stays_within_its_size(width: int, rows: int, language: str) -> None:
    choose_language(language, {})
    drawn = lines(pair(), width=width, rows=rows)
    assert len(drawn) <= rows
    assert max(map(len, drawn)) <= width


def test_both_takes_are_beside_each_other_with_their_marks() -> None:
    head, number = lines(pair())[:2]
    assert head.index(f"{FELT_MARK} felt take") < head.index(f"{POSED_MARK} posed take")
    assert number.index("70 % genuine") == head.index(FELT_MARK)
    assert number.index("40 % genuine") == head.index(POSED_MARK)


def test_what_it_cannot_show_is_always_said() -> None:
    assert " ".join(lines(pair())).count("not what was felt") == 1
    for row in wrap(text("take.honest"), 78):
        assert row in lines(pair(), rows=14)


def test_a_low_terminal_has_no_plot_and_a_narrow_one_only_the_movement() -> None:
    assert any("│" in line for line in lines(pair()))
    assert not any("│" in line for line in lines(pair(), rows=14))
    narrow = lines(pair(), width=60, rows=30)
    assert any(text("take.movement") in line for line in narrow)
    assert not any(text("take.genuine") in line for line in narrow if "│" in line)


@pytest.mark.parametrize("language", ["en", "de"])
def test_usual_terminals_hold_the_plots_with_many_actions(language: str) -> None:
    choose_language(language, {})
    names = ("smile", "jaw_drop", "inner_brow_raise", "lower_lip_down", "upper_lip_raise")
    shown = Expression(names, np.full(5, 0.7, np.float32))
    felt, posed = (
        replace(take(kind, None, known=0), before=shown, expression=shown) for kind in TakeKind
    )
    early = TakePair("happiness", felt, posed)
    drawn = lines(early, early, rows=21)
    assert sum("│" in line for line in drawn) >= 4
    assert any("…" in line for line in drawn)


def test_a_face_that_was_hardly_known_is_named() -> None:
    early = replace(pair(), felt=take(known=0))
    assert text("take.stranger") in lines(early)
    assert text("take.stranger") not in lines(pair())


def test_the_last_pair_is_shown_and_earlier_ones_named() -> None:
    drawn = lines(pair(0.9, 0.2), pair(0.6, 0.5), rows=30)
    assert "60 % genuine" in drawn[1]
    assert drawn[-1] == "earlier  90 % / 20 %"


def test_without_takes_there_is_nothing() -> None:
    assert lines() == []


def test_a_pair_with_one_take_says_so() -> None:
    assert text("take.none") in lines(TakePair("happiness", take()))[1]
