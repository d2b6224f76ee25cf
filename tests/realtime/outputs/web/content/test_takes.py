"""Guided use in a status: where it is offered, and both takes."""

from __future__ import annotations

import json

from gauge_moments import snapshot
from guided_moments import pair, take

from realtime.core.snapshot import TakeKind, TakePair
from realtime.outputs.web.content.takes import guide_row
from realtime.view.take_words import comparison, stranger_line, take_rows

POSED = TakePair("happiness", None, take(TakeKind.POSED, 0.4))


def test_before_a_result_it_is_said_whether_guided_use_is_offered_and_runs() -> None:
    assert guide_row(snapshot()) == {"offered": False, "running": False, "result": None}
    running = guide_row(snapshot(takes=(), guide_offered=True))
    assert running == {"offered": True, "running": True, "result": None}


def test_the_newest_pair_has_the_words_of_the_terminal() -> None:
    newest = pair(0.8, 0.3)
    row = json.loads(json.dumps(guide_row(snapshot(takes=(pair(0.6, 0.5), newest)))))["result"]
    assert row["lines"] == [list(line) for line in take_rows(newest)]
    assert (row["comparison"], row["stranger"]) == (comparison(newest), stranger_line(newest))
    assert row["earlier"] == "60 % / 50 %"
    assert row["emotion"] == "happiness"


def test_each_point_of_a_curve_has_time_movement_and_probability() -> None:
    row = guide_row(snapshot(takes=(pair(),)))["result"]
    assert isinstance(row, dict)
    assert row["felt"][0] == [-0.5, 0.1, None]
    assert row["felt"][-1] == [2.0, 1.0, 0.7]
    assert len(row["posed"]) == len(take().points)


def test_a_take_that_was_missed_has_no_curve() -> None:
    row = guide_row(snapshot(takes=(POSED,)))["result"]
    assert isinstance(row, dict)
    assert row["felt"] is None
    assert row["posed"]
