"""The packaged clip turned by this test: a head that is rolled reads as the upright one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
import pytest

from engines.bundle.bundle import DEFAULT_BUNDLE, Bundle
from realtime.capture.demo import DemoClip
from realtime.capture.playback import DEMO_NEUTRAL_AT_S
from realtime.core.clock import SystemClock
from realtime.core.messages import Contribution, Frame, Image, State
from realtime.runtime.gauge_spec import GaugeSpec

FRAMES = 110
ALLOWED = 0.02  # difference of the probability by the movement alone
# With the onset: that of the drawn surprise lasts four frames, and a picture that is turned and
# resampled moves its landmarks by a little in each, so that its speed differs by 15 %.
ALLOWED_WITH_ONSET = 0.035


@cache
def clip() -> list[Frame]:
    with DemoClip(paced=False, clock=SystemClock()) as source:
        return [frame for _ in range(FRAMES) if (frame := source.read()) is not None]


def turned(image: Image, roll_deg: float) -> Image:
    """Return the picture turned clockwise about its middle, with black corners."""
    height, width = image.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), -roll_deg, 1.0)
    return np.asarray(cv2.warpAffine(image, turn, (width, height), flags=cv2.INTER_CUBIC), np.uint8)


@dataclass(frozen=True)
class Run:
    """What a run makes of the clip: its probability, and what makes each tick's score, if any."""

    probability: float | None
    made: list[tuple[Contribution, ...]]
    readings: list[tuple[State, str]]


@cache
def gauge_spec() -> GaugeSpec:
    return GaugeSpec.of(Bundle.load(DEFAULT_BUNDLE), "surprise", neutral_at_s=DEMO_NEUTRAL_AT_S)


def read(roll_deg: Callable[[float], float]) -> Run:
    """Return what the gauge makes of the clip, each picture turned by the roll at its time."""
    gauge, readings = gauge_spec().load(), []
    for frame in clip():
        image = turned(frame.image, roll_deg(frame.captured_at_s))
        step = gauge.step(Frame(frame.index, frame.captured_at_s, 0.0, image))
        if step.tick is not None:
            readings.append(gauge.read(step.tick))
    probability = gauge.judge.run_verdict().p_genuine
    gauge.judge.close()
    said = [(reading.state, reading.reason) for reading in readings]
    return Run(probability, [reading.contributions for reading in readings], said)


def mean_probability(ticks: list[tuple[Contribution, ...]], onset: bool) -> float:
    """Return the probability of the mean score, with or without what the onset adds."""
    scores = [
        sum(each.log_odds for each in made if onset or not each.name.startswith("onset_"))
        for made in ticks
    ]
    return 1 / (1 + float(np.exp(-np.mean(scores))))


@cache
def upright() -> Run:
    return read(lambda at_s: 0.0)


def check_as_upright(run: Run) -> None:
    """Compare on the ticks that both judge: of a faint movement one may judge a tick more."""
    both = [pair for pair in zip(run.made, upright().made, strict=True) if all(pair)]
    assert len(both) >= max(sum(map(bool, each.made)) for each in (run, upright())) - 1
    rolled, straight = ([pair[side] for pair in both] for side in (0, 1))
    for onset, allowed in ((False, ALLOWED), (True, ALLOWED_WITH_ONSET)):
        expected = mean_probability(straight, onset)
        assert mean_probability(rolled, onset) == pytest.approx(expected, abs=allowed)


@pytest.mark.parametrize("roll_deg", [-40, 20, 30])
def test_a_rolled_head_has_the_reading_of_the_upright_one(roll_deg: float) -> None:
    check_as_upright(read(lambda at_s: roll_deg))


def test_a_head_that_rolls_meanwhile_has_the_reading_of_the_upright_one() -> None:
    check_as_upright(read(lambda at_s: 30 * np.sin(2 * np.pi * at_s / 4)))


@pytest.mark.parametrize("roll_deg", [-90, 60, 180])
def test_a_head_rolled_too_far_is_a_poor_view_and_says_so(roll_deg: float) -> None:
    run = read(lambda at_s: roll_deg)
    assert run.probability is None
    state, reason = run.readings[-1]
    assert state is State.POOR_VIEW
    assert "head tilted to a shoulder" in reason
