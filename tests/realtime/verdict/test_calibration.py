import numpy as np
import pytest

from realtime.verdict.calibration import CalibrationByExperience, PlattScaling

PLATT = PlattScaling(slope=2.0, intercept=-0.5, abstain_margin=0.1)
FLAT, STEEP = PlattScaling(0.5, 0.1, 0.04), PlattScaling(1.5, -0.2, 0.04)
BY_EXPERIENCE = CalibrationByExperience(((0, FLAT), (3, STEEP)), personal_offset=(np.log(2.0), 0.3))


def test_the_probability_is_the_sigmoid_of_the_scaled_score() -> None:
    assert PLATT.log_odds(0.75) == pytest.approx(1.0)
    assert PLATT.p_genuine(0.75) == pytest.approx(1 / (1 + np.exp(-1.0)))
    assert PLATT.p_genuine(0.25) == pytest.approx(0.5)


def test_extreme_scores_give_probabilities_without_a_warning() -> None:
    with np.errstate(all="raise"):
        assert PLATT.p_genuine(1e9) == pytest.approx(1.0)
        assert PLATT.p_genuine(-1e9) == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize(
    ("p_genuine", "uncertain"),
    [(0.5, True), (0.59, True), (0.41, True), (0.61, False), (0.3, False)],
)
def test_within_the_abstain_margin_of_a_half_it_is_uncertain(
    p_genuine: float, uncertain: bool
) -> None:
    assert PLATT.is_uncertain(p_genuine) is uncertain


@pytest.mark.parametrize(("slope", "abstain"), [(0.0, 0.1), (-1.0, 0.1), (1.0, 0.5), (1.0, -0.1)])
def test_an_inverting_or_always_uncertain_calibration_is_refused(
    slope: float, abstain: float
) -> None:
    with pytest.raises(ValueError, match="want slope > 0"):
        PlattScaling(slope, 0.0, abstain)


@pytest.mark.parametrize(
    ("expressions", "scaling"), [(0, FLAT), (2, FLAT), (3, STEEP), (50, STEEP)]
)
def test_the_scaling_is_that_of_the_largest_step_reached(
    expressions: int, scaling: PlattScaling
) -> None:
    assert BY_EXPERIENCE.at(expressions) is scaling


def test_the_personal_offset_shifts_log_slope_and_intercept_of_the_expected_person() -> None:
    personal = BY_EXPERIENCE.at(3, expected=True)
    assert personal.slope == pytest.approx(3.0)
    assert personal.intercept == pytest.approx(0.1)
    assert personal.abstain_margin == STEEP.abstain_margin


def test_without_a_personal_offset_the_expected_person_has_the_shared_scaling() -> None:
    assert CalibrationByExperience(((0, FLAT),)).at(3, expected=True) is FLAT


@pytest.mark.parametrize(
    "steps", [(), ((1, FLAT),), ((0, FLAT), (0, STEEP)), ((0, FLAT), (5, STEEP), (3, FLAT))]
)
def test_calibration_steps_must_rise_from_0(steps: tuple[tuple[int, PlattScaling], ...]) -> None:
    with pytest.raises(ValueError, match="rise from 0"):
        CalibrationByExperience(steps)
