"""Learning mode: train the weights of an LSTM-PB *through* recognition.

The paper trains weights and one PB per sequence side by side (Eq. 1-2). Here the PB of each
sequence is recognised again in every batch, by the same gradient steps as live, unrolled and
differentiated through. So the network learns weights from which a few steps lead to a PB that
predicts the movement (closed loop), while a linear read-out on the PB keeps genuine and fake
separable. The read-out is kept: feature extraction reads the PB with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from calibrate.learning.batches import Batch, TrainingSet
from engines.model.lstm_pb import LstmPb, loss_and_gradient, prediction_loss
from engines.model.network import Network
from engines.model.shape import PB, NetworkShape, StepRule
from realtime.core.labels import ANY
from realtime.verdict.features import ReadOut


@dataclass(frozen=True, slots=True)
class TrainingConfig:
    """How a network is learned. The figures behind the defaults are in docs/RESULTS.md."""

    shape: NetworkShape
    epochs: int = 20
    batch: int = 64
    learning_rate: float = 3e-3  # highest learning rate of the one-cycle schedule
    weight_decay: float = 1e-4
    ticks: tuple[int, ...] = (
        8,
        10,
        12,
        14,
        16,
    )  # frames seen at each unrolled tick: those of a window that fills live
    carry: float = 0.7  # share of the last tick's PB that the next one starts from
    steps: int = 1  # of recognition in each tick
    closed_loop: float = 0.9
    epsilon: float = 1e-3
    initial_step: float = 2.0
    read_out: float = 0.05  # weight of the classification term beside the prediction loss
    gradient_limit: float = 1.0


@dataclass(frozen=True, slots=True)
class EpochLosses:
    """Means over one epoch: prediction loss after recognition, and the read-out's cross entropy."""

    number: int
    prediction: float
    read_out: float


@dataclass(frozen=True, slots=True, eq=False)
class TrainedNetwork:
    """Trained network with its read-out of the PB for each and any emotion, and its loss curve."""

    network: Network
    read_outs: Mapping[str, ReadOut]
    curve: list[EpochLosses]


class TrainingModule(nn.Module):
    """Trainable parts: network, step lengths and a linear read-out with a part per emotion."""

    def __init__(self, recipe: TrainingConfig, emotions: int) -> None:
        super().__init__()
        self.recipe = recipe
        self.net = LstmPb(recipe.shape)
        self.log_lengths = nn.Parameter(
            torch.full((recipe.steps,), float(np.log(recipe.initial_step)))
        )
        self.shared = nn.Linear(PB, 1)
        self.by_emotion = nn.Linear(PB, emotions)
        for layer in (self.shared.bias, self.by_emotion.weight, self.by_emotion.bias):
            nn.init.zeros_(layer)

    def recognise(self, windows: Tensor, lengths: Tensor) -> list[Tensor]:
        """The PB (B, 64) after every tick, from zero at the first, differentiable in everything."""
        pb, after = windows.new_zeros(len(windows), PB, requires_grad=True), []
        for frames in self.recipe.ticks:
            pb = self._tick(windows[:, :frames], lengths.clamp(max=frames), pb)
            after.append(pb)
            pb = self.recipe.carry * pb
        return after

    def _tick(self, windows: Tensor, lengths: Tensor, pb: Tensor) -> Tensor:
        for step in range(self.recipe.steps):
            _, gradient = loss_and_gradient(
                self.net, windows, lengths, pb, self.recipe.closed_loop, create_graph=True
            )
            norm = (
                gradient.square().sum(dim=1, keepdim=True).add(1e-12).sqrt()
            )  # a plain norm has no slope at zero
            pb = pb - self.log_lengths[step].exp() * gradient / (norm + self.recipe.epsilon)
        return pb

    def read_out(self, pb: Tensor, emotion: Tensor) -> Tensor:
        """Log odds of genuine (B,) for PBs (B, 64) and emotion numbers (B,)."""
        own: Tensor = self.by_emotion(pb).gather(1, emotion[:, None])
        shared: Tensor = self.shared(pb)
        return (shared + own)[:, 0]

    def losses(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Return the prediction loss at the last tick and the read-out's cross entropy."""
        after = self.recognise(batch.windows, batch.lengths)
        predicted = prediction_loss(
            self.net(batch.windows, after[-1], self.recipe.closed_loop),
            batch.windows,
            batch.lengths,
        )
        odds = torch.stack([self.read_out(pb, batch.emotion) for pb in after])
        truth, weight = batch.target.expand_as(odds), batch.weight.expand_as(odds)
        return predicted.mean(), functional.binary_cross_entropy_with_logits(
            odds, truth, weight=weight
        )

    def rule(self) -> StepRule:
        """The step rule that recognition takes over."""
        lengths = tuple(float(length) for length in self.log_lengths.detach().exp())
        return StepRule(lengths, self.recipe.epsilon, self.recipe.closed_loop)

    def read_outs(self, emotions: Sequence[str]) -> dict[str, ReadOut]:
        """The read-out for each of `emotions`, and the shared part for any."""
        shared, own = self.shared, self.by_emotion
        found = {ANY: (shared.weight[0], shared.bias[0])}
        for number, emotion in enumerate(emotions):
            found[emotion] = (
                shared.weight[0] + own.weight[number],
                shared.bias[0] + own.bias[number],
            )
        return {
            name: ReadOut(weight.detach().numpy().copy(), float(bias.detach()))
            for name, (weight, bias) in found.items()
        }

    def network(self, name: str) -> Network:
        """The learned network as plain data."""
        weights = {
            key: value.detach().numpy().astype(np.float32)
            for key, value in self.net.state_dict().items()
        }
        return Network(name, self.recipe.shape, self.rule(), weights)


def train_network(
    name: str,
    sequences: TrainingSet,
    recipe: TrainingConfig,
    seed: int,
    on_epoch: Callable[[EpochLosses], None] | None = None,
) -> TrainedNetwork:
    """Train one network; the same seed and machine give the same weights."""
    torch.set_num_threads(
        1
    )  # the matrices are small: threads would wait for each other, and the order of sums be open
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    learner = TrainingModule(recipe, len(sequences.emotions))
    optimiser = _optimiser(learner, recipe)
    batches = int(np.ceil(len(sequences) / recipe.batch))
    total = batches * recipe.epochs
    rising = min(
        0.9, max(0.2, 2 / total)
    )  # a fifth of it, and at least two steps of a very short run
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, recipe.learning_rate, total_steps=total, pct_start=rising
    )
    curve = []
    for number in range(recipe.epochs):
        seen = []
        for clips in _shuffled(len(sequences), recipe.batch, rng):
            seen.append(_learn_batch(learner, sequences.batch(clips, rng), optimiser))
            schedule.step()
        predicted, called = np.mean(seen, axis=0)
        curve.append(EpochLosses(number, float(predicted), float(called)))
        if on_epoch is not None:
            on_epoch(curve[-1])
    return TrainedNetwork(learner.network(name), learner.read_outs(sequences.emotions), curve)


def _learn_batch(
    learner: TrainingModule, batch: Batch, optimiser: torch.optim.Optimizer
) -> tuple[float, float]:
    predicted, called = learner.losses(batch)
    optimiser.zero_grad()
    torch.autograd.backward(predicted + learner.recipe.read_out * called)
    nn.utils.clip_grad_norm_(learner.parameters(), learner.recipe.gradient_limit)
    optimiser.step()
    return float(predicted.detach()), float(called.detach())


def _optimiser(learner: TrainingModule, recipe: TrainingConfig) -> torch.optim.Optimizer:
    matrices = [p for p in learner.parameters() if p.ndim > 1]
    rest = [p for p in learner.parameters() if p.ndim <= 1]
    groups = [
        {"params": matrices, "weight_decay": recipe.weight_decay},
        {"params": rest, "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=recipe.learning_rate)


def _shuffled(count: int, batch: int, rng: np.random.Generator) -> Iterator[NDArray[np.intp]]:
    order = rng.permutation(count)
    yield from (order[start : start + batch] for start in range(0, count, batch))
