from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from engines.bench.parity import parity_case  # noqa: E402
from engines.model.lstm_pb import LstmPb, recognise  # noqa: E402
from engines.model.network import Network  # noqa: E402
from engines.model.shape import NetworkShape, StepRule  # noqa: E402
from engines.model.weights import random_weights  # noqa: E402
from engines.pytorch.engine import TorchEngine  # noqa: E402

SHAPE = NetworkShape(hidden=6, blocks=2)
NETWORK = Network("some", SHAPE, StepRule((0.5, 0.2), 0.01, 0.9), random_weights(SHAPE, 0))


def test_refines_like_the_reference() -> None:
    net, some = LstmPb(SHAPE), parity_case(3, 7)
    net.load_state_dict({name: torch.tensor(array) for name, array in NETWORK.weights.items()})
    windows, lengths, pb = (torch.tensor(array) for array in (some.windows, some.lengths, some.pb))
    true = recognise(net, windows, lengths, pb, NETWORK.rule, 4).detach().numpy()
    found = TorchEngine(NETWORK).refine(some.windows, some.lengths, some.pb, 4).pb
    np.testing.assert_array_equal(found, true)


def test_creating_an_engine_preserves_the_torch_generator() -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    TorchEngine(NETWORK)
    assert torch.equal(torch.rand(3), expected)


def test_float64_differs_from_float32_only_by_rounding() -> None:
    some = parity_case(2, 6)
    one, other = (
        TorchEngine(NETWORK, dtype).loss_and_gradient(some.windows, some.lengths, some.pb)
        for dtype in (torch.float32, torch.float64)
    )
    assert one[1].tobytes() != other[1].tobytes()
    np.testing.assert_allclose(one[1], other[1], rtol=1e-4, atol=1e-8)
