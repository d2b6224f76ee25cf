import numpy as np
import pytest

from calibrate.paper.recognise import BATCH, recognise_pbs
from calibrate.paper.training_config import PaperTrainingConfig
from engines.engine import Engine
from engines.model.network import Network
from engines.model.shape import PB, NetworkShape
from engines.model.weights import random_weights
from engines.registry import create_engine

RECIPE = PaperTrainingConfig(NetworkShape(12, 2))
PASSES, FRAMES = BATCH + 2, 9


@pytest.fixture(scope="module")
def engine() -> Engine:
    return create_engine(
        "native", Network("any", RECIPE.shape, RECIPE.rule(), random_weights(RECIPE.shape, 0))
    )


@pytest.fixture(scope="module")
def motion() -> np.ndarray:
    rng = np.random.default_rng(0)
    return np.cumsum(rng.normal(0, 0.05, (PASSES, FRAMES, 80)), axis=1).astype("f4")


def gradient(engine: Engine, motion: np.ndarray, pb: np.ndarray) -> np.ndarray:
    return engine.loss_and_gradient(motion, np.full(PASSES, FRAMES), pb)[1]


def test_every_step_is_eq_2_from_zero(engine: Engine, motion: np.ndarray) -> None:
    pb = np.zeros((PASSES, PB), np.float32)
    for steps in (1, 2, 3):
        pb = pb - 0.9 * gradient(engine, motion, pb)
        np.testing.assert_allclose(recognise_pbs(engine, motion, steps), pb, rtol=2e-3, atol=1e-7)
    assert np.abs(pb).max() > 1e-3


def test_more_passes_than_fit_together_are_read_one_as_the_other(
    engine: Engine, motion: np.ndarray
) -> None:
    apart = np.concatenate([recognise_pbs(engine, motion[i : i + 1], 3) for i in range(PASSES)])
    np.testing.assert_allclose(recognise_pbs(engine, motion, 3), apart, atol=1e-7)


def test_recognition_lowers_the_prediction_error(engine: Engine, motion: np.ndarray) -> None:
    lengths = np.full(PASSES, FRAMES)
    before, _ = engine.loss_and_gradient(motion, lengths, np.zeros((PASSES, PB), np.float32))
    after, _ = engine.loss_and_gradient(motion, lengths, recognise_pbs(engine, motion, 10))
    assert (after < before).all()
