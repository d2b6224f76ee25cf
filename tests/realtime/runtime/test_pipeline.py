"""The pipeline with doubles at both ends: fake camera, fake face reader, fake engine."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import numpy as np
import pytest
from fake_pipeline import (
    DARK,
    SETTING,
    BrightnessReader,
    frames,
    gauge_of,
    grown_booster,
    pipeline_of,
    wait_for,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from realtime.core.clock import SystemClock
from realtime.core.errors import SourceLost, StageDied
from realtime.core.messages import (
    BoxSource,
    Face,
    Frame,
    Landmarks,
    State,
    Tick,
    Verdict,
    ViewQuality,
    Window,
)
from realtime.core.tracing import NO_TRACING
from realtime.faces.slow_detector import InlineDetector
from realtime.faces.slow_search import OUTDATED, SlowSearch
from realtime.runtime.gauge_group import GaugeGroup
from realtime.runtime.pipeline import Pipeline
from realtime.testing.fake_camera import FakeCamera, Freeze, Pause, Step
from realtime.verdict.booster import ScoreModel


@pytest.fixture(scope="module")
def booster() -> ScoreModel:
    return grown_booster()


def run(
    script: Iterable[Step],
    booster: ScoreModel,
    *,
    lossless: bool = True,
    on_call: Callable[[], None] = lambda: None,
    raising: Exception | None = None,
) -> tuple[Pipeline, list[Verdict]]:
    """Run a pipeline over `script` to its end; return it and its verdicts."""
    verdicts: list[Verdict] = []
    pipeline = pipeline_of(
        script, booster, verdicts.append, lossless=lossless, on_call=on_call, raising=raising
    )
    pipeline.start()
    wait_for(lambda: not pipeline.running)
    assert pipeline.stop() == []
    return pipeline, verdicts


def test_an_expression_is_judged_and_a_neutral_face_is_not(booster: ScoreModel) -> None:
    _, verdicts = run(frames([50] * 60 + [200] * 30 + [50] * 30), booster)
    times_s = [verdict.at_s for verdict in verdicts if verdict.p_genuine is not None]
    assert times_s
    assert min(times_s) >= 2.0
    assert max(times_s) <= 3.3
    assert verdicts[-1].state is State.NEUTRAL


def test_every_frame_is_accounted_for_and_ticks_are_a_stride_apart(booster: ScoreModel) -> None:
    pipeline, verdicts = run(frames([50] * 90), booster)
    counts = pipeline.snapshot().counts
    assert (counts.captured, counts.processed, dict(counts.dropped)) == (90, 90, {})
    np.testing.assert_allclose(np.diff([verdict.at_s for verdict in verdicts]), 0.2, atol=0.034)


def test_a_lost_face_has_no_number_and_its_window_does_not_bridge_the_gap(
    booster: ScoreModel,
) -> None:
    _, verdicts = run(frames([50] * 45 + [200] * 15 + [DARK] * 15 + [200] * 15), booster)
    gone = [verdict for verdict in verdicts if 2.0 <= verdict.at_s < 2.5]
    back = [verdict for verdict in verdicts if verdict.at_s >= 2.5]
    assert {verdict.state for verdict in gone} == {State.NO_FACE}
    assert {verdict.state for verdict in back} == {State.WARMING_UP}


def test_two_lossless_runs_are_equal_but_for_ages(booster: ScoreModel) -> None:
    levels = [50] * 50 + [120, 160, 200] * 20
    first, second = (
        [
            (v.at_s, v.frame, v.state, v.p_genuine, v.loss, v.pb_speed)
            for v in run(frames(levels), booster)[1]
        ]
        for _ in range(2)
    )
    assert first == second


@settings(max_examples=25, deadline=None)
@given(levels=st.lists(st.sampled_from([DARK, 50, 200]), max_size=60), lossless=st.booleans())
def test_captured_is_processed_plus_dropped_whatever_happens(
    booster: ScoreModel, levels: list[int], lossless: bool
) -> None:
    counts = run(frames(levels), booster, lossless=lossless)[0].snapshot().counts
    assert counts.captured == len(levels) == counts.processed + sum(counts.dropped.values())


def test_repeated_and_returning_frames_are_judged_once_and_counted(booster: ScoreModel) -> None:
    good = frames([50] * 30)
    pipeline, verdicts = run([*good[:10], good[9], good[4], *good[10:]], booster)
    assert dict(pipeline.snapshot().counts.dropped) == {"repeated": 1, "back_in_time": 1}
    assert len({verdict.at_s for verdict in verdicts}) == len(verdicts)


def test_a_stale_frame_is_dropped_and_never_judged(booster: ScoreModel) -> None:
    old = Frame(0, 0.0, SystemClock().now_s() - 10, np.full((4, 4, 3), 50, np.uint8))
    pipeline, verdicts = run([old], booster, lossless=False)
    assert dict(pipeline.snapshot().counts.dropped) == {"stale": 1}
    assert verdicts == []


def test_a_slow_engine_delays_no_frame(booster: ScoreModel) -> None:
    busy = threading.Event()
    pipeline, verdicts = run(
        frames([50] * 60 + [200] * 60), booster, on_call=lambda: busy.wait(0.05) and None
    )
    assert pipeline.snapshot().counts.processed == 120
    assert verdicts


def test_a_tick_replaced_by_a_newer_one_is_counted(booster: ScoreModel) -> None:
    pipeline = pipeline_of([], booster, lambda verdict: None, lossless=False)
    for at_s in (0.0, 0.2, 0.4):
        pipeline._send_ticks((Tick(at_s, 0, 0.0),))
    assert pipeline.snapshot().skipped_ticks == 2


def test_searches_whose_answer_does_not_count_are_shown_and_traced(booster: ScoreModel) -> None:
    class Searching(BrightnessReader):
        slow_search = SlowSearch(InlineDetector(Mock()))
        load_detectors = Mock()

        def read(self, frame: Frame) -> tuple[Face | None, Landmarks | None]:
            if frame.index == 3:
                self.slow_search._count_unused(OUTDATED)
            return super().read(frame)

    gauge = gauge_of(Searching(), booster, lambda: None)
    gauge.tracer = tracer = Mock(wraps=NO_TRACING)
    clock = SystemClock()
    camera = FakeCamera(frames([50] * 10), clock)
    group = GaugeGroup.alone(gauge)
    pipeline = Pipeline(SETTING, camera, group, clock, lossless=True, on_verdict=lambda _: None)
    pipeline.start()
    wait_for(lambda: not pipeline.running)
    assert pipeline.stop() == []
    assert pipeline.snapshot().searches_unused == {OUTDATED: 1}
    tracer.event.assert_any_call(OUTDATED, thread="drops")


def test_a_stage_that_raises_ends_the_run_with_its_error(booster: ScoreModel) -> None:
    pipeline, _ = run(frames([50] * 10), booster, raising=ZeroDivisionError("broken eyes"))
    with pytest.raises(
        StageDied, match="vision stage died: ZeroDivisionError: broken eyes"
    ) as caught:
        pipeline.raise_failure()
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


def test_an_engine_that_raises_ends_the_run_with_its_error(booster: ScoreModel) -> None:
    def fail() -> None:
        raise RuntimeError("broken engine")

    pipeline, _ = run(frames([50] * 60 + [200] * 60), booster, on_call=fail)
    with pytest.raises(StageDied, match="recognition stage died"):
        pipeline.raise_failure()


def test_a_lost_source_leaves_the_verdicts_so_far(booster: ScoreModel) -> None:
    pipeline, verdicts = run(
        [*frames([50] * 60), SourceLost("camera 0 is gone; plug it in again")], booster
    )
    with pytest.raises(SourceLost, match="camera 0"):
        pipeline.raise_failure()
    assert verdicts


@pytest.mark.parametrize("after", [0, 40])
def test_stop_ends_a_read_that_never_returns(booster: ScoreModel, after: int) -> None:
    pipeline = pipeline_of([*frames([50] * after), Freeze()], booster, lambda verdict: None)
    pipeline.start()
    wait_for(lambda: pipeline.snapshot().counts.processed == after)
    assert pipeline.stop() == []
    assert not any(
        thread.name in ("capture", "vision", "recognition") for thread in threading.enumerate()
    )


def test_a_camera_that_falls_silent_has_no_signal_and_no_number(booster: ScoreModel) -> None:
    verdicts: list[Verdict] = []
    pipeline = pipeline_of([*frames([50] * 60 + [200] * 20), Freeze()], booster, verdicts.append)
    pipeline.start()
    wait_for(lambda: bool(verdicts) and verdicts[-1].state is State.NO_SIGNAL)
    snapshot = pipeline.snapshot()
    assert snapshot.verdict is not None
    assert snapshot.verdict.p_genuine is None
    assert pipeline.stop() == []


class FilmBehindHttp(FakeCamera):
    """A recording from the network: media times are its own, from 0."""

    kind, recorded = "stream", True

    def __init__(self, script: Iterable[Step], opening_s: float = 0.0) -> None:
        super().__init__(script, SystemClock())
        self._opening_s = opening_s

    def open(self) -> None:
        threading.Event().wait(self._opening_s)
        super().open()


@pytest.mark.parametrize("late", ["opens late", "first picture late", "stalls", "stalls twice"])
def test_a_film_whose_pictures_come_late_has_all_its_readings(
    booster: ScoreModel, late: str
) -> None:
    """What is said while none comes has no time that the pictures then have to catch up with."""
    shown, pause = frames([50] * 40 + [200] * 20), Pause(1.4)
    whole = run(shown, booster)[1]
    script: list[Step] = {
        "opens late": shown,
        "first picture late": [pause, *shown],
        "stalls": [*shown[:20], pause, *shown[20:]],
        "stalls twice": [*shown[:1], pause, *shown[1:50], pause, *shown[50:]],
    }[late]
    verdicts: list[Verdict] = []
    source = FilmBehindHttp(script, 1.4 if late == "opens late" else 0.0)
    gauges = GaugeGroup.alone(gauge_of(BrightnessReader(), booster, lambda: None))
    pipeline = Pipeline(
        SETTING, source, gauges, SystemClock(), lossless=True, on_verdict=verdicts.append
    )
    pipeline.start()
    wait_for(lambda: not pipeline.running)
    assert pipeline.stop() == []
    seen = [v.at_s for v in verdicts if v.state is not State.NO_SIGNAL]
    assert seen == [v.at_s for v in whole]
    assert any(v.state is State.NO_SIGNAL for v in verdicts) == (late != "opens late")
    assert (np.diff([v.at_s for v in verdicts]) >= 0).all()


def test_history_is_bounded_by_ten_seconds(booster: ScoreModel) -> None:
    pipeline, verdicts = run(frames([50] * 30 * 14), booster)
    history = pipeline.snapshot().history
    assert history[-1] == verdicts[-1]
    assert history[-1].at_s - history[0].at_s <= 10.0


def test_nothing_is_written_to_disk(
    booster: ScoreModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run(frames([50] * 60 + [200] * 60), booster)
    assert list(tmp_path.iterdir()) == []


class TestPace:
    """The engine double moves the clock by the time of each step; a tick takes two."""

    @staticmethod
    def judge_ticks(pipeline: Pipeline, ticks: int) -> None:
        shapes = np.random.default_rng(1).normal(0, 1, (24, 80)).astype(np.float32)
        for number in range(ticks):
            at_s = 2.0 + 0.2 * number
            quality = ViewQuality(100, 120, 0)
            face = Face((0, 0, 40, 40), 20.0, BoxSource.MOSSE)
            window = Window(shapes, at_s - 1.6, at_s)
            tick = Tick(
                at_s, number, at_s, face=face, quality=quality, window=window, intensity=1.0
            )
            pipeline._judge_ticks((tick,), at_s)

    @pytest.mark.parametrize("lossless", [False, True])
    def test_fewer_steps_then_longer_strides_then_back(
        self, booster: ScoreModel, clock: Any, lossless: bool
    ) -> None:
        step_s = [0.15]

        def work() -> None:
            clock.time_s += step_s[0]
            calls.append(step_s[0])

        calls: list[float] = []
        pipeline = pipeline_of(
            [], booster, lambda _: None, lossless=lossless, on_call=work, clock=clock
        )
        notices = []
        for step_s[0], ticks in ((0.15, 3), (0.35, 3), (0.01, 30)):
            calls.clear()
            self.judge_ticks(pipeline, ticks)
            notices.append(
                (pipeline.snapshot().notice, len(calls), pipeline._gauges.ticker.stride_s)
            )
        slow = "recognition takes longer than its stride: 1 of 2 steps"
        if lossless:
            assert notices == [("", 6, 0.2), ("", 6, 0.2), ("", 60, 0.2)]
        else:
            assert notices == [
                (slow, 5, 0.2),
                (f"{slow}, a reading every 0.4 s", 3, 0.4),
                ("", 40, 0.2),
            ]

    def test_the_pace_notice_is_shown_beside_others(self, booster: ScoreModel, clock: Any) -> None:
        def work() -> None:
            clock.time_s += 0.15

        pipeline = pipeline_of(
            [], booster, lambda _: None, lossless=False, on_call=work, clock=clock
        )
        pipeline.live_state.set_notice("no window")
        self.judge_ticks(pipeline, 3)
        assert (
            pipeline.snapshot().notice
            == "no window; recognition takes longer than its stride: 1 of 2 steps"
        )
