"""The paper's learning mode, held to Eq. 1-2 and to SGD as they are written."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from calibrate.data.clips import DataError
from calibrate.paper.train import TrainedPbs, Trainer, load_trained, padded, train_pbs, visits
from calibrate.paper.training_config import PaperTrainingConfig
from engines.model.lstm_pb import LstmPb, loss_and_gradient, prediction_loss
from engines.model.shape import PB, NetworkShape
from engines.registry import create_engine

TINY = PaperTrainingConfig(NetworkShape(12, 2), epochs=6, sequences=16)
COUNT = 8


@pytest.fixture(scope="module")
def sequences() -> list[np.ndarray]:
    """Return eight movements of 9 to 12 frames: even ones go up, odd ones down, with variations."""
    rng = np.random.default_rng(0)
    face, way = rng.uniform(-0.7, 0.7, 80), rng.normal(0, 0.3, 80)
    sign = np.where(np.arange(COUNT) % 2, -1, 1)
    lengths = 9 + np.arange(COUNT) % 4
    return [
        (
            face + s * np.sin(np.linspace(0, np.pi, n))[:, None] * (way + rng.normal(0, 0.05, 80))
        ).astype("f4")
        for s, n in zip(sign, lengths, strict=True)
    ]


@pytest.fixture(scope="module")
def learned(sequences: list[np.ndarray]) -> TrainedPbs:
    return train_pbs("surprise", sequences, TINY, seed=0)


def started(
    sequences: list[np.ndarray], training: PaperTrainingConfig = TINY
) -> tuple[Trainer, LstmPb]:
    """A trainer, and its network as it was at the beginning."""
    trainer = Trainer("any", sequences, training, seed=0)
    before = LstmPb(training.shape)
    before.load_state_dict(trainer.net.state_dict())
    return trainer, before


def same(one: TrainedPbs, two: TrainedPbs) -> bool:
    weights = all(
        np.array_equal(one.network.weights[key], two.network.weights[key])
        for key in one.network.weights
    )
    return weights and np.array_equal(one.pbs, two.pbs) and one.curve == two.curve


def test_every_sequence_has_a_pb_of_its_own_that_moved(learned: TrainedPbs) -> None:
    assert learned.pbs.shape == (COUNT, PB)
    assert (np.linalg.norm(learned.pbs, axis=1) > 1e-3).all()
    assert len(np.unique(learned.pbs, axis=0)) == COUNT


def test_weights_move_in_every_layer_and_the_loss_falls(
    sequences: list[np.ndarray], learned: TrainedPbs
) -> None:
    _, before = started(sequences)
    for name, weight in before.state_dict().items():
        assert np.abs(weight.numpy() - learned.network.weights[name]).max() > 0, name
    assert len(learned.curve) == TINY.epochs
    assert learned.curve[-1] < 0.7 * learned.curve[0]


def test_a_pb_moves_by_the_error_averaged_over_time(sequences: list[np.ndarray]) -> None:
    """Eq. 1-2, each frame's error carried back by itself."""
    trainer, before = started(sequences, replace(TINY, sequences=1))
    trainer.epoch()
    (number,) = visits(COUNT, 0, 1, 0)
    window = torch.from_numpy(sequences[number])[None]
    pb = torch.zeros(1, PB, requires_grad=True)
    errors = (before(window, pb, TINY.closed_loop) - window[:, 1:]).square().mean(dim=2)[0]
    carried = [torch.autograd.grad(error, pb, retain_graph=True)[0][0] for error in errors]
    mean = torch.stack(carried).mean(dim=0)
    np.testing.assert_allclose(trainer.pbs[number].numpy(), -0.9 * mean.numpy(), atol=1e-7)
    assert np.count_nonzero(trainer.pbs.norm(dim=1).numpy()) == 1


def test_weights_move_by_sgd_with_momentum(sequences: list[np.ndarray]) -> None:
    trainer, before = started(sequences[:1], replace(TINY, sequences=2))
    trainer.epoch()
    window, lengths = padded(sequences[:1])
    pb, velocity = torch.zeros(1, PB), [torch.zeros_like(weight) for weight in before.parameters()]
    for _ in range(2):
        _, step = loss_and_gradient(before, window, lengths, pb, TINY.closed_loop)
        loss = prediction_loss(before(window, pb, TINY.closed_loop), window, lengths)
        slopes = torch.autograd.grad(loss.sum(), list(before.parameters()))
        velocity = [0.9 * v + slope for v, slope in zip(velocity, slopes, strict=True)]
        with torch.no_grad():
            for weight, v in zip(before.parameters(), velocity, strict=True):
                weight -= 0.01 * v
        pb = pb - 0.9 * step
    for wanted, found in zip(before.parameters(), trainer.net.parameters(), strict=True):
        torch.testing.assert_close(found, wanted, atol=1e-6, rtol=1e-5)
    torch.testing.assert_close(trainer.pbs, pb, atol=1e-7, rtol=1e-4)


def test_in_a_batch_each_pb_moves_by_its_own_sequence(sequences: list[np.ndarray]) -> None:
    trainer, before = started(sequences, replace(TINY, sequences=COUNT, batch=COUNT))
    trainer.epoch()
    for number, sequence in enumerate(sequences):
        window, lengths = padded([sequence])
        _, gradient = loss_and_gradient(
            before, window, lengths, torch.zeros(1, PB), TINY.closed_loop
        )
        np.testing.assert_allclose(
            trainer.pbs[number].numpy(), -0.9 * gradient[0].numpy(), atol=1e-6
        )


def test_both_rates_fall_without_improvement(sequences: list[np.ndarray]) -> None:
    """The same epoch after ten flat ones moves everything a tenth as far."""
    moved = []
    for curve in ([0.0] * 10, [0.0] * 11):  # no loss is below 0: flat from the second on
        trainer, before = started(sequences, replace(TINY, sequences=1, momentum=0.0))
        trainer.curve = list(curve)
        trainer._batches = lambda: iter([np.array([0])])  # type: ignore[method-assign]
        trainer.epoch()
        apart = trainer.net.output.weight - before.output.weight
        moved.append((float(apart.detach().norm()), float(trainer.pbs[0].norm())))
    assert moved[1][0] == pytest.approx(0.1 * moved[0][0], rel=1e-2)
    assert moved[1][1] == pytest.approx(0.1 * moved[0][1], rel=1e-4)


def test_each_round_visits_every_sequence_in_a_new_order() -> None:
    rounds = [visits(5, 5 * r, 5 * r + 5, seed=0) for r in range(4)]
    assert all(sorted(order) == [0, 1, 2, 3, 4] for order in rounds)
    assert len({tuple(order) for order in rounds}) > 1
    np.testing.assert_array_equal(
        np.concatenate([visits(5, 0, 8, 0), visits(5, 8, 20, 0)]), np.concatenate(rounds)
    )


def test_training_is_deterministic_in_the_seed(
    sequences: list[np.ndarray], learned: TrainedPbs
) -> None:
    assert same(train_pbs("surprise", sequences, TINY, seed=0), learned)
    assert not same(train_pbs("surprise", sequences, TINY, seed=1), learned)


def test_a_resumed_trainer_equals_an_uninterrupted_one(
    sequences: list[np.ndarray], learned: TrainedPbs, tmp_path: Path
) -> None:
    for _ in range(TINY.epochs):
        trainer = Trainer("surprise", sequences, TINY, seed=0)
        if (tmp_path / "checkpoint").exists():
            trainer.resume(tmp_path / "checkpoint")
        trainer.epoch()
        trainer.save(tmp_path / "checkpoint")
    assert same(trainer.trained(), learned)
    assert same(load_trained(tmp_path / "checkpoint", "surprise", TINY), learned)
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint"]


def test_every_epoch_is_reported(sequences: list[np.ndarray], learned: TrainedPbs) -> None:
    losses: list[float] = []
    train_pbs("surprise", sequences, replace(TINY, epochs=2), 0, losses.append)
    assert tuple(losses) == learned.curve[:2]


def test_prototypes_are_class_means_and_generate_different_movements(
    sequences: list[np.ndarray], learned: TrainedPbs
) -> None:
    genuine = np.arange(COUNT) % 2 == 0
    both = np.stack(learned.prototypes(genuine))
    np.testing.assert_allclose(both[0], learned.pbs[::2].mean(axis=0))
    np.testing.assert_allclose(both[1], learned.pbs[1::2].mean(axis=0))
    start = np.repeat(sequences[0][:1], 2, axis=0)
    genuine_motion, fake_motion = create_engine("native", learned.network).generate(both, start, 9)
    assert np.abs(genuine_motion - fake_motion).max() > 0


def test_divergence_raises_an_error(sequences: list[np.ndarray]) -> None:
    with pytest.raises(DataError, match="network any diverged in epoch 1"):
        Trainer("any", sequences, replace(TINY, learning_rate=1e38), 0).epoch()
