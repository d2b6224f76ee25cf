from __future__ import annotations

import numpy as np
import pytest
from onset_faces import NEUTRAL, RANGE, MadeUpExpression, frame_times

from realtime.core.messages import Onset
from realtime.motion.onset_meter import OnsetMeter
from realtime.person.tracker import ExpressionThresholds

THRESHOLDS = ExpressionThresholds(onset=0.8, offset=0.6)


def meter_after(
    made_up: MadeUpExpression, until_s: float, noise: float = 0.0, from_s: float = 0.0
) -> OnsetMeter:
    meter, times_s = OnsetMeter(THRESHOLDS), frame_times(until_s)
    for at_s, shape in zip(times_s, made_up.shapes(times_s, noise), strict=True):
        if at_s >= from_s:
            meter.append(float(at_s), shape)
    return meter


def onset(made_up: MadeUpExpression, until_s: float, **changes: float) -> Onset | None:
    return meter_after(made_up, until_s, **changes).measure(NEUTRAL, RANGE)


def test_there_is_an_onset_while_an_expression_rises_and_lasts() -> None:
    made_up = MadeUpExpression(began_s=1.0, rise_s=0.8, amplitude=2.0)
    assert onset(made_up, 1.2) is None  # below the onset threshold so far
    rising, held, longer = (onset(made_up, until_s) for until_s in (1.8, 3.0, 4.0))
    assert rising is not None
    assert held is not None
    assert longer is not None
    assert rising.amplitude < held.amplitude == pytest.approx(2.0, rel=0.01)
    assert rising.duration_s < held.duration_s == pytest.approx(0.52, abs=0.04)
    assert longer.plateau_s == pytest.approx(held.plateau_s + 1.0, abs=0.01)


def test_after_the_expression_there_is_none() -> None:
    meter, neutral_times_s = meter_after(MadeUpExpression(), 3.0), frame_times(1.0)
    for at_s in neutral_times_s + 3.1:
        meter.append(float(at_s), NEUTRAL)
    assert meter.measure(NEUTRAL, RANGE) is None


def test_camera_noise_on_a_still_face_is_no_onset() -> None:
    still = MadeUpExpression(amplitude=0.0)
    for until_s in np.arange(0.5, 6.0, 0.5):
        assert onset(still, float(until_s), noise=0.3) is None


def test_what_stays_below_the_onset_threshold_is_no_expression() -> None:
    assert onset(MadeUpExpression(amplitude=0.7), 3.0) is None


def test_a_blink_now_does_not_count() -> None:
    meter, made_up = meter_after(MadeUpExpression(), 3.0), MadeUpExpression()
    for at_s in (3.03, 3.07, 3.1):
        meter.append(at_s, made_up.shapes(np.array([at_s]))[0] + 3 * RANGE)
    found = meter.measure(NEUTRAL, RANGE)
    assert found is not None
    assert found.amplitude == pytest.approx(2.0, rel=0.02)


def test_what_began_before_the_view_has_no_onset() -> None:
    assert onset(MadeUpExpression(began_s=-0.5), 3.0) is None
    assert onset(MadeUpExpression(), 3.0, from_s=1.4) is None


def test_after_an_interruption_only_what_follows_counts() -> None:
    made_up = MadeUpExpression()
    meter, times_s = meter_after(made_up, 3.0), frame_times(2.0) + 3.1
    meter.clear()
    for at_s, shape in zip(times_s, made_up.shapes(times_s), strict=True):
        meter.append(float(at_s), shape)
    assert meter.measure(NEUTRAL, RANGE) is None


def test_a_gap_is_an_interruption() -> None:
    made_up = MadeUpExpression()
    meter, times_s = meter_after(made_up, 2.0), frame_times(1.0) + 2.5
    for at_s, shape in zip(times_s, made_up.shapes(times_s), strict=True):
        meter.append(float(at_s), shape)
    assert meter.measure(NEUTRAL, RANGE) is None


def test_the_appearance_does_not_count() -> None:
    meter, times_s = OnsetMeter(THRESHOLDS), frame_times(3.0)
    for at_s, shape in zip(times_s, MadeUpExpression().shapes(times_s), strict=True):
        look = np.full(32, 100 * at_s, np.float32)
        meter.append(float(at_s), np.concatenate((shape, look)))
    neutral, wide = np.pad(NEUTRAL, (0, 32)), np.pad(RANGE, (0, 32), constant_values=1.0)
    assert meter.measure(neutral, wide) == onset(MadeUpExpression(), 3.0)


def test_a_fast_camera_gives_the_same_onset() -> None:
    fast, times_s = OnsetMeter(THRESHOLDS), frame_times(3.0, 240)
    for at_s, shape in zip(times_s, MadeUpExpression().shapes(times_s), strict=True):
        fast.append(float(at_s), shape)
    found, usual = fast.measure(NEUTRAL, RANGE), onset(MadeUpExpression(), 3.0)
    assert found is not None
    assert usual is not None
    assert found.duration_s == pytest.approx(usual.duration_s, abs=0.02)
    assert found.largest_speed == pytest.approx(usual.largest_speed, rel=0.02)


def test_an_expression_without_end_has_none_once_its_beginning_is_forgotten() -> None:
    assert onset(MadeUpExpression(), 8.0) is not None
    assert onset(MadeUpExpression(), 9.6) is None


def test_nothing_is_measured_without_neutral_shapes_or_thresholds() -> None:
    assert meter_after(MadeUpExpression(), 3.0).measure(None, RANGE) is None
    assert OnsetMeter(THRESHOLDS).measure(NEUTRAL, RANGE) is None
    without, times_s = OnsetMeter(None), frame_times(3.0)
    for at_s, shape in zip(times_s, MadeUpExpression().shapes(times_s), strict=True):
        without.append(float(at_s), shape)
    assert without.measure(NEUTRAL, RANGE) is None
