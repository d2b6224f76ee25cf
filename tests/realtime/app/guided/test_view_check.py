from __future__ import annotations

from dataclasses import replace

import pytest
from guided_moments import LOADING, moment, reading

from realtime.app.guided.view_check import (
    READ_S,
    ROLL_MOST_DEG,
    STEADY_S,
    ShownAdvice,
    needed_advice,
    view_advice,
)
from realtime.core.messages import Cause, State, ViewQuality
from realtime.core.snapshot import Snapshot
from realtime.view.words.catalogue import text

AT_REST = reading(1.0)
POOR = {
    cause: moment(reading(1.0, State.POOR_VIEW, cause=cause))
    for cause in (Cause.TOO_DARK, Cause.TOO_BRIGHT, Cause.BLURRED, Cause.TURNED, Cause.TILTED)
}


@pytest.mark.parametrize(
    ("shot", "advice"),
    [
        (moment(reading(1.0, State.NO_FACE)), "do.no_face"),
        (moment(reading(1.0, State.NO_SIGNAL)), "do.no_signal"),
        (moment(reading(1.0, State.WARMING_UP)), "do.warming_up"),
        *((shot, f"do.{cause}") for cause, shot in POOR.items()),
        (moment(AT_REST, ViewQuality(182.0, 131.0, 0.0, ROLL_MOST_DEG + 1)), "do.tilted"),
        (moment(AT_REST, ViewQuality(182.0, 131.0, 0.0, -ROLL_MOST_DEG - 1)), "do.tilted"),
    ],
)
def test_what_is_needed_before_a_take(shot: Snapshot, advice: str) -> None:
    assert needed_advice(shot) == view_advice(shot) == text(advice)


@pytest.mark.parametrize(
    ("shot", "advice"),
    [
        (moment(AT_REST, face_px=40.0), "do.closer"),
        (moment(AT_REST, face_px=330.0), "do.farther"),
        (moment(AT_REST, ViewQuality(182.0, 45.0, 0.0)), "do.dim"),
        (moment(AT_REST, ViewQuality(182.0, 180.0, 0.0)), "do.glaring"),
        (moment(AT_REST, ViewQuality(20.0, 131.0, 0.0)), "do.soft"),
        (moment(AT_REST, ViewQuality(182.0, 131.0, 0.5)), "do.askew"),
    ],
)
def test_what_would_be_better_does_not_stop_a_take(shot: Snapshot, advice: str) -> None:
    assert view_advice(shot) == text(advice)
    assert needed_advice(shot) == ""


def test_a_good_view_needs_nothing() -> None:
    assert view_advice(moment(AT_REST)) == ""


def test_before_the_first_picture_it_waits() -> None:
    assert view_advice(LOADING) == text("state.waiting")
    shot = replace(moment(AT_REST), verdict=None)
    assert view_advice(shot) == text("do.warming_up")


def test_each_advice_is_shown_for_long_enough_to_read() -> None:
    shown = ShownAdvice()
    assert shown.at("closer", 0.0) == "closer"
    assert shown.at("more light", READ_S - 0.2) == "closer"
    assert shown.at("more light", READ_S + 0.1) == "closer"
    assert shown.at("more light", READ_S + STEADY_S - 0.1) == "more light"
    assert shown.at("", READ_S + STEADY_S) == "more light"


def test_advice_that_wavers_from_picture_to_picture_stays() -> None:
    shown = ShownAdvice()
    said = {shown.at("" if tenth % 2 else "more light", tenth / 10) for tenth in range(200)}
    assert said == {"more light"}
