"""A pipeline with doubles at both ends: fake camera, fake face reader, fake engine."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from functools import cache

import numpy as np
import xgboost
from populations import plain_population

from engines.testing.fake_engine import FakeEngine
from realtime.core.clock import Clock, SystemClock
from realtime.core.messages import BoxSource, Face, Frame, Landmarks, Verdict, ViewQuality
from realtime.core.snapshot import RunSetting
from realtime.motion.align import align_to_eyes
from realtime.motion.basis import MovementBasis
from realtime.motion.motion import MotionStage
from realtime.motion.resample import WindowTiming
from realtime.recognition.recogniser import RecogniserSet, RecognitionConfig
from realtime.runtime.gauge import Gauge
from realtime.runtime.gauge_group import GaugeGroup
from realtime.runtime.pipeline import Pipeline
from realtime.testing.fake_camera import FakeCamera, Step
from realtime.verdict.booster import LinearScore, ScoreModel
from realtime.verdict.calibration import PlattScaling
from realtime.verdict.emotion_judge import EmotionJudge
from realtime.verdict.features import FeatureExtractor, ReadOut
from realtime.verdict.gate import Gate
from realtime.verdict.judge import Judge
from realtime.verdict.person_bias import PersonBias

TIMING = WindowTiming(rate_hz=15, window_s=1.6, min_window_s=0.8, stride_s=0.2, smooth_s=0.033)
SETTING = RunSetting("fake camera", "surprise", "fake", 1.6, 0.2)
WAIT_S = 30.0  # a bound for a broken build, not a measure
POINTS = np.random.default_rng(0).uniform(0, 40, (40, 2)).astype(np.float32)
POINTS[16:22] = (10, 20)
POINTS[22:28] = (30, 20)
DARK = 0  # gray level in which the reader below finds no face


class BrightnessReader:
    """Find a face in every bright picture; brightness opens the mouth."""

    def __init__(self, raising: Exception | None = None) -> None:
        self._raising = raising

    def read(self, frame: Frame) -> tuple[Face | None, Landmarks | None]:
        if self._raising:
            raise self._raising
        level = int(frame.image[0, 0, 0])
        if level == DARK:
            return None, None
        points = POINTS.copy()
        points[28:36, 1] += level / 10
        landmarks = Landmarks(points, frame.captured_at_s, frame.index, ViewQuality(100, 120, 0))
        return Face((0, 0, 40, 40), 20.0, BoxSource.MOSSE), landmarks


@cache
def grown_booster() -> ScoreModel:
    rng = np.random.default_rng(0)
    inputs = rng.normal(0, 1, (100, 2)).astype(np.float32)
    grown = xgboost.train({"nthread": 1}, xgboost.DMatrix(inputs, inputs[:, 0] > 0), 3)
    return ScoreModel(
        bytes(grown.save_raw("ubj")), LinearScore(np.zeros(2, np.float32), 0.0), "test"
    )


def frames(levels: Iterable[int], hz: float = 30.0) -> list[Frame]:
    """Return frames of the given gray levels with media times, all read now."""
    now_s = SystemClock().now_s()
    return [
        Frame(i, i / hz, now_s, np.full((4, 4, 3), level, np.uint8))
        for i, level in enumerate(levels)
    ]


def pipeline_of(
    script: Iterable[Step],
    booster: ScoreModel,
    on_verdict: Callable[[Verdict], None],
    *,
    lossless: bool = True,
    on_call: Callable[[], None] = lambda: None,
    raising: Exception | None = None,
    clock: Clock | None = None,
) -> Pipeline:
    clock = clock or SystemClock()
    return Pipeline(
        SETTING,
        FakeCamera(script, clock),
        GaugeGroup.alone(gauge_of(BrightnessReader(raising), booster, on_call)),
        clock,
        lossless=lossless,
        on_verdict=on_verdict,
    )


def gauge_of(reader: BrightnessReader, booster: ScoreModel, on_call: Callable[[], None]) -> Gauge:
    population = plain_population(align_to_eyes(POINTS), neutral_prior=0.01, range_prior=10.0)
    recognisers = RecogniserSet(
        [FakeEngine(on_call)], RecognitionConfig(2, TIMING.frames, 1.0, 0.1)
    )
    read_outs = [ReadOut(np.ones(64, np.float32), 0.0)]
    features = FeatureExtractor(read_outs, read_outs, PersonBias())
    judges = {
        name: EmotionJudge(name, ("fake",), features, booster, PlattScaling(1, 0, 0), 0.2)
        for name in ("surprise", "any")
    }
    judge = Judge("surprise", Gate(0, 0, 255, 1, 0.1, 0.05), recognisers, judges)
    motion = MotionStage(TIMING, population, MovementBasis(np.eye(80, dtype=np.float32), 3.0))
    return Gauge(reader, motion, judge)


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until `condition` holds, checking every 5 ms."""
    moment, bound = threading.Event(), SystemClock().now_s() + WAIT_S
    while not condition():
        assert SystemClock().now_s() < bound, "the pipeline hangs"
        moment.wait(0.005)
