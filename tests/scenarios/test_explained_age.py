"""A paced replay on a simulated clock: the stages' times sum up to the age of the reading."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

import pytest
from simulated_run import ConstantJudge, FaceEverywhere, pipeline_over

from realtime.app.cli import parser
from realtime.app.options import Options
from realtime.app.session import Session
from realtime.capture.demo import CLIP
from realtime.capture.playback import PlaybackRange
from realtime.capture.video_file import VideoFile
from realtime.core.messages import Face, Frame, Landmarks, Tick
from realtime.core.snapshot import ProfileTable, Snapshot
from realtime.core.tracing import FACES, LANDMARKS, NO_TRACING, RECOGNITION, STAGES, VERDICT, Tracer
from realtime.profiling.profiler import Profiler
from realtime.runtime.pipeline import Pipeline
from realtime.testing.fake_camera import FakeCamera
from realtime.verdict.reading import Reading
from realtime.view.records.records import NoRecorder

BETWEEN_S = 0.0002  # between two stages, in no span


@dataclass
class ManualTime:
    """Clock that advances only with work and waits."""

    s: float = 50.0

    def now_s(self) -> float:
        return self.s

    def wait_until(self, at_s: float, stop: threading.Event) -> None:
        self.s = max(self.s, at_s)

    def advance(self, seconds: float) -> None:
        self.s += seconds


class Reader(FaceEverywhere):
    def __init__(self, time: ManualTime, tracer: Tracer) -> None:
        self.time, self.tracer = time, tracer

    def read(self, frame: Frame) -> tuple[Face, Landmarks]:
        for stage, lasts_s in ((FACES, 0.003), (LANDMARKS, 0.009)):
            self.time.advance(BETWEEN_S)
            with self.tracer.span(stage, frame.index):
                self.time.advance(lasts_s)
        return super().read(frame)


class Judge(ConstantJudge):
    def __init__(self, time: ManualTime, tracer: Tracer) -> None:
        super().__init__()
        self.time, self.tracer = time, tracer

    def read(self, tick: Tick) -> Reading:
        for stage, lasts_s in ((RECOGNITION, 0.015), (VERDICT, 0.001)):
            self.time.advance(BETWEEN_S)
            with self.tracer.span(stage, tick.frame):
                self.time.advance(lasts_s)
        return super().read(tick)


@dataclass
class Screen:
    """The part of `Views` that a session draws with."""

    time: ManualTime
    drawn_frame: int = -1
    shown: list[Snapshot] = field(default_factory=list)

    def show(self, snapshot: Snapshot) -> None:
        self.time.advance(0.004)
        self.shown.append(snapshot)
        self.drawn_frame = snapshot.verdict.frame if snapshot.verdict is not None else -1


def run_frame(pipeline: Pipeline, run: Session, time: ManualTime, frame: Frame) -> None:
    """Do the work of all threads for one frame in turn, with the waits between."""
    time.advance(0.002)
    pipeline._process_frame(frame)
    while (waiting := pipeline._ticks.take(0.0)) is not None:
        time.advance(0.003)
        pipeline._judge_ticks(waiting.ticks, waiting.since_s)
    time.advance(0.007)
    run._show(pipeline.snapshot())


def profiled_replay(traced_judge: bool = True) -> tuple[ProfileTable, Screen]:
    time = ManualTime()
    profile, screen = Profiler(time), Screen(time)
    replay = VideoFile(CLIP, True, time, PlaybackRange(to_s=4.0))
    judge = Judge(time, profile if traced_judge else NO_TRACING)
    reader = Reader(time, profile)
    pipeline = pipeline_over(replay, time, reader=reader, judge=judge, tracer=profile)
    run = Session(Options.of(parser().parse_args(["--demo"])), screen, NoRecorder(), profile)
    with replay:
        while (frame := replay.read()) is not None:
            pipeline._counter.count_captured()
            run_frame(pipeline, run, time, frame)
    return profile.final(), screen


def test_work_and_waits_sum_up_to_the_age_within_five_per_cent() -> None:
    table, screen = profiled_replay()
    assert table.where == "gauge"
    assert table.age is not None
    assert (
        table.age.count
        == len({each.verdict.frame for each in screen.shown if each.verdict is not None})
        > 10
    )
    assert table.age.p50_ms == pytest.approx(44.8, rel=0.03)
    assert table.explained is not None
    assert 0.95 < table.explained < 1
    # Only a capture thread traces the source.
    assert {stage.name for stage in table.stages} == {*STAGES} - {"source"}


def test_a_stage_without_spans_is_missing_from_the_sum() -> None:
    table, _ = profiled_replay(traced_judge=False)
    assert table.explained == pytest.approx(28 / 44.8, rel=0.03)


def test_a_silent_source_adds_no_age_of_its_last_frame() -> None:
    """The tick that reports silence comes later; it must not count as an age of the frame."""
    time = ManualTime()
    profile = Profiler(time)
    camera = FakeCamera([], time)
    camera.is_open = True
    pipeline = pipeline_over(camera, time, judge=Judge(time, profile), tracer=profile)
    run = Session(Options.of(parser().parse_args(["--demo"])), Screen(time), NoRecorder(), profile)
    with VideoFile(CLIP, True, time) as replay:
        frame = replay.read()
    assert frame is not None
    pipeline._counter.count_captured()
    pipeline._process_frame(frame)
    waiting = pipeline._ticks.take(0.0)
    assert waiting is not None
    pipeline._judge_ticks(waiting.ticks, waiting.since_s)
    time.advance(3.0)
    pipeline._check_signal()
    waiting = pipeline._ticks.take(0.0)
    assert waiting is not None
    assert not waiting.ticks[0].signal
    pipeline._judge_ticks(waiting.ticks, waiting.since_s)
    assert run.tracer is profile
    age = profile.final().age
    assert age is not None
    assert age.count == 1
    assert age.max_ms < 100
