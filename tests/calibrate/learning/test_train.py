import numpy as np
import pytest
import torch

from calibrate.learning.batches import Batch
from calibrate.learning.train import EpochLosses, TrainingConfig, TrainingModule, train_network
from engines.model.network import Network
from engines.model.shape import NetworkShape
from engines.pytorch.engine import TorchEngine
from realtime.core.labels import ANY

TINY = TrainingConfig(NetworkShape(12, 1), epochs=6, batch=8, learning_rate=1e-2, read_out=0.5)
FRAMES = 16


class BendingMovements:
    """Set of sixteen movements: genuine ones bend up, fake ones down, along one direction."""

    emotions = ("fear", "surprise")

    def __init__(self) -> None:
        rng = np.random.default_rng(0)
        bend = np.sin(np.linspace(0, np.pi, FRAMES))[None, :, None]
        self.genuine = np.arange(16) % 2 == 0
        sign = np.where(self.genuine, 1, -1)[:, None, None]
        self.windows = (
            0.6 * sign * bend * rng.normal(0, 0.5, 80) + rng.normal(0, 0.02, (16, FRAMES, 80))
        ).astype("f4")

    def __len__(self) -> int:
        return 16

    def batch(self, chosen: np.ndarray, rng: np.random.Generator) -> Batch:
        genuine = torch.from_numpy(self.genuine[chosen].astype(np.float32))
        return Batch(
            torch.from_numpy(self.windows[chosen]),
            torch.full((len(chosen),), FRAMES),
            torch.from_numpy(chosen % 4 // 2),
            genuine,
            torch.ones(len(chosen)),
        )


@pytest.fixture(scope="module")
def movements() -> BendingMovements:
    return BendingMovements()


def same(one: Network, two: Network) -> bool:
    return all(np.array_equal(one.weights[key], two.weights[key]) for key in one.weights)


def test_training_lowers_both_losses_and_reports_every_epoch(movements: BendingMovements) -> None:
    epochs: list[EpochLosses] = []
    learned = train_network("any-0", movements, TINY, 0, epochs.append)
    assert learned.curve == epochs
    assert [epoch.number for epoch in epochs] == list(range(6))
    assert epochs[-1].prediction < 0.95 * epochs[0].prediction
    assert epochs[-1].read_out < 0.8 * epochs[0].read_out
    assert learned.network.name == "any-0"
    assert set(learned.read_outs) == {ANY, "fear", "surprise"}


def test_weights_are_deterministic_in_the_seed(movements: BendingMovements) -> None:
    one, two, other = (train_network("any", movements, TINY, seed) for seed in (3, 3, 4))
    assert same(one.network, two.network)
    np.testing.assert_array_equal(one.read_outs["fear"].weights, two.read_outs["fear"].weights)
    assert not same(one.network, other.network)


@pytest.mark.parametrize(
    ("steps", "ticks", "carry"), [(1, (16,), 0.0), (3, (16,), 0.0), (2, (8, 12, 16), 0.5)]
)
def test_training_unrolls_the_steps_of_recognition(
    steps: int, ticks: tuple[int, ...], carry: float, movements: BendingMovements
) -> None:
    recipe = TrainingConfig(NetworkShape(12, 1), steps=steps, ticks=ticks, carry=carry)
    torch.manual_seed(1)
    learner = TrainingModule(recipe, 2)
    batch = movements.batch(np.arange(5), np.random.default_rng(0))
    batch.lengths[0] = 10
    unrolled = learner.recognise(batch.windows, batch.lengths)
    engine, pb = TorchEngine(learner.network("any")), np.zeros((5, 64), np.float32)
    for frames, found in zip(ticks, unrolled, strict=True):
        lengths = np.minimum(batch.lengths.numpy(), frames)
        refined = engine.refine(batch.windows[:, :frames].numpy(), lengths, pb, steps).pb
        np.testing.assert_allclose(found.detach().numpy(), refined, atol=1e-4)
        pb = np.float32(carry) * refined
    assert np.linalg.norm(unrolled[-1].detach().numpy(), axis=1).min() > 0.1


def test_the_read_out_loss_reaches_the_network_through_recognition(
    movements: BendingMovements,
) -> None:
    learner = TrainingModule(TINY, 2)
    _, called = learner.losses(movements.batch(np.arange(8), np.random.default_rng(0)))
    called.backward()
    for name in ("landmarks", "pb", "output", "grid_out"):
        assert getattr(learner.net, name).weight.grad.abs().max() > 0, name
    assert learner.log_lengths.grad.abs().max() > 0


def test_a_clip_counts_by_its_weight(movements: BendingMovements) -> None:
    learner = TrainingModule(TINY, 2)
    batch = movements.batch(np.arange(2), np.random.default_rng(0))
    batch.weight[0] = 0
    before = learner.losses(batch)[1].item()
    batch.target[0] = 1 - batch.target[0]
    assert learner.losses(batch)[1].item() == before
    batch.target[1] = 1 - batch.target[1]
    assert learner.losses(batch)[1].item() != before


def test_a_read_out_is_the_sum_of_shared_and_emotion_parts() -> None:
    learner = TrainingModule(TINY, 2)
    torch.nn.init.normal_(learner.by_emotion.weight)
    pb = torch.randn(1, 64)
    with torch.no_grad():
        wanted = float(learner.read_out(pb, torch.tensor([1])))
        anyone = float(learner.shared(pb))
    reads = learner.read_outs(("fear", "surprise"))
    assert reads["surprise"].log_odds(pb[0].numpy()) == pytest.approx(wanted, abs=1e-5)
    assert reads[ANY].log_odds(pb[0].numpy()) == pytest.approx(anyone, abs=1e-5)
    assert reads["fear"].log_odds(pb[0].numpy()) != pytest.approx(wanted, abs=1e-3)


def test_recognition_uses_the_trained_step_rule() -> None:
    recipe = TrainingConfig(
        NetworkShape(12, 1), steps=2, initial_step=3.0, closed_loop=0.7, epsilon=0.01
    )
    rule = TrainingModule(recipe, 1).network("any").rule
    assert rule.lengths == pytest.approx((3.0, 3.0))
    assert (rule.closed_loop, rule.epsilon) == (0.7, 0.01)
