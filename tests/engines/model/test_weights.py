from __future__ import annotations

import numpy as np
import pytest

from engines.errors import EngineInputError
from engines.model.network import Network
from engines.model.shape import PRESETS, NetworkShape, StepRule
from engines.model.weights import check_network, layer_sizes, random_weights, weight_count

SHAPE = NetworkShape(hidden=6, blocks=2)
RULE = StepRule((0.5,), 0.01, 0.9)


def network(**changes: np.ndarray) -> Network:
    return Network("some", SHAPE, RULE, random_weights(SHAPE, 0) | changes)


@pytest.mark.parametrize("shape", [SHAPE, NetworkShape(5, 1), PRESETS["live"]])
def test_names_and_sizes_match_the_torch_network(shape: NetworkShape) -> None:
    pytest.importorskip("torch")
    from engines.model.lstm_pb import LstmPb

    reference = {name: tuple(tensor.shape) for name, tensor in LstmPb(shape).state_dict().items()}
    assert {name: array.shape for name, array in random_weights(shape, 0).items()} == reference


def test_random_weights_have_the_distribution_of_torch() -> None:
    pytest.importorskip("torch")
    from engines.model.lstm_pb import LstmPb

    shape = NetworkShape(hidden=64, blocks=1)
    reference = {name: tensor.numpy() for name, tensor in LstmPb(shape).state_dict().items()}
    for name, ours in random_weights(shape, 0).items():
        np.testing.assert_allclose(
            np.abs(ours).max(), np.abs(reference[name]).max(), rtol=0.1, err_msg=name
        )
        np.testing.assert_allclose(ours.std(), reference[name].std(), rtol=0.25, err_msg=name)


def test_the_seed_determines_the_weights() -> None:
    one, same, other = (random_weights(SHAPE, seed) for seed in (4, 4, 5))
    assert all(np.array_equal(one[name], same[name]) for name in one)
    assert not np.array_equal(one["output.weight"], other["output.weight"])


def test_only_time_transforms_have_a_forget_bias() -> None:
    weights = random_weights(SHAPE, 0)
    assert weights["grid.time.1.gates.bias"][6:12].min() > 0.9
    assert weights["grid.depth.gates.bias"][6:12].max() < 0.1


def test_weight_count_matches_the_arrays() -> None:
    assert weight_count(SHAPE) == sum(array.size for array in random_weights(SHAPE, 0).values())
    assert round(weight_count(PRESETS["paper"]) / 1e6, 1) == 10.9


def test_layers_are_in_the_order_of_the_torch_network() -> None:
    assert list(layer_sizes(SHAPE))[:5] == [
        "landmarks",
        "pb",
        "context_in",
        "grid.time.0.gates",
        "grid.time.1.gates",
    ]


def test_returns_valid_weights_unchanged() -> None:
    some = network()
    assert check_network(some) is some.weights


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"surplus": np.zeros(1, np.float32)}, "surplus is not a weight of this shape"),
        ({"pb.bias": np.zeros(6)}, r"pb\.bias is float64 \(6,\); want float32 \(6,\)"),
        ({"pb.bias": np.zeros(7, np.float32)}, r"pb\.bias is float32 \(7,\)"),
        (
            {"pb.bias": np.full(6, np.inf, np.float32)},
            r"pb\.bias holds numbers that are not finite",
        ),
    ],
)
def test_names_an_invalid_weight(changes: dict[str, np.ndarray], message: str) -> None:
    with pytest.raises(EngineInputError, match=message):
        check_network(network(**changes))


def test_names_a_missing_weight() -> None:
    some = network()
    with pytest.raises(EngineInputError, match=r"network some: grid_out\.weight is missing"):
        check_network(
            Network(
                "some",
                SHAPE,
                RULE,
                {k: v for k, v in some.weights.items() if k != "grid_out.weight"},
            )
        )
