from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from realtime.capture.frame_counter import FrameCounter
from realtime.core.messages import Frame, PersonStatus, State, Verdict
from realtime.core.snapshot import Ghosts, RunSetting, RunVerdict
from realtime.runtime.gauge import Step
from realtime.runtime.live_state import HISTORY_CAPACITY, HISTORY_S, LiveState

SETTING = RunSetting("fake camera", "surprise", "native", 1.6, 0.2)
RUN_VERDICT = RunVerdict("judging", 0.8, 1.0)
STILL = np.zeros((40, 2), np.float32)


@pytest.fixture
def counter() -> FrameCounter:
    return FrameCounter()


@pytest.fixture
def live_state(counter: FrameCounter, clock) -> LiveState:
    return LiveState(SETTING, counter, clock)


def verdict(at_s: float, state: State = State.NEUTRAL, age_ms: float = 30.0) -> Verdict:
    return Verdict(at_s, round(at_s * 30), "surprise", state, None, "", age_ms)


def test_the_newest_frame_comes_with_what_was_found_in_it(live_state: LiveState, image) -> None:
    frame, person = Frame(3, 0.1, 1000.0, image), PersonStatus(person_id=2)
    live_state.set_frame(frame, (Step(None, None, None, person),))
    snapshot = live_state.snapshot()
    assert (snapshot.frame, snapshot.face, snapshot.landmarks, snapshot.person) == (
        frame,
        None,
        None,
        person,
    )


def test_a_verdict_comes_with_run_verdict_rows_and_ghosts(live_state: LiveState) -> None:
    rows, ghosts = (verdict(1.0), verdict(1.0)), Ghosts(STILL, STILL)
    live_state.set_verdict(rows[0], RUN_VERDICT, rows, ghosts)
    snapshot = live_state.snapshot()
    assert snapshot.verdict is rows[0]
    assert (snapshot.run_verdict, snapshot.rows, snapshot.ghosts) == (RUN_VERDICT, rows, ghosts)
    assert snapshot.history == (rows[0],)


def test_the_history_holds_ten_seconds_of_media(live_state: LiveState) -> None:
    for number in range(100):
        live_state.set_verdict(verdict(0.2 * number), RUN_VERDICT)
    history = live_state.snapshot().history
    assert history[-1].at_s == pytest.approx(19.8)
    assert history[0].at_s == pytest.approx(19.8 - HISTORY_S)


def test_the_history_is_bounded_for_very_fast_ticks(live_state: LiveState) -> None:
    for number in range(HISTORY_CAPACITY + 10):
        live_state.set_verdict(verdict(1e-4 * number), RUN_VERDICT)
    assert len(live_state.snapshot().history) == HISTORY_CAPACITY


def test_another_emotion_clears_what_belongs_to_the_last_one(live_state: LiveState) -> None:
    live_state.set_verdict(verdict(1.0), RUN_VERDICT, (verdict(1.0),), Ghosts(STILL, STILL))
    live_state.set_emotion("fear")
    snapshot = live_state.snapshot()
    assert snapshot.setting.emotion == "fear"
    assert (snapshot.history, snapshot.rows, snapshot.ghosts, snapshot.run_verdict) == (
        (),
        (),
        None,
        None,
    )
    live_state.set_verdict(verdict(1.2), RUN_VERDICT)
    assert [each.at_s for each in live_state.snapshot().history] == [1.2]


def test_a_verdict_without_a_signal_has_no_age(live_state: LiveState) -> None:
    live_state.set_verdict(verdict(1.0, State.NO_SIGNAL, age_ms=3000.0), RUN_VERDICT)
    assert live_state.snapshot().ages is None
    live_state.set_verdict(verdict(1.2, age_ms=40.0), RUN_VERDICT)
    ages = live_state.snapshot().ages
    assert ages is not None
    assert ages.p99 == 40.0


@pytest.mark.parametrize(
    ("notice", "pace", "shown"),
    [
        ("", "", ""),
        ("no window", "", "no window"),
        ("", "1 of 2 steps", "1 of 2 steps"),
        ("no window", "1 of 2 steps", "no window; 1 of 2 steps"),
    ],
)
def test_both_notices_share_a_line(
    live_state: LiveState, notice: str, pace: str, shown: str
) -> None:
    live_state.set_notice(notice)
    live_state.set_pace_notice(pace)
    assert live_state.snapshot().notice == shown


def test_skipped_ticks_and_the_format_of_the_source_are_shown(live_state: LiveState) -> None:
    live_state.count_skipped_tick()
    live_state.count_skipped_tick()
    live_state.set_source_format("640x480 at 30/s")
    snapshot = live_state.snapshot()
    assert (snapshot.skipped_ticks, snapshot.source_format) == (2, "640x480 at 30/s")


def test_rates_are_of_the_last_two_seconds_and_mean_rates_of_the_run(
    live_state: LiveState, counter: FrameCounter, clock
) -> None:
    assert live_state.mean_rates().captured_hz == 0
    live_state.snapshot()
    for number in range(60):
        counter.count_captured()
        if number % 4:
            counter.count_processed()
        else:
            counter.count_dropped("stale")
    clock.time_s += 1.5
    rates, mean = live_state.snapshot().rates, live_state.mean_rates()
    assert (rates.captured_hz, rates.processed_hz) == pytest.approx((40, 30))
    assert mean == rates
    clock.time_s += 1.5
    live_state.snapshot()
    clock.time_s += 2.0
    assert live_state.snapshot().rates.captured_hz == 0
    assert live_state.mean_rates().captured_hz == pytest.approx(12)


def test_several_faces_have_readings_and_histories_of_their_own(
    live_state: LiveState, image
) -> None:
    frame = Frame(3, 0.1, 1000.0, image)
    here = [Step(None, None, None, PersonStatus(number), number) for number in (1, 2)]
    live_state.set_frame(frame, here)
    for at_s in (1.0, 1.2):
        for number in (1, 2):
            live_state.set_verdict(replace(verdict(at_s), face=number), RUN_VERDICT)
    snapshot = live_state.snapshot()
    assert [face.id for face in snapshot.faces] == [1, 2]
    assert [face.person.person_id for face in snapshot.faces if face.person] == [1, 2]
    for face in snapshot.faces:
        assert [(each.at_s, each.face) for each in face.history] == [(1.0, face.id), (1.2, face.id)]
    assert (snapshot.verdict, snapshot.history) == (
        snapshot.faces[0].verdict,
        snapshot.faces[0].history,
    )
    live_state.set_frame(frame, here[1:])
    snapshot = live_state.snapshot()
    assert [face.id for face in snapshot.faces] == [2]
    assert snapshot.verdict is not None
    assert (snapshot.verdict.face, len(snapshot.history)) == (2, 2)


def test_one_face_alone_has_no_number(live_state: LiveState) -> None:
    live_state.set_verdict(verdict(1.0), RUN_VERDICT)
    assert live_state.snapshot().faces == ()
