import numpy as np
import pytest

from calibrate.paper.training_config import PaperTrainingConfig
from engines.model.shape import PRESETS

PAPER = PaperTrainingConfig(PRESETS["paper"])


def test_the_defaults_are_the_papers() -> None:
    assert (PAPER.shape.blocks, PAPER.shape.hidden) == (4, 512)
    assert (PAPER.epochs, PAPER.sequences, PAPER.batch) == (100, 80, 1)
    assert (PAPER.learning_rate, PAPER.momentum, PAPER.pb_rate) == (0.01, 0.9, 0.9)


def test_rates_are_divided_after_ten_epochs_without_improvement() -> None:
    fallen = [3.0, 2.0, 1.0]
    assert PAPER.rate_factor(fallen) == 1
    assert PAPER.rate_factor([*fallen, *[1.0] * 9]) == 1
    assert PAPER.rate_factor([*fallen, *[1.0] * 10]) == pytest.approx(0.1)
    assert PAPER.rate_factor([*fallen, *[1.0] * 19]) == pytest.approx(0.1)
    assert PAPER.rate_factor([*fallen, *[1.0] * 20]) == pytest.approx(0.01)


def test_only_a_new_minimum_restarts_the_count() -> None:
    assert PAPER.rate_factor([1.0, *[2.0] * 9, 0.9, *[0.95] * 9]) == 1
    assert PAPER.rate_factor([1.0, *[2.0] * 9, 1.5]) == pytest.approx(
        0.1
    )  # falls, but not below the lowest


def test_recognition_takes_the_plain_step_of_the_pb_rate() -> None:
    rule = PAPER.rule()
    for norm in (1e-6, 1e-3, 0.5):
        assert rule.length(0) * norm / (norm + rule.epsilon) == pytest.approx(0.9 * norm, rel=1e-3)
    assert rule.closed_loop == PAPER.closed_loop


@pytest.mark.parametrize(
    "wrong",
    [{"epochs": 0}, {"batch": -1}, {"learning_rate": 0}, {"momentum": 1}, {"closed_loop": 2}],
)
def test_invalid_hyperparameters_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        PaperTrainingConfig(PRESETS["live"], **wrong)


def test_the_rate_factor_never_rises() -> None:
    curve = np.random.default_rng(0).random(200).tolist()
    shares = [PAPER.rate_factor(curve[:epochs]) for epochs in range(200)]
    assert (np.diff(shares) <= 0).all()
    assert shares[-1] < 1
