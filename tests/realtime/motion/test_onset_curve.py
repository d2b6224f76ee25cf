from __future__ import annotations

import numpy as np
import pytest
from onset_faces import NEUTRAL, RANGE, MadeUpExpression, frame_times

from realtime.core.messages import Onset
from realtime.motion.onset_curve import MovementCurve, measure_onset
from realtime.person.stats import intensities


def curve_of(
    made_up: MadeUpExpression, until_s: float = 4.0, hz: float = 30.0, noise: float = 0.0
) -> MovementCurve:
    times_s = frame_times(until_s, hz)
    return MovementCurve.of(times_s, made_up.shapes(times_s, noise), NEUTRAL, RANGE)


def onset_of(made_up: MadeUpExpression, hz: float = 30.0, noise: float = 0.0) -> Onset:
    curve = curve_of(made_up, hz=hz, noise=noise)
    found = measure_onset(curve, int(np.argmax(curve.intensity)))
    assert found is not None
    return found


@pytest.mark.parametrize("rise_s", [0.4, 0.8, 1.6])
@pytest.mark.parametrize("amplitude", [1.0, 3.0])
def test_a_ramp_has_its_own_measures(rise_s: float, amplitude: float) -> None:
    found = onset_of(MadeUpExpression(1.0, rise_s, amplitude))
    assert found.start_s == pytest.approx(1.0 + 0.25 * rise_s, abs=0.02)
    assert found.duration_s == pytest.approx(0.65 * rise_s, abs=0.04)
    assert found.amplitude == pytest.approx(amplitude, rel=0.01)
    assert found.largest_speed == pytest.approx(amplitude / rise_s, rel=0.05)
    assert found.mean_speed == pytest.approx(amplitude / rise_s, rel=0.1)
    assert found.relative_speed == pytest.approx(1 / rise_s, rel=0.05)
    assert found.symmetry == pytest.approx(1.0, abs=0.01)
    assert found.mouth_lead_s == pytest.approx(0.0, abs=0.01)
    assert found.plateau_s == pytest.approx(3.0 - 0.9 * rise_s, abs=0.05)


@pytest.mark.parametrize("hz", [10, 15, 25, 60, 120])
def test_every_frame_rate_gives_the_same_measures(hz: float) -> None:
    made_up = MadeUpExpression(1.0, 0.8, 2.0, eyes_late_s=0.2, second_half=0.5)
    found, usual = onset_of(made_up, hz), onset_of(made_up)
    for name in ("start_s", "apex_s", "plateau_s", "mouth_lead_s", "symmetry"):
        assert getattr(found, name) == pytest.approx(getattr(usual, name), abs=0.04)
    for name in ("amplitude", "largest_speed", "mean_speed"):
        assert getattr(found, name) == pytest.approx(getattr(usual, name), rel=0.08)


def test_uneven_halves_are_less_symmetric() -> None:
    assert onset_of(MadeUpExpression(second_half=0.5)).symmetry == pytest.approx(0.5, abs=0.01)
    assert onset_of(MadeUpExpression(second_half=2.0)).symmetry == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize(("eyes_s", "mouth_s", "lead_s"), [(0.3, 0, 0.3), (0, 0.3, -0.3)])
def test_what_moves_first_is_known_by_the_sign(
    eyes_s: float, mouth_s: float, lead_s: float
) -> None:
    found = onset_of(MadeUpExpression(eyes_late_s=eyes_s, mouth_late_s=mouth_s))
    assert found.mouth_lead_s == pytest.approx(lead_s, abs=0.02)


def test_a_part_that_does_not_move_has_no_order() -> None:
    assert onset_of(MadeUpExpression(eyes_late_s=100.0), noise=0.05).mouth_lead_s is None


def test_noise_hardly_changes_the_measures() -> None:
    noisy, clean = onset_of(MadeUpExpression(), noise=0.2), onset_of(MadeUpExpression())
    assert noisy.duration_s == pytest.approx(clean.duration_s, abs=0.1)
    assert noisy.largest_speed == pytest.approx(clean.largest_speed, rel=0.15)


def test_unrest_in_other_directions_does_not_hide_the_onset() -> None:
    times_s, made_up = frame_times(4.0), MadeUpExpression(amplitude=1.5)
    turned = np.where(np.arange(80) < 40, RANGE, -RANGE)  # as far as a third of the apex
    shapes = made_up.shapes(times_s) + np.where(times_s < 1.6, 0.5, 0.0)[:, None] * turned
    curve = MovementCurve.of(times_s, np.asarray(shapes, np.float32), NEUTRAL, RANGE)
    found = measure_onset(curve, 80)
    assert found is not None
    assert found.start_s == pytest.approx(1.2, abs=0.05)


def test_a_blink_is_no_part_of_an_onset() -> None:
    times_s, made_up = frame_times(4.0), MadeUpExpression()
    shapes = made_up.shapes(times_s)
    blink = (times_s > 2.5) & (times_s < 2.6)
    shapes[blink] += 3 * RANGE
    curve = MovementCurve.of(times_s, shapes, NEUTRAL, RANGE)
    assert curve.intensity.max() == pytest.approx(2.0, abs=0.1)


@pytest.mark.parametrize("frame", [5, -6])
def test_a_jump_near_an_end_of_the_curve_is_left_out_as_well(frame: int) -> None:
    times_s = frame_times(2.0)
    shapes = MadeUpExpression(amplitude=0.0).shapes(times_s)
    shapes[frame] += 3 * RANGE
    curve = MovementCurve.of(times_s, shapes, NEUTRAL, RANGE)
    assert curve.intensity.max() < 0.4


def test_what_begins_before_the_curve_has_no_onset() -> None:
    curve = curve_of(MadeUpExpression(began_s=-0.3))  # above 25 % in the first frame
    assert measure_onset(curve, 60) is None
    barely = curve_of(MadeUpExpression(began_s=-0.1))
    assert measure_onset(barely, 60) is not None


def test_a_curve_may_end_at_any_time() -> None:
    curve = curve_of(MadeUpExpression()).until(2.0)
    assert curve.times_s[-1] == pytest.approx(2.0)
    assert len(curve.movement) == len(curve.intensity) == 61


def test_a_single_frame_is_a_curve_without_an_onset() -> None:
    curve = curve_of(MadeUpExpression(), until_s=0.0)
    assert measure_onset(curve, 0) is None


def test_after_the_end_of_the_expression_the_plateau_no_longer_grows() -> None:
    times_s, made_up = frame_times(6.0), MadeUpExpression()
    shapes = np.concatenate([made_up.shapes(times_s), made_up.shapes(times_s)])  # and once more
    both_s = np.arange(len(shapes)) / 30
    curve = MovementCurve.of(both_s, shapes, NEUTRAL, RANGE)
    found = measure_onset(curve, 100)
    assert found is not None
    assert found.plateau_s == pytest.approx(6.0 - 1.72, abs=0.1)


@pytest.mark.parametrize("seed", range(30))
def test_any_movement_gives_an_onset_or_none(seed: int) -> None:
    """A live run must not end with a face that moves in an unheard-of way."""
    rng = np.random.default_rng(seed)
    for _ in range(40):
        frames = int(rng.integers(1, 40))
        movement = rng.normal(0, 1, (frames, 80)) * (rng.random((frames, 1)) < rng.random())
        movement[:, rng.random(80) < rng.random()] = 0.0
        if rng.random() < 0.3:
            movement = movement.round()
        movement = np.asarray(movement, np.float32)
        curve = MovementCurve(np.arange(frames) / 30, movement, intensities(movement))
        for peak in range(frames):
            onset = measure_onset(curve, peak)
            assert onset is None or onset.largest_speed >= onset.mean_speed > 0
