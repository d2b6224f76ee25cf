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


class Lesson:
    def __init__(self, learned: TrainedNetwork) -> None:
        self._learned, self.times = learned, 0

    def __call__(self) -> TrainedNetwork:
        self.times += 1
        return self._learned


def test_what_was_learned_is_found_again_whole(tmp_path: Path, learned: TrainedNetwork) -> None:
    lesson = Lesson(learned)
    for _ in range(2):
        found = CheckpointStore(tmp_path / "parts").load_or_train("any-0", ("plan", 1), lesson)
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
    assert lesson.times == 1


@pytest.mark.parametrize(("name", "by"), [("any-1", ("plan", 1)), ("any-0", ("plan", 2))])
def test_another_network_or_other_reasons_are_learned_anew(
    name: str, by: object, tmp_path: Path, learned: TrainedNetwork
) -> None:
    keep, other = CheckpointStore(tmp_path), Lesson(replace(learned, curve=[]))
    keep.load_or_train("any-0", ("plan", 1), Lesson(learned))
    assert keep.load_or_train(name, by, other).curve == []
    assert other.times == 1


def test_a_damaged_file_is_learned_anew(tmp_path: Path, learned: TrainedNetwork) -> None:
    keep, lesson = CheckpointStore(tmp_path), Lesson(learned)
    keep.load_or_train("any-0", 1, lesson)
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:100])
    assert keep.load_or_train("any-0", 1, lesson).curve == learned.curve
    assert lesson.times == 2


def test_nothing_is_left_once_all_is_done(tmp_path: Path, learned: TrainedNetwork) -> None:
    keep = CheckpointStore(tmp_path / "parts")
    keep.clear()  # nothing was begun
    keep.load_or_train("any-0", 1, Lesson(learned))
    keep.clear()
    assert not (tmp_path / "parts").exists()
