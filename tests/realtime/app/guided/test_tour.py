from __future__ import annotations

import pytest
from gauge_moments import SETTING, judged, snapshot, without_number

from realtime.app.guided.tour import CAPTIONS, LAST_S, SHOWN_S, SKIP, Tour
from realtime.core.messages import State
from realtime.core.snapshot import Snapshot
from realtime.view.words.catalogue import text

LOADING = Snapshot(SETTING)
AT_REST = snapshot(verdict=without_number(State.NEUTRAL))
JUDGED = snapshot(verdict=judged())


def test_each_caption_is_shown_once_at_its_moment() -> None:
    tour, seen = Tour(), []
    clip = [*[LOADING] * 20, *[AT_REST] * 20, *[JUDGED] * 60, *[AT_REST] * 40]
    for tenth, moment in enumerate(clip):
        caption = tour.caption(moment, tenth / 10)
        if not seen or seen[-1] != caption:
            seen.append(caption)
    assert seen == [*(text(each.key) for each in CAPTIONS), text("tour.end")]


def test_a_caption_stays_for_long_enough_to_read() -> None:
    tour = Tour()
    first = tour.caption(LOADING, 0.0)
    assert tour.caption(AT_REST, SHOWN_S - 0.1) == first
    assert tour.caption(AT_REST, SHOWN_S) == text("tour.neutral")
    assert tour.caption(AT_REST, 60.0) == text("tour.rest")


def test_a_face_at_rest_is_never_told_to_be_an_expression() -> None:
    tour = Tour()
    captions = {tour.caption(AT_REST, float(second)) for second in range(30)}
    assert text("tour.needle") not in captions


def test_after_the_clip_the_last_caption_stays_and_goes() -> None:
    tour = Tour()
    tour.caption(JUDGED, 0.0)
    assert tour.caption(AT_REST, 0.1, ended=True) == text("tour.end")
    assert tour.caption(AT_REST, LAST_S, ended=True) == text("tour.end")
    assert not tour.finished
    assert tour.caption(AT_REST, 0.1 + LAST_S, ended=True) == ""
    assert tour.finished


@pytest.mark.parametrize(("key", "skipped"), [(SKIP, True), ("d", False), (None, False)])
def test_it_can_be_skipped(key: str | None, skipped: bool) -> None:
    tour = Tour()
    tour.caption(LOADING, 0.0)
    tour.press(key)
    assert tour.finished == skipped
    assert bool(tour.caption(AT_REST, 5.0)) != skipped
