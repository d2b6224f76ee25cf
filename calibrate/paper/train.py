"""Learning mode as in the paper: weights and one PB for each sequence, trained together (Eq. 1-2).

Each step predicts a sequence in closed loop with its own PB. The mean error over its frames updates
the weights by SGD and, in the same step, that PB by plain gradient descent. A PB starts at zero and
persists from one visit of its sequence to the next.
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
from calibrate.parallel import atomic_write
from engines.model.lstm_pb import LstmPb, prediction_loss
from engines.model.network import Network
from engines.model.shape import LANDMARKS, PB
from realtime.core.messages import Floats

WEIGHT, MOMENTUM, PBS, CURVE = "weight/", "momentum/", "pbs", "curve"  # names in the file


@dataclass(frozen=True, slots=True, eq=False)
class TrainedPbs:
    """A network as plain data, the PBs (n, 64) of its training sequences, and the loss by epoch."""

    network: Network
    pbs: Floats
    curve: tuple[float, ...]

    def prototypes(self, genuine: NDArray[np.bool_]) -> tuple[Floats, Floats]:
        """Return the paper's two PBs (64,): the means over genuine and over fake sequences."""
        return self.pbs[genuine].mean(axis=0), self.pbs[~genuine].mean(axis=0)


class Trainer:
    """Training of one network, epoch by epoch, with save and resume; used by one thread."""

    def __init__(
        self, name: str, sequences: Sequence[Floats], config: PaperTrainingConfig, seed: int
    ) -> None:
        torch.set_num_threads(1)  # another order of summation would change the weights
        torch.manual_seed(seed)
        self.name, self.config, self.seed = name, config, seed
        self.net = LstmPb(config.shape)
        self.pbs = torch.zeros(len(sequences), PB)
        self.curve: list[float] = []
        self._sequences = sequences
        self._sgd = torch.optim.SGD(self.net.parameters(), config.learning_rate, config.momentum)

    def epoch(self) -> float:
        """Train on the next `config.sequences` sequences in turn and return their mean loss.

        Raises `DataError` if training diverges.
        """
        factor = self.config.rate_factor(self.curve)
        self._sgd.param_groups[0]["lr"] = self.config.learning_rate * factor
        losses = [self._step(chosen, self.config.pb_rate * factor) for chosen in self._batches()]
        loss = float(np.concatenate(losses).mean())
        if not np.isfinite(loss):
            raise DataError(
                f"network {self.name} diverged in epoch {len(self.curve) + 1}; try another --seed"
            )
        self.curve.append(loss)
        return loss

    def trained(self) -> TrainedPbs:
        """Return the network and PBs trained so far."""
        weights = {
            key: value.detach().numpy().astype(np.float32)
            for key, value in self.net.state_dict().items()
        }
        network = Network(self.name, self.config.shape, self.config.rule(), weights)
        return TrainedPbs(network, self.pbs.numpy().copy(), tuple(self.curve))

    def save(self, path: Path) -> None:
        """Write everything that the next epoch needs to `path`."""
        from safetensors.torch import save_file

        arrays = {PBS: self.pbs, CURVE: torch.tensor(self.curve, dtype=torch.float64)}
        for name, weight in self.net.named_parameters():
            arrays[WEIGHT + name] = weight.detach()
            arrays[MOMENTUM + name] = self._sgd.state[weight]["momentum_buffer"]
        with atomic_write(path) as unfinished:
            save_file(arrays, unfinished)

    def resume(self, path: Path) -> None:
        """Continue from what `save` wrote to `path`."""
        from safetensors.torch import load_file

        arrays = load_file(path)
        self.pbs, self.curve = arrays[PBS], arrays[CURVE].tolist()
        with torch.no_grad():
            for name, weight in self.net.named_parameters():
                weight.copy_(arrays[WEIGHT + name])
                self._sgd.state[weight]["momentum_buffer"] = arrays[MOMENTUM + name]

    def _step(self, chosen: NDArray[np.int64], pb_rate: float) -> NDArray[np.float64]:
        windows, lengths = padded([self._sequences[i] for i in chosen])
        pbs = self.pbs[chosen].requires_grad_()
        loss = prediction_loss(self.net(windows, pbs, self.config.closed_loop), windows, lengths)
        self._sgd.zero_grad()
        torch.autograd.backward(loss.mean())
        self._sgd.step()
        assert pbs.grad is not None  # it is a leaf that the loss depends on
        with torch.no_grad():
            # The gradient of each sequence's own loss, not of the mean.
            self.pbs[chosen] -= pb_rate * len(chosen) * pbs.grad
        return loss.detach().numpy().astype(np.float64)

    def _batches(self) -> Iterator[NDArray[np.int64]]:
        first = len(self.curve) * self.config.sequences
        chosen = visits(len(self._sequences), first, first + self.config.sequences, self.seed)
        yield from (
            chosen[start : start + self.config.batch]
            for start in range(0, len(chosen), self.config.batch)
        )


def train_pbs(
    name: str,
    sequences: Sequence[Floats],
    config: PaperTrainingConfig,
    seed: int,
    on_epoch: Callable[[float], None] | None = None,
) -> TrainedPbs:
    """Train one network on `sequences`, each (n_i, 80) in [-1, 1]; `on_epoch` gets each loss.

    Deterministic for one seed and machine.
    """
    trainer = Trainer(name, sequences, config, seed)
    for _ in range(config.epochs):
        loss = trainer.epoch()
        if on_epoch is not None:
            on_epoch(loss)
    return trainer.trained()


def load_trained(path: Path, name: str, config: PaperTrainingConfig) -> TrainedPbs:
    """Load what a `Trainer` of that name saved to `path`."""
    from safetensors.numpy import load_file

    arrays = load_file(path)
    weights = {
        key.removeprefix(WEIGHT): array for key, array in arrays.items() if key.startswith(WEIGHT)
    }
    return TrainedPbs(
        Network(name, config.shape, config.rule(), weights),
        arrays[PBS],
        tuple(arrays[CURVE].tolist()),
    )


def visits(count: int, first: int, stop: int, seed: int) -> NDArray[np.int64]:
    """Return visits `first` to `stop` (exclusive) of `count` sequences, shuffled in each round."""
    rounds = range(first // count, -(-stop // count))
    order = np.concatenate(
        [np.random.default_rng((seed, number)).permutation(count) for number in rounds]
    )
    skipped = rounds.start * count
    return order[first - skipped : stop - skipped]


def padded(sequences: Sequence[Floats]) -> tuple[Tensor, Tensor]:
    """Return sequences (n_i, 80) as one zero-padded batch (B, T, 80) with their lengths (B,)."""
    lengths = np.array([len(sequence) for sequence in sequences])
    windows = np.zeros((len(sequences), lengths.max(), LANDMARKS), np.float32)
    for row, sequence in zip(windows, sequences, strict=True):
        row[: len(sequence)] = sequence
    return torch.from_numpy(windows), torch.from_numpy(lengths)
