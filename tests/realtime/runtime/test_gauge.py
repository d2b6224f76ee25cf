"""One frame through reader, motion stage, ticker and judge, without threads."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest
from populations import plain_population
from simulated_run import POINTS, TIMING, ConstantJudge, FaceEverywhere
from stages import descriptor_of

from realtime.core.messages import Face, Frame, Landmarks, ViewQuality
from realtime.core.tracing import MOTION, NO_FRAME, Tracer
from realtime.motion.align import align_to_eyes
from realtime.motion.basis import MovementBasis
from realtime.motion.motion import MotionStage
from realtime.motion.ticker import Ticker
from realtime.person.descriptor_source import Described
from realtime.person.face_watch import OUTDATED, FaceWatch
from realtime.runtime.gauge import Gauge, Step

HZ = 30
IMAGE = np.zeros((4, 4, 3), np.uint8)


class NoFaceFrom(FaceEverywhere):
    """Face reader that loses the face at a frame."""

    def __init__(self, frame: int) -> None:
        self.lost_from = frame

    def read(self, frame: Frame) -> tuple[Face | None, Landmarks | None]:
        return super().read(frame) if frame.index < self.lost_from else (None, None)


class ViewJudge(ConstantJudge):
    """Judge to whom every view is `clear` or none; records the views."""

    def __init__(self, clear: bool) -> None:
        super().__init__()
        self.clear = clear
        self.views: list[tuple[ViewQuality, float]] = []

    def is_clear_view(self, quality: ViewQuality, psr: float) -> bool:
        self.views.append((quality, psr))
        return self.clear


def gauge(
    reader: FaceEverywhere | None = None, judge: ConstantJudge | None = None, **parts
) -> Gauge:
    population = plain_population(align_to_eyes(POINTS), neutral_prior=0.01, range_prior=10.0)
    motion = MotionStage(TIMING, population, MovementBasis(np.eye(80, dtype=np.float32), 3.0))
    return Gauge(reader or FaceEverywhere(), motion, judge, **parts)


def frame(index: int) -> Frame:
    return Frame(index, index / HZ, 1000 + index / HZ, IMAGE)


def steps(of: Gauge, count: int) -> list[Step]:
    return [of.step(frame(index)) for index in range(count)]


def test_each_frame_gives_face_and_landmarks_and_every_stride_a_tick() -> None:
    found = steps(gauge(), 19)
    assert all(step.face is not None and step.landmarks is not None for step in found)
    ticks = {index: step.tick for index, step in enumerate(found) if step.tick is not None}
    assert list(ticks) == [0, 6, 12, 18]
    tick = ticks[12]
    assert (tick.frame, tick.at_s, tick.read_at_s) == (12, 0.4, 1000.4)
    assert (tick.face, tick.quality) == (found[12].face, ViewQuality(100, 120, 0))


def test_a_tick_has_the_movement_of_its_own_frame() -> None:
    tick = steps(gauge(), 61)[60].tick
    assert tick is not None
    assert tick.window is not None
    assert tick.window.ended_at_s == pytest.approx(2.0)
    assert np.abs(tick.window.motion).max() > 0


def test_a_frame_without_a_face_gives_a_tick_without_a_window() -> None:
    found = steps(gauge(NoFaceFrom(31)), 37)
    assert found[30].tick is not None
    assert found[30].tick.window is not None
    assert (found[36].face, found[36].landmarks) == (None, None)
    assert found[36].tick is not None
    assert (found[36].tick.window, found[36].tick.face) == (None, None)


@pytest.mark.parametrize("clear", [True, False])
def test_the_judge_decides_which_views_count_as_movement(clear: bool) -> None:
    judge = ViewJudge(clear)
    tick = steps(gauge(judge=judge), 61)[60].tick
    assert tick is not None
    assert (tick.window is not None) is clear
    assert judge.views == [(ViewQuality(100, 120, 0), 20.0)] * 61


def test_without_a_judge_it_makes_ticks_and_reads_none() -> None:
    alone = gauge()
    tick = steps(alone, 1)[0].tick
    assert tick is not None
    with pytest.raises(RuntimeError, match="has no judge"):
        alone.read(tick)


def test_a_reading_is_that_of_the_judge() -> None:
    judged = gauge(judge=ConstantJudge())
    tick = steps(judged, 61)[60].tick
    assert tick is not None
    assert judged.read(tick).p_genuine == 0.9


def test_a_given_ticker_replaces_the_stride_of_the_motion_stage() -> None:
    found = steps(gauge(ticker=Ticker(0.5, first_s=0.2)), 40)
    assert [index for index, step in enumerate(found) if step.tick is not None] == [6, 21, 36]


class SlowDescriptors:
    """Source whose description of the first face comes when `answer` is called."""

    def __init__(self) -> None:
        self.stretches: list[int] = []
        self._described: list[Described] = []

    def submit(self, frame: Frame, landmarks: Landmarks, stretch: int) -> str:
        self.stretches.append(stretch)
        return ""

    def take(self) -> list[Described]:
        described, self._described = self._described, []
        return described

    def answer(self) -> None:
        self._described.append(Described(descriptor_of(1), self.stretches[0]))


@pytest.mark.parametrize("interrupted", [True, False])
def test_a_descriptor_of_before_an_interruption_is_counted_and_not_compared(
    interrupted: bool,
) -> None:
    source = SlowDescriptors()
    watched = gauge(watch=FaceWatch(source))
    steps(watched, 1)
    if interrupted:
        watched.motion.person.interrupt()
    source.answer()
    watched.step(frame(1))
    assert watched.not_described == ({OUTDATED: 1} if interrupted else {})
    assert (watched.motion.person.face is None) is interrupted


def test_without_a_watch_no_face_is_due() -> None:
    alone = gauge()
    steps(alone, 3)
    assert alone.not_described == {}


def test_the_motion_stage_is_traced_with_its_frame() -> None:
    spans: list[tuple[str, int]] = []

    class RecordingTracer(Tracer):
        @contextmanager
        def span(self, stage: str, frame: int = NO_FRAME) -> Iterator[None]:
            spans.append((stage, frame))
            yield

    steps(gauge(tracer=RecordingTracer()), 3)
    assert spans == [(MOTION, 0), (MOTION, 1), (MOTION, 2)]
