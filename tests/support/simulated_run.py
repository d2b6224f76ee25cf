"""Pipeline without threads on a simulated clock: what the gauge shows at every instant.

Only the source's waits advance the clock, in small steps; after each, every stage runs once.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from populations import plain_population

from realtime.capture.capture_loop import capture_frames
from realtime.capture.live.reconnect import ReconnectingSource
from realtime.core.mailbox import Mailbox
from realtime.core.messages import (
    BoxSource,
    Face,
    Frame,
    Image,
    Landmarks,
    State,
    Tick,
    Verdict,
    ViewQuality,
)
from realtime.core.snapshot import FrameCounts, RunSetting, RunVerdict
from realtime.core.tracing import NO_TRACING
from realtime.landmarks.appearance import APPEARANCE
from realtime.motion.align import align_to_eyes
from realtime.motion.basis import MovementBasis
from realtime.motion.motion import MotionStage
from realtime.motion.resample import WindowTiming
from realtime.runtime.gauge import Gauge
from realtime.runtime.gauge_group import GaugeGroup
from realtime.runtime.pipeline import Pipeline
from realtime.testing.fake_camera import FakeCamera, Step
from realtime.verdict.gate import Gate
from realtime.verdict.judge import Reading

TIMING = WindowTiming(rate_hz=15, window_s=1.6, min_window_s=0.8, stride_s=0.2, smooth_s=0.033)
SETTING = RunSetting("fake camera", "surprise", "none", 1.6, 0.2)
STEP_S = 0.05
POINTS = np.random.default_rng(0).uniform(0, 40, (40, 2)).astype(np.float32)
POINTS[16:22] = (10, 20)
POINTS[22:28] = (30, 20)


PICTURES = np.random.default_rng(0).integers(100, 156, (50, 48, 64, 3), np.uint8)


def picture(number: int) -> Image:
    """Return image `number`; consecutive images differ, as a camera's do."""
    return PICTURES[number % len(PICTURES)]


class FaceEverywhere:
    """Face reader that finds a face in every frame."""

    def read(self, frame: Frame) -> tuple[Face, Landmarks]:
        points = POINTS.copy()
        points[28:36, 1] += frame.index % 20
        return Face((0, 0, 40, 40), 20.0, BoxSource.MOSSE), Landmarks(
            points,
            frame.captured_at_s,
            frame.index,
            ViewQuality(100, 120, 0),
            appearance=np.zeros(APPEARANCE, np.float32),
        )


class ConstantJudge:
    """Judge with the real gate that gives 90 % for every tick the gate accepts."""

    emotion = "surprise"
    steps = 1

    def __init__(self) -> None:
        self._gate = Gate(0, 0, 255, 1, 0.0, 0.0)

    def read(self, tick: Tick) -> Reading:
        refusal = self._gate.refuse(tick, False)
        return (
            Reading(refusal.state, refusal.reason, emotion=self.emotion, cause=refusal.cause)
            if refusal
            else Reading(State.JUDGING, "", 0.9, emotion=self.emotion)
        )

    def is_clear_view(self, quality: ViewQuality, psr: float) -> bool:
        return True

    def run_verdict(self) -> RunVerdict:
        return RunVerdict("judging", 0.9, 1.0)

    def close(self) -> None:
        pass


@dataclass(frozen=True)
class ShownState:
    """Verdict and signal error shown at `at_s`, seconds since the start."""

    at_s: float
    verdict: Verdict | None
    signal_error: str


def pipeline_over(
    source, clock, *, reader=None, judge=None, tracer=NO_TRACING, **settings
) -> Pipeline:
    """Return a pipeline over `source` whose reader and judge are doubles unless given."""
    population = plain_population(align_to_eyes(POINTS), neutral_prior=0.01, range_prior=10.0)
    motion = MotionStage(TIMING, population, MovementBasis(np.eye(80, dtype=np.float32), 3.0))
    settings = {"lossless": False, "on_verdict": lambda verdict: None} | settings
    gauge = Gauge(reader or FaceEverywhere(), motion, judge or ConstantJudge(), tracer=tracer)
    return Pipeline(SETTING, source, GaugeGroup.alone(gauge), clock, **settings)


class SimulatedRun:
    """Run of `script` as a reconnecting camera; records what the gauge shows at every step."""

    def __init__(self, script: Iterator[Step]) -> None:
        self.now, self.shown, self.delivered = 0.0, [], []
        self.camera = ReconnectingSource(FakeCamera(script, self), self)
        self._pipeline = pipeline_over(self.camera, self)

    def now_s(self) -> float:
        return self.now

    def wait_until(self, at_s: float, stop: threading.Event) -> None:
        while self.now < at_s:
            self.now = min(self.now + STEP_S, at_s)
            self._step()

    def run(self) -> list[ShownState]:
        """Run to the end of the script."""
        self._pipeline._frames = _Direct(self)
        capture_frames(
            self.camera, self._pipeline._frames, False, self._pipeline._counter, threading.Event()
        )
        return self.shown

    def process_frame(self, frame: Frame) -> None:
        self.delivered.append((self.now, frame))
        self._pipeline._process_frame(frame)
        self._step()

    @property
    def counts(self) -> FrameCounts:
        assert self._pipeline._counter.in_flight == 0
        return self._pipeline.snapshot().counts

    def _step(self) -> None:
        self._pipeline._check_signal()
        while (waiting := self._pipeline._ticks.take(0.0)) is not None:
            self._pipeline._judge_ticks(waiting.ticks, waiting.since_s)
        self.shown.append(
            ShownState(self.now, self._pipeline.snapshot().verdict, self.camera.signal_error)
        )


class _Direct(Mailbox[Frame]):
    """Mailbox that processes each frame as it is put."""

    def __init__(self, run: SimulatedRun) -> None:
        super().__init__()
        self._run = run

    def put(self, item: Frame) -> Frame | None:
        self._run.process_frame(item)
        return None
