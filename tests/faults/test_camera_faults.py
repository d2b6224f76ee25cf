"""Camera faults in the whole pipeline on simulated time: detection, reason, recovery."""

from __future__ import annotations

import pytest
from simulated_run import ShownState, SimulatedRun, picture, pipeline_over

from realtime.core.messages import State
from realtime.testing.camera_faults import FAULTS, with_good_frames_around
from realtime.testing.fake_camera import FakeCamera

BEFORE_S, BAD_S, AFTER_S = 3.0, 8.0, 5.5
NOTICE_S = 2.0
RECOVER_S = 5.0
WORDS = {
    "unplugged": "is not there. Plug it in again",
    "blocked": "gave no picture for 2 s",
    "repeating": "the picture has not changed for",
    "hollow": "gave no picture for 2 s",
    "black": "the picture is black",
    "resizing": "the picture changed its size from",
    "slow": "only 5.0 frames a second",
    "ahead": "timestamps jumped by",
    "back": "timestamps jumped by",
}


@pytest.fixture(scope="module", params=FAULTS)
def run(request: pytest.FixtureRequest) -> tuple[str, SimulatedRun]:
    gauge = SimulatedRun(
        with_good_frames_around(FAULTS[request.param], picture, BAD_S, BEFORE_S, AFTER_S)
    )
    gauge.run()
    return request.param, gauge


def during(gauge: SimulatedRun, from_s: float, to_s: float) -> list[ShownState]:
    return [state for state in gauge.shown if from_s <= state.at_s < to_s]


def test_before_the_fault_there_are_numbers(run: tuple[str, SimulatedRun]) -> None:
    assert any(state.verdict and state.verdict.p_genuine for state in during(run[1], 2.0, BEFORE_S))


def test_two_seconds_after_the_start_of_the_fault_there_is_no_signal_and_no_number(
    run: tuple[str, SimulatedRun],
) -> None:
    states = during(run[1], BEFORE_S + NOTICE_S, BEFORE_S + BAD_S)
    assert len(states) > 100
    assert {state.verdict.state for state in states if state.verdict} == {State.NO_SIGNAL}
    assert all(state.verdict and state.verdict.p_genuine is None for state in states)


def test_the_reason_is_shown(run: tuple[str, SimulatedRun]) -> None:
    name, gauge = run
    reasons = {
        state.verdict.reason
        for state in during(gauge, BEFORE_S + 3.0, BEFORE_S + BAD_S)
        if state.verdict
    }
    assert any(WORDS[name] in reason for reason in reasons), reasons


def test_within_five_seconds_of_the_end_there_is_a_number_again(
    run: tuple[str, SimulatedRun],
) -> None:
    after = during(run[1], BEFORE_S + BAD_S, BEFORE_S + BAD_S + RECOVER_S)
    assert any(state.verdict and state.verdict.p_genuine for state in after)


def test_every_frame_is_accounted_for_and_none_goes_back(run: tuple[str, SimulatedRun]) -> None:
    gauge = run[1]
    counts = gauge.counts
    assert counts.captured == counts.processed + sum(counts.dropped.values())
    times = [frame.captured_at_s for _, frame in gauge.delivered]
    assert times == sorted(set(times))
    assert len({frame.index for _, frame in gauge.delivered}) == len(times)


def test_media_time_follows_the_clock(run: tuple[str, SimulatedRun]) -> None:
    at_s, last = run[1].delivered[-1]
    assert last.captured_at_s == pytest.approx(at_s, abs=0.6)


def test_a_frame_during_a_signal_error_gives_no_number(clock) -> None:
    """A camera that is too slow still gives frames, and each of them could be a tick."""
    camera = FakeCamera([picture(0)], clock)
    pipeline = pipeline_over(camera, clock)
    camera.signal_error = "only 5.0 frames a second arrive"
    pipeline._counter.count_captured()
    frame = camera.read()
    assert frame is not None
    pipeline._process_frame(frame)
    waiting = pipeline._ticks.take(0.0)
    assert waiting is not None
    (tick,) = waiting.ticks
    assert (tick.signal, tick.signal_error) == (False, "only 5.0 frames a second arrive")
