import numpy as np
import pytest

from calibrate.learning.calibration import fit_personal_offset, fit_platt_scaling
from realtime.verdict.calibration import PlattScaling

CALIBRATION = PlattScaling(1.2, -0.1, 0.03)


def test_platt_scaling_recovers_the_sigmoid() -> None:
    rng = np.random.default_rng(0)
    scores = rng.normal(0, 2, 5000)
    genuine = rng.random(5000) < 1 / (1 + np.exp(-(0.7 * scores + 0.4)))
    slope, intercept = fit_platt_scaling(scores, genuine)
    assert slope == pytest.approx(0.7, abs=0.06)
    assert intercept == pytest.approx(0.4, abs=0.08)


def test_platt_scaling_never_inverts_scores_or_reaches_certainty() -> None:
    scores = np.array([1.0, 2.0, 3.0, -1.0, -2.0, -3.0])
    against, _ = fit_platt_scaling(scores, scores < 0)
    assert 0 <= against < 0.05
    slope, intercept = fit_platt_scaling(scores, scores > 0)
    assert 1 / (1 + np.exp(-(slope * 3 + intercept))) < 0.95


def test_without_labels_there_is_no_personal_offset() -> None:
    assert fit_personal_offset(np.zeros(0), np.zeros(0, bool), CALIBRATION) is None


def test_the_personal_offset_grows_with_the_number_of_labels() -> None:
    """A person whose scores are all one too high."""
    score, genuine = np.array([2.0, 0.0] * 3), np.array([True, False] * 3)
    few, many = (
        fit_personal_offset(score, genuine, CALIBRATION),
        fit_personal_offset(np.tile(score, 20), np.tile(genuine, 20), CALIBRATION),
    )
    assert few is not None
    assert many is not None
    assert many[1] < few[1] < 0
    assert abs(few[0]) < 0.3


def test_labels_as_expected_leave_the_intercept_unchanged() -> None:
    own = fit_personal_offset(
        np.array([1.0, -1.0]), np.array([True, False]), PlattScaling(1.0, 0.0, 0.0)
    )
    assert own is not None
    assert own[1] == pytest.approx(0.0, abs=1e-3)
