"""A paced replay on a clock that is moved by hand: what the stages tell sums up to the age of what is shown."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

import pytest
from watched import AlwaysSure, FaceEverywhere, pipeline_over

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

BETWEEN_S = 0.0002  # what passes between two stages that nobody tells of


@dataclass
class Time:
    """A clock that goes on only when somebody works or waits."""

    s: float = 50.0

    def now_s(self) -> float:
        return self.s

    def wait_until(self, at_s: float, stop: threading.Event) -> None:
        self.s = max(self.s, at_s)

    def pass_(self, seconds: float) -> None:
        self.s += seconds


class Reader(FaceEverywhere):
    def __init__(self, time: Time, spans: Tracer) -> None:
        self.time, self.spans = time, spans

    def read(self, frame: Frame) -> tuple[Face, Landmarks]:
        for stage, lasts_s in ((FACES, 0.003), (LANDMARKS, 0.009)):
            self.time.pass_(BETWEEN_S)
            with self.spans.span(stage, frame.index):
                self.time.pass_(lasts_s)
        return super().read(frame)


class Judge(AlwaysSure):
    def __init__(self, time: Time, spans: Tracer) -> None:
        super().__init__()
        self.time, self.spans = time, spans

    def read(self, tick: Tick) -> Reading:
        for stage, lasts_s in ((RECOGNITION, 0.015), (VERDICT, 0.001)):
            self.time.pass_(BETWEEN_S)
            with self.spans.span(stage, tick.frame):
                self.time.pass_(lasts_s)
        return super().read(tick)


@dataclass
class Screen:
    """The part of `Views` that a run shows things with."""

    time: Time
    drawn_frame: int = -1
    shown: list[Snapshot] = field(default_factory=list)

    def show(self, snapshot: Snapshot) -> None:
        self.time.pass_(0.004)
        self.shown.append(snapshot)
        self.drawn_frame = snapshot.verdict.frame if snapshot.verdict is not None else -1


def round_(pipeline: Pipeline, run: Session, time: Time, frame: Frame) -> None:
    """What the threads do for a frame, one after the other, with the waits between them."""
    time.pass_(0.002)
    pipeline._process_frame(frame)
    while (waiting := pipeline._ticks.take(0.0)) is not None:
        time.pass_(0.003)
        pipeline._judge_tick(waiting.tick, waiting.since_s)
    time.pass_(0.007)
    run._show(pipeline.snapshot())


def watched(told_by_judge: bool = True) -> tuple[ProfileTable, Screen]:
    time = Time()
    profile, screen = Profiler(time), Screen(time)
    replay = VideoFile(CLIP, True, time, PlaybackRange(to_s=4.0))
    judge = Judge(time, profile if told_by_judge else NO_TRACING)
    pipeline = pipeline_over(replay, time, reader=Reader(time, profile), judge=judge, tracer=profile)
    run = Session(None, screen, NoRecorder(), profile)
    with replay:
        while (frame := replay.read()) is not None:
            pipeline._counter.count_captured()
            round_(pipeline, run, time, frame)
    return profile.final(), screen


def test_work_and_waits_sum_up_to_the_age_within_five_per_cent() -> None:
    table, screen = watched()
    assert table.where == "gauge"
    assert table.age is not None
    assert (
        table.age.count
        == len({one.verdict.frame for one in screen.shown if one.verdict is not None})
        > 10
    )
    assert table.age.p50_ms == pytest.approx(44.8, rel=0.03)
    assert table.explained is not None
    assert 0.95 < table.explained < 1
    assert {stage.name for stage in table.stages} == {*STAGES} - {
        "source"
    }  # which is told where capture has a thread


def test_a_stage_that_is_not_told_is_missing_in_the_sum() -> None:
    table, _ = watched(told_by_judge=False)
    assert table.explained == pytest.approx(28 / 44.8, rel=0.03)


def test_a_source_that_went_silent_makes_no_reading_of_its_last_frame() -> None:
    """A tick that says so comes a second later and more: as an age of the frame it would be false."""
    time = Time()
    profile = Profiler(time)
    pipeline = pipeline_over(FakeCamera([], time), time, judge=Judge(time, profile), tracer=profile)
    run = Session(None, Screen(time), NoRecorder(), profile)
    with VideoFile(CLIP, True, time) as replay:
        frame = replay.read()
    assert frame is not None
    pipeline._counter.count_captured()
    pipeline._process_frame(frame)
    waiting = pipeline._ticks.take(0.0)
    assert waiting is not None
    pipeline._judge_tick(waiting.tick, waiting.since_s)
    time.pass_(3.0)
    pipeline._check_signal()
    waiting = pipeline._ticks.take(0.0)
    assert waiting is not None
    assert not waiting.tick.signal
    pipeline._judge_tick(waiting.tick, waiting.since_s)
    assert run.tracer is profile
    age = profile.final().age
    assert age is not None
    assert age.count == 1
    assert age.max_ms < 100
