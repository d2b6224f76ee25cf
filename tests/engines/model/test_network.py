import numpy as np

from engines.model.network import Network
from engines.model.shape import NetworkShape, StepRule
from engines.model.weights import random_weights

SHAPE = NetworkShape(hidden=4, blocks=1)
RULE = StepRule((0.5,), 0.01, 0.9)


def test_arrays_of_several_networks_give_each_its_weights_back() -> None:
    sad, any_ = (
        Network(name, SHAPE, RULE, random_weights(SHAPE, seed))
        for seed, name in enumerate(("sadness", "any"))
    )
    arrays = sad.to_arrays() | any_.to_arrays()
    restored = Network.from_arrays("sadness", SHAPE, RULE, arrays, "ab")
    assert restored.bundle_sha256 == "ab"
    assert restored.weights.keys() == sad.weights.keys()
    for name, array in sad.weights.items():
        np.testing.assert_array_equal(restored.weights[name], array)
