from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from calibrate.learning.checkpoints import CheckpointStore
from calibrate.learning.train import EpochLosses, TrainedNetwork
from engines.model.network import Network
from engines.model.shape import NetworkShape, StepRule
from engines.model.weights import random_weights
from realtime.verdict.features import ReadOut

SHAPE = NetworkShape(4, 2)


@pytest.fixture
def learned() -> TrainedNetwork:
    network = Network("any-0", SHAPE, StepRule((2.0, 0.7), 1e-3, 0.9), random_weights(SHAPE, 1))
    rows = np.random.default_rng(0).normal(size=(2, 64)).astype(np.float32)
    read_outs = {"any": ReadOut(rows[0], float(np.float32(0.3))), "fear": ReadOut(rows[1], -0.5)}
    return TrainedNetwork(network, read_outs, [EpochLosses(0, 0.2, 0.7), EpochLosses(1, 0.1, 0.65)])


class FakeTraining:
    def __init__(self, learned: TrainedNetwork) -> None:
        self._learned, self.times = learned, 0

    def __call__(self) -> TrainedNetwork:
        self.times += 1
        return self._learned


def test_a_finished_network_is_restored_completely(tmp_path: Path, learned: TrainedNetwork) -> None:
    training = FakeTraining(learned)
    for _ in range(2):
        found = CheckpointStore(tmp_path / "parts").load_or_train("any-0", ("plan", 1), training)
        assert found.network.name == "any-0"
        assert (found.network.shape, found.network.rule) == (
            learned.network.shape,
            learned.network.rule,
        )
        assert found.network.weights.keys() == learned.network.weights.keys()
        for key, weights in learned.network.weights.items():
            np.testing.assert_array_equal(found.network.weights[key], weights)
        assert found.read_outs.keys() == learned.read_outs.keys()
        for emotion, read_out in learned.read_outs.items():
            np.testing.assert_array_equal(found.read_outs[emotion].weights, read_out.weights)
            assert found.read_outs[emotion].bias == read_out.bias
        assert found.curve == learned.curve
    assert training.times == 1


@pytest.mark.parametrize(("name", "by"), [("any-1", ("plan", 1)), ("any-0", ("plan", 2))])
def test_another_network_or_configuration_is_trained_again(
    name: str, by: object, tmp_path: Path, learned: TrainedNetwork
) -> None:
    store, other = CheckpointStore(tmp_path), FakeTraining(replace(learned, curve=[]))
    store.load_or_train("any-0", ("plan", 1), FakeTraining(learned))
    assert store.load_or_train(name, by, other).curve == []
    assert other.times == 1


def test_a_network_with_a_damaged_file_is_trained_again(
    tmp_path: Path, learned: TrainedNetwork
) -> None:
    store, training = CheckpointStore(tmp_path), FakeTraining(learned)
    store.load_or_train("any-0", 1, training)
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:100])
    assert store.load_or_train("any-0", 1, training).curve == learned.curve
    assert training.times == 2


@pytest.mark.parametrize(
    ("left", "kept"),
    [
        (("any-0-ab.npz.tmp",), ()),
        (("any-0-ab.npz.tmp", "any-1-cd.npz.tmp", "any-1-cd.npz"), ()),
        (("any-0-ab.npz.tmp", "notes.txt"), ("notes.txt",)),
        (("more.tmp",), ("more.tmp",)),
    ],
)
def test_files_of_a_killed_run_are_cleared_and_those_of_others_kept(
    left: tuple[str, ...], kept: tuple[str, ...], tmp_path: Path
) -> None:
    folder = tmp_path / "parts"
    folder.mkdir()
    for name in left:
        (folder / name).write_bytes(b"half")
    CheckpointStore(folder).clear()
    assert tuple(path.name for path in folder.glob("*")) == kept
    assert folder.exists() == bool(kept)


def test_no_checkpoint_remains_after_clear(tmp_path: Path, learned: TrainedNetwork) -> None:
    store = CheckpointStore(tmp_path / "parts")
    store.clear()  # clearing an empty store is allowed
    store.load_or_train("any-0", 1, FakeTraining(learned))
    store.clear()
    assert not (tmp_path / "parts").exists()
