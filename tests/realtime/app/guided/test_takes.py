from __future__ import annotations

from dataclasses import replace

import pytest
from guided_moments import moment, onset_of, reading

from realtime.app.guided.takes import (
    BEFORE_S,
    LONGEST_S,
    OVER_S,
    SHORTEST_S,
    TakeRecorder,
    shows_expression,
)
from realtime.core.messages import Cause, State
from realtime.core.snapshot import TakeKind


def record(*stretches: tuple[State, float, float]) -> TakeRecorder:
    """Return a recorder that was given stretches of a state: until when (s), and how intense."""
    recorder, tenth = TakeRecorder(TakeKind.FELT), 0
    for state, until_s, intensity in stretches:
        while tenth < 10 * until_s:
            recorder.add(moment(reading(tenth / 10, state, intensity=intensity), smile=intensity))
            tenth += 1
    return recorder


@pytest.mark.parametrize(
    ("state", "cause", "shown"),
    [
        (State.JUDGING, None, True),
        (State.SETTLED, None, True),
        (State.OTHER_EMOTION, None, True),
        (State.UNCERTAIN, Cause.NEAR_HALF, True),
        (State.UNCERTAIN, Cause.FAINT, False),
        (State.UNCERTAIN, Cause.NEUTRAL_UNKNOWN, False),
        (State.NEUTRAL, None, False),
        (State.POOR_VIEW, Cause.TURNED, False),
        (State.NO_FACE, None, False),
    ],
)
def test_which_readings_are_of_an_expression(
    state: State, cause: Cause | None, shown: bool
) -> None:
    assert shows_expression(reading(1.0, state, cause=cause)) is shown


def test_a_take_begins_with_an_expression_and_is_over_after_it() -> None:
    assert not record((State.NEUTRAL, 2.0, 0.1)).begun
    running = record((State.NEUTRAL, 2.0, 0.1), (State.JUDGING, 4.0, 0.8))
    assert running.begun
    assert not running.over
    recorder = record(
        (State.NEUTRAL, 2.0, 0.1), (State.JUDGING, 4.0, 0.8), (State.NEUTRAL, 4.1 + OVER_S, 0.1)
    )
    assert recorder.over
    take = recorder.take()
    assert take is not None
    assert take.p_genuine == pytest.approx(0.7)
    assert take.points[0].at_s == pytest.approx(-BEFORE_S, abs=0.11)
    assert take.ended_at_s == pytest.approx(1.9)
    assert take.before is not None
    assert take.expression is not None
    assert take.before.by_name()["smile"] == pytest.approx(0.1)
    assert take.expression.by_name()["smile"] == pytest.approx(0.8)


def test_a_take_without_a_number_has_its_most_frequent_reason() -> None:
    recorder = record(
        (State.NEUTRAL, 1.0, 0.1), (State.UNCERTAIN, 1.2, 0.5), (State.OTHER_EMOTION, 3.0, 0.8)
    )
    take = recorder.take()
    assert take is not None
    assert take.p_genuine is None
    assert take.unjudged is not None
    assert take.unjudged.state is State.OTHER_EMOTION


def test_a_twitch_is_no_take() -> None:
    recorder = record(
        (State.NEUTRAL, 1.0, 0.1), (State.JUDGING, 1.0 + SHORTEST_S / 2, 0.8),
        (State.NEUTRAL, 3.0, 0.1),
    )  # fmt: skip
    assert not recorder.over
    assert not recorder.begun
    assert recorder.take() is None


def test_a_take_has_an_end() -> None:
    recorder = record((State.JUDGING, LONGEST_S + 5, 0.8))
    take = recorder.take()
    assert recorder.over
    assert take is not None
    assert take.ended_at_s == pytest.approx(LONGEST_S)


def test_a_poor_view_is_not_the_end_of_an_expression() -> None:
    recorder = record(
        (State.NEUTRAL, 1.0, 0.1), (State.JUDGING, 2.0, 0.8), (State.POOR_VIEW, 6.0, 0.1)
    )
    assert recorder.begun
    assert not recorder.over


def test_a_clip_that_starts_again_begins_with_nothing() -> None:
    recorder = record((State.JUDGING, 2.0, 0.8))
    recorder.add(moment(reading(0.5)))
    assert not recorder.begun


def test_a_take_knows_how_well_the_person_was_known_when_it_began() -> None:
    recorder = TakeRecorder(TakeKind.FELT)
    for tenth in range(20):
        recorder.add(moment(reading(tenth / 10, State.JUDGING), known=3 if tenth < 10 else 4))
    take = recorder.take()
    assert take is not None
    assert take.known_expressions == 3


def test_another_person_in_the_middle_begins_the_take_again() -> None:
    recorder = TakeRecorder(TakeKind.FELT)
    for tenth in range(20):
        recorder.add(moment(reading(tenth / 10, State.JUDGING), person_id=int(tenth >= 10)))
    take = recorder.take()
    assert take is not None
    assert take.person_id == 1
    assert take.ended_at_s == pytest.approx(0.9)


def test_a_reading_that_is_shown_twice_counts_once() -> None:
    recorder = TakeRecorder(TakeKind.FELT)
    for tenth in range(10):
        for _ in range(3):
            recorder.add(moment(reading(tenth / 10, State.JUDGING)))
    take = recorder.take()
    assert take is not None
    assert len(take.points) == 10


def test_the_onset_is_that_of_the_newest_reading_with_one() -> None:
    recorder = TakeRecorder(TakeKind.FELT)
    for tenth in range(20):
        verdict = reading(tenth / 10, State.JUDGING, intensity=1.0)
        onset = onset_of(0.1 * tenth) if 3 <= tenth < 15 else None
        recorder.add(moment(replace(verdict, onset=onset)))
    take = recorder.take()
    assert take is not None
    assert take.onset_s == pytest.approx(1.4)


def test_an_onset_that_was_not_seen_has_no_duration() -> None:
    take = record((State.NEUTRAL, 1.0, 0.1), (State.JUDGING, 3.0, 0.8)).take()
    assert take is not None
    assert take.onset_s is None
