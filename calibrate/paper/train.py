"""Learning mode as in the paper: the weights, and one PB for each sequence, learned side by side (Eq. 1-2).

In every step a sequence is predicted with the loop closed, under its own PB. The mean error over its frames moves the
weights by SGD and, in the same step, that PB by plain descent. A PB starts at zero and is kept from one visit of its
sequence to the next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from calibrate.data.clips import DataError
from calibrate.paper.training_config import PaperTrainingConfig
from engines.model.lstm_pb import LstmPb, prediction_loss
from engines.model.network import Network
from engines.model.shape import LANDMARKS, PB
from realtime.core.messages import Floats

WEIGHT, MOMENTUM, PBS, CURVE = "weight/", "momentum/", "pbs", "curve"  # names in the file


@dataclass(frozen=True, slots=True, eq=False)
class TrainedPbs:
    """A network as plain data, the PB of every sequence it learned (n, 64), and its loss epoch by epoch."""

    network: Network
    pbs: Floats
    curve: tuple[float, ...]

    def prototypes(self, genuine: NDArray[np.bool_]) -> tuple[Floats, Floats]:
        """The paper's two PB vectors (64,): the mean of the genuine sequences' PBs, and of the fake ones'."""
        return self.pbs[genuine].mean(axis=0), self.pbs[~genuine].mean(axis=0)


class Trainer:
    """Learning of one network, epoch by epoch; between any two it can be put on disk. Belongs to one thread."""

    def __init__(
        self, name: str, sequences: Sequence[Floats], recipe: PaperTrainingConfig, seed: int
    ) -> None:
        torch.set_num_threads(1)  # sums in another order would give other weights
        torch.manual_seed(seed)
        self.name, self.recipe, self.seed = name, recipe, seed
        self.net = LstmPb(recipe.shape)
        self.pbs = torch.zeros(len(sequences), PB)
        self.curve: list[float] = []
        self._sequences = sequences
        self._sgd = torch.optim.SGD(self.net.parameters(), recipe.rate, recipe.momentum)

    def epoch(self) -> float:
        """Learn from the next `recipe.sequences` sequences; the mean of their losses. Sequences take turns."""
        share = self.recipe.share(self.curve)
        self._sgd.param_groups[0]["lr"] = self.recipe.rate * share
        losses = [self._step(chosen, self.recipe.pb_rate * share) for chosen in self._batches()]
        loss = float(np.concatenate(losses).mean())
        if not np.isfinite(loss):
            raise DataError(
                f"network {self.name} diverged in epoch {len(self.curve) + 1}; take another --seed"
            )
        self.curve.append(loss)
        return loss

    def learned(self) -> TrainedPbs:
        """What was learned so far."""
        weights = {
            key: value.detach().numpy().astype(np.float32)
            for key, value in self.net.state_dict().items()
        }
        network = Network(self.name, self.recipe.shape, self.recipe.rule(), weights)
        return TrainedPbs(network, self.pbs.numpy().copy(), tuple(self.curve))

    def save(self, path: Path) -> None:
        """Put everything that the next epoch needs into the file `path`."""
        from safetensors.torch import save_file

        held = {PBS: self.pbs, CURVE: torch.tensor(self.curve, dtype=torch.float64)}
        for name, weight in self.net.named_parameters():
            held[WEIGHT + name] = weight.detach()
            held[MOMENTUM + name] = self._sgd.state[weight]["momentum_buffer"]
        unfinished = path.with_suffix(".tmp")
        save_file(held, unfinished)
        unfinished.rename(path)

    def resume(self, path: Path) -> None:
        """Go on from what `save` put into `path`."""
        from safetensors.torch import load_file

        held = load_file(path)
        self.pbs, self.curve = held[PBS], held[CURVE].tolist()
        with torch.no_grad():
            for name, weight in self.net.named_parameters():
                weight.copy_(held[WEIGHT + name])
                self._sgd.state[weight]["momentum_buffer"] = held[MOMENTUM + name]

    def _step(self, chosen: NDArray[np.int64], pb_rate: float) -> NDArray[np.float64]:
        windows, lengths = padded([self._sequences[i] for i in chosen])
        pbs = self.pbs[chosen].requires_grad_()
        loss = prediction_loss(self.net(windows, pbs, self.recipe.own), windows, lengths)
        self._sgd.zero_grad()
        torch.autograd.backward(loss.mean())
        self._sgd.step()
        assert pbs.grad is not None  # it is a leaf that the loss depends on
        with torch.no_grad():
            self.pbs[chosen] -= (
                pb_rate * len(chosen) * pbs.grad
            )  # of each sequence's own loss, not of the mean
        return loss.detach().numpy().astype(np.float64)

    def _batches(self) -> Iterator[NDArray[np.int64]]:
        first = len(self.curve) * self.recipe.sequences
        chosen = turns(len(self._sequences), first, first + self.recipe.sequences, self.seed)
        yield from (
            chosen[start : start + self.recipe.batch]
            for start in range(0, len(chosen), self.recipe.batch)
        )


def learn(
    name: str,
    sequences: Sequence[Floats],
    recipe: PaperTrainingConfig,
    seed: int,
    told: Callable[[float], None] | None = None,
) -> TrainedPbs:
    """Learn one network from `sequences`, each (n_i, 80) in [-1, 1]; `told` hears each epoch's loss.

    Same seed and machine, same weights and PBs.
    """
    course = Trainer(name, sequences, recipe, seed)
    for _ in range(recipe.epochs):
        loss = course.epoch()
        if told is not None:
            told(loss)
    return course.learned()


def learned_in(path: Path, name: str, recipe: PaperTrainingConfig) -> TrainedPbs:
    """What a course of that name put into the file `path`."""
    from safetensors.numpy import load_file

    held = load_file(path)
    weights = {
        key.removeprefix(WEIGHT): array for key, array in held.items() if key.startswith(WEIGHT)
    }
    return TrainedPbs(
        Network(name, recipe.shape, recipe.rule(), weights), held[PBS], tuple(held[CURVE].tolist())
    )


def turns(count: int, first: int, stop: int, seed: int) -> NDArray[np.int64]:
    """Visits number `first` to `stop` (exclusive) of `count` sequences: each comes once in every shuffled round."""
    rounds = range(first // count, -(-stop // count))
    order = np.concatenate(
        [np.random.default_rng((seed, turn)).permutation(count) for turn in rounds]
    )
    skipped = rounds.start * count
    return order[first - skipped : stop - skipped]


def padded(sequences: Sequence[Floats]) -> tuple[Tensor, Tensor]:
    """Sequences (n_i, 80) as one batch (B, T, 80), zeros after their ends, with their lengths (B,)."""
    lengths = np.array([len(sequence) for sequence in sequences])
    windows = np.zeros((len(sequences), lengths.max(), LANDMARKS), np.float32)
    for row, sequence in zip(windows, sequences, strict=True):
        row[: len(sequence)] = sequence
    return torch.from_numpy(windows), torch.from_numpy(lengths)
