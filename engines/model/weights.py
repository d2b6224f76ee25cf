"""Weight names and shapes of one network by their torch names; validation and random weights."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from engines.errors import EngineInputError
from engines.model.network import Floats, Network
from engines.model.shape import CONTEXT, LANDMARKS, PB, NetworkShape

GATE_BIAS = 0.05  # bound of a gate's random bias
TIME_FORGET_BIAS = 1.0


def layer_sizes(shape: NetworkShape) -> dict[str, tuple[int, int]]:
    """Return (outputs, inputs) of every linear layer by its name in `LstmPb`, in its order."""
    hidden, gates = shape.hidden, (4 * shape.hidden, 2 * shape.hidden)
    return {
        "landmarks": (hidden, LANDMARKS),
        "pb": (hidden, PB),
        "context_in": (hidden, CONTEXT),
        **{f"grid.time.{block}.gates": gates for block in range(shape.blocks)},
        "grid.depth.gates": gates,
        "grid_out": (hidden, hidden),
        "output": (LANDMARKS, hidden),
        "context_out": (CONTEXT, hidden),
    }


def weight_count(shape: NetworkShape) -> int:
    """Return the number of weights of a network of this shape, biases included."""
    return sum(outputs * (inputs + 1) for outputs, inputs in layer_sizes(shape).values())


def check_network(network: Network) -> Mapping[str, Floats]:
    """Return the weights, checked to be complete, finite float32 of the right shapes.

    Raises EngineInputError naming the first weight that is not.
    """
    wanted = {
        name: size
        for layer, sizes in layer_sizes(network.shape).items()
        for name, size in _arrays(layer, sizes)
    }
    for name in sorted(wanted.keys() | network.weights.keys()):
        if name not in wanted or name not in network.weights:
            fault = "is missing" if name in wanted else "is not a weight of this shape"
            raise EngineInputError(
                f"network {network.name}: {name} {fault}; take the weights from a matching bundle"
            )
        _check(network.name, name, network.weights[name], wanted[name])
    return network.weights


def random_weights(shape: NetworkShape, seed: int) -> dict[str, Floats]:
    """Return weights of an untrained `LstmPb`, uniform within 1 / sqrt(inputs), without torch."""
    draw = np.random.default_rng(seed).uniform
    weights: dict[str, Floats] = {}
    for layer, (outputs, inputs) in layer_sizes(shape).items():
        bound = inputs**-0.5
        bias_bound = GATE_BIAS if layer.endswith("gates") else bound
        weights[f"{layer}.weight"] = draw(-bound, bound, (outputs, inputs)).astype(np.float32)
        weights[f"{layer}.bias"] = draw(-bias_bound, bias_bound, outputs).astype(np.float32)
        if layer.startswith("grid.time"):
            weights[f"{layer}.bias"][shape.hidden : 2 * shape.hidden] += TIME_FORGET_BIAS
    return weights


def _arrays(layer: str, sizes: tuple[int, int]) -> list[tuple[str, tuple[int, ...]]]:
    return [(f"{layer}.weight", sizes), (f"{layer}.bias", sizes[:1])]


def _check(network: str, name: str, array: Floats, wanted: tuple[int, ...]) -> None:
    if array.dtype != np.float32 or array.shape != wanted:
        raise EngineInputError(
            f"network {network}: {name} is {array.dtype} {array.shape}; want float32 {wanted}"
        )
    if not np.isfinite(array).all():
        raise EngineInputError(
            f"network {network}: {name} holds numbers that are not finite; train it again"
        )
