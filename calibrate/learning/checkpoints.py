"""Checkpoints of finished networks, one file each, so that an interrupted run can resume."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from calibrate.learning.train import EpochLosses, TrainedNetwork
from calibrate.parallel import UNFINISHED, atomic_write
from engines.model.network import Network
from engines.model.shape import NetworkShape, StepRule
from realtime.verdict.features import ReadOut

KINDS = ("weight/", "read_out/")


class CheckpointStore:
    """Folder of finished networks, keyed by everything that decides the training result."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load_or_train(
        self, name: str, by: object, learn: Callable[[], TrainedNetwork]
    ) -> TrainedNetwork:
        """Return network `name` from its checkpoint, or train it; `by` is the key."""
        path = self._folder / f"{name}-{sha256(repr(by).encode()).hexdigest()[:16]}.npz"
        if (found := _load(path, name)) is not None:
            return found
        found = learn()
        self._folder.mkdir(parents=True, exist_ok=True)
        with atomic_write(path) as unfinished:
            _save(unfinished, found)
        return found

    def clear(self) -> None:
        """Delete every checkpoint, also those that a killed run left half written.

        The folder goes too, unless it holds other files.
        """
        for pattern in ("*.npz", f"*.npz{UNFINISHED}"):
            for path in self._folder.glob(pattern):
                path.unlink()
        if self._folder.is_dir() and not any(self._folder.iterdir()):
            self._folder.rmdir()


def _save(path: Path, learned: TrainedNetwork) -> None:
    network = learned.network
    shape, rule = network.shape, network.rule
    arrays = {f"weight/{key}": array for key, array in network.weights.items()}
    arrays |= {
        f"read_out/{e}": np.append(read.weights, np.float32(read.bias))
        for e, read in learned.read_outs.items()
    }
    with path.open("wb") as file:
        np.savez(
            file,
            shape=np.array([shape.hidden, shape.blocks]),
            lengths=np.array(rule.lengths, np.float64),
            rule=np.array([rule.epsilon, rule.closed_loop], np.float64),
            curve=np.array(
                [(epoch.prediction, epoch.read_out) for epoch in learned.curve], np.float64
            ),
            **arrays,  # type: ignore[arg-type]
        )


def _load(path: Path, name: str) -> TrainedNetwork | None:
    """Load a checkpoint; None where it is missing or damaged."""
    try:
        with np.load(path, allow_pickle=False) as file:
            of = {
                kind: {k.removeprefix(kind): file[k] for k in file if k.startswith(kind)}
                for kind in KINDS
            }
            rule = StepRule(
                tuple(float(x) for x in file["lengths"]), *(float(x) for x in file["rule"])
            )
            network = Network(
                name, NetworkShape(*(int(x) for x in file["shape"])), rule, of["weight/"]
            )
            curve = [
                EpochLosses(number, float(p), float(r))
                for number, (p, r) in enumerate(file["curve"])
            ]
    except (OSError, ValueError, KeyError, BadZipFile):
        return None
    return TrainedNetwork(
        network, {e: ReadOut(row[:-1], float(row[-1])) for e, row in of["read_out/"].items()}, curve
    )
