from __future__ import annotations

from dataclasses import replace

from simulated_run import picture, pipeline_over

from realtime.core.messages import Cause, State, Verdict
from realtime.core.snapshot import RunSetting, RunVerdict, Snapshot
from realtime.runtime.watchdog import HUNG_S, Watchdog, without_number
from realtime.testing.fake_camera import FakeCamera
from realtime.view.answers import why

VERDICT = Verdict(1.0, 3, "surprise", State.SETTLED, 0.8, "", 12.0)


def test_no_stage_hangs_before_its_first_report(clock):
    watchdog = Watchdog(clock)
    clock.time_s += 3600  # loading and compiling may take that long
    assert watchdog.hung_stage() == ""


def test_the_stage_that_has_been_silent_longest_is_named(clock):
    watchdog = Watchdog(clock)
    watchdog.report_alive("vision")
    clock.time_s += 1.0
    watchdog.report_alive("recognition")
    clock.time_s += HUNG_S + 0.5
    assert watchdog.hung_stage() == "the vision stage has been silent for 4 s"
    watchdog.report_alive("vision")
    assert watchdog.hung_stage() == "the recognition stage has been silent for 2 s"
    watchdog.report_alive("recognition")
    assert watchdog.hung_stage() == ""


def test_a_stage_that_ended_does_not_hang(clock):
    watchdog = Watchdog(clock)
    watchdog.report_alive("vision")
    watchdog.report_ended("vision")
    watchdog.report_ended("vision")
    clock.time_s += 60
    assert watchdog.hung_stage() == ""


def test_a_snapshot_without_number_has_the_reason():
    snapshot = Snapshot(
        RunSetting("a", "b", "c", 1.0, 0.2),
        verdict=VERDICT,
        run_verdict=RunVerdict("judging", 0.8, 2.0),
    )
    without = without_number(snapshot, "the vision stage has been silent for 3 s")
    assert (without.verdict.state, without.verdict.p_genuine) == (State.NO_SIGNAL, None)
    assert without.verdict.reason == without.notice == "the vision stage has been silent for 3 s"
    assert without_number(Snapshot(snapshot.setting), "silent").verdict is None


def test_what_the_face_lacked_before_is_not_the_cause_of_a_hang():
    dark = replace(VERDICT, state=State.POOR_VIEW, p_genuine=None, cause=Cause.TOO_DARK)
    without = without_number(Snapshot(RunSetting("a", "b", "c", 1.0, 0.2), verdict=dark), "silent")
    assert without.verdict.cause is None
    assert why(without.verdict) == "silent"


def shown_after_a_hang(clock, lossless: bool) -> Verdict:
    pipeline = pipeline_over(FakeCamera([picture(0)], clock), clock, lossless=lossless)
    pipeline.live_state.set_verdict(VERDICT, RunVerdict("judging", 0.8, 2.0))
    pipeline._watchdog.report_alive("recognition")
    assert pipeline.snapshot().verdict.p_genuine == 0.8
    clock.time_s += 3.0
    shown = pipeline.snapshot().verdict
    assert shown is not None
    return shown


def test_the_gauge_shows_no_number_of_a_stage_that_hangs(clock):
    assert shown_after_a_hang(clock, lossless=False).p_genuine is None


def test_a_lossless_run_ignores_a_stage_that_hangs(clock):
    assert shown_after_a_hang(clock, lossless=True).p_genuine == 0.8


def test_stages_report_during_a_run_and_do_not_hang_after_it(clock):
    pipeline = pipeline_over(FakeCamera([picture(0)], clock), clock)
    reports: list[str] = []
    pipeline._watchdog.report_alive = reports.append  # type: ignore[method-assign]
    pipeline._run_capture()
    pipeline._run_vision()
    pipeline._run_recognition()
    assert set(reports) == {"vision", "recognition"}
    assert pipeline._watchdog.hung_stage() == ""
