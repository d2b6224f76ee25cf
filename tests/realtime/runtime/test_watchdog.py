from __future__ import annotations

from watched import picture, pipeline_over

from realtime.core.messages import State, Verdict
from realtime.core.snapshot import RunSetting, RunVerdict, Snapshot
from realtime.runtime.watchdog import HUNG_S, Watchdog, without_number
from realtime.testing.fake_camera import FakeCamera

NUMBER = Verdict(1.0, 3, "surprise", State.SETTLED, 0.8, "", 12.0)


def test_nobody_is_silent_before_the_first_round(clock):
    dog = Watchdog(clock)
    clock.time_s += 3600  # whatever was loaded or compiled
    assert dog.hung_stage() == ""


def test_the_one_that_has_been_silent_longest_is_named(clock):
    dog = Watchdog(clock)
    dog.report_alive("vision")
    clock.time_s += 1.0
    dog.report_alive("recognition")
    clock.time_s += HUNG_S + 0.5
    assert dog.hung_stage() == "the vision stage has been silent for 4 s"
    dog.report_alive("vision")
    assert dog.hung_stage() == "the recognition stage has been silent for 2 s"
    dog.report_alive("recognition")
    assert dog.hung_stage() == ""


def test_a_stage_that_ended_is_not_missed(clock):
    dog = Watchdog(clock)
    dog.report_alive("vision")
    dog.report_ended("vision")
    dog.report_ended("vision")
    clock.time_s += 60
    assert dog.hung_stage() == ""


def test_a_hushed_snapshot_has_no_number_and_the_reason():
    snapshot = Snapshot(
        RunSetting("a", "b", "c", 1.0, 0.2),
        verdict=NUMBER,
        run_verdict=RunVerdict("judging", 0.8, 2.0),
    )
    quiet = without_number(snapshot, "the vision stage has been silent for 3 s")
    assert (quiet.verdict.state, quiet.verdict.p_genuine) == (State.NO_SIGNAL, None)
    assert quiet.verdict.reason == quiet.notice == "the vision stage has been silent for 3 s"
    assert without_number(Snapshot(snapshot.setting), "silent").verdict is None


def shown_after_a_hang(clock, lossless: bool) -> Verdict:
    pipeline = pipeline_over(FakeCamera([picture(0)], clock), clock, lossless=lossless)
    pipeline.live_state.set_verdict(NUMBER, RunVerdict("judging", 0.8, 2.0))
    pipeline._watchdog.report_alive("recognition")
    assert pipeline.snapshot().verdict.p_genuine == 0.8
    clock.time_s += 3.0
    shown = pipeline.snapshot().verdict
    assert shown is not None
    return shown


def test_the_gauge_shows_no_number_of_a_stage_that_hangs(clock):
    assert shown_after_a_hang(clock, lossless=False).p_genuine is None


def test_without_loss_a_stage_may_take_its_time(clock):
    assert shown_after_a_hang(clock, lossless=True).p_genuine == 0.8


def test_stages_come_round_in_a_run_and_are_not_missed_after_it(clock):
    pipeline = pipeline_over(FakeCamera([picture(0)], clock), clock)
    rounds: list[str] = []
    pipeline._watchdog.report_alive = rounds.append  # type: ignore[method-assign]
    pipeline._run_capture()
    pipeline._run_vision()
    pipeline._run_recognition()
    assert set(rounds) == {"vision", "recognition"}
    assert pipeline._watchdog.hung_stage() == ""
