"""The packaged clip turned by this test: a head that is rolled reads as the upright one."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import cv2
import numpy as np
import pytest

from engines.bundle.bundle import DEFAULT_BUNDLE, Bundle
from realtime.capture.demo import DemoClip
from realtime.capture.playback import DEMO_NEUTRAL_AT_S
from realtime.core.clock import SystemClock
from realtime.core.messages import Frame, Image, State
from realtime.runtime.gauge_spec import GaugeSpec

FRAMES = 110
# Difference of the probability. The speed of the onset is an input of the score, and a picture that
# is turned and resampled moves the landmarks by a little in each frame.
ALLOWED = 0.035


@cache
def clip() -> list[Frame]:
    with DemoClip(paced=False, clock=SystemClock()) as source:
        return [frame for _ in range(FRAMES) if (frame := source.read()) is not None]


def turned(image: Image, roll_deg: float) -> Image:
    """Return the picture turned clockwise about its middle, with black corners."""
    height, width = image.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), -roll_deg, 1.0)
    return np.asarray(cv2.warpAffine(image, turn, (width, height), flags=cv2.INTER_CUBIC), np.uint8)


def read(roll_deg: Callable[[float], float]) -> tuple[float | None, list[tuple[State, str]]]:
    """Return the run's probability of surprise, and state and reason of each reading."""
    spec = GaugeSpec.of(Bundle.load(DEFAULT_BUNDLE), "surprise", neutral_at_s=DEMO_NEUTRAL_AT_S)
    gauge = spec.load()
    readings = []
    for frame in clip():
        image = turned(frame.image, roll_deg(frame.captured_at_s))
        step = gauge.step(Frame(frame.index, frame.captured_at_s, 0.0, image))
        if step.tick is not None:
            reading = gauge.read(step.tick)
            readings.append((reading.state, reading.reason))
    probability = gauge.judge.run_verdict().p_genuine
    gauge.judge.close()
    return probability, readings


@cache
def upright() -> float:
    probability, _ = read(lambda at_s: 0.0)
    assert probability is not None
    return probability


@pytest.mark.parametrize("roll_deg", [-40, 20, 30])
def test_a_rolled_head_has_the_reading_of_the_upright_one(roll_deg: float) -> None:
    probability, _ = read(lambda at_s: roll_deg)
    assert probability == pytest.approx(upright(), abs=ALLOWED)


def test_a_head_that_rolls_meanwhile_has_the_reading_of_the_upright_one() -> None:
    probability, _ = read(lambda at_s: 30 * np.sin(2 * np.pi * at_s / 4))
    assert probability == pytest.approx(upright(), abs=ALLOWED)


@pytest.mark.parametrize("roll_deg", [-90, 60, 180])
def test_a_head_rolled_too_far_is_a_poor_view_and_says_so(roll_deg: float) -> None:
    probability, readings = read(lambda at_s: roll_deg)
    assert probability is None
    state, reason = readings[-1]
    assert state is State.POOR_VIEW
    assert "head tilted to a shoulder" in reason
