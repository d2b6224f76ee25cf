from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")
pytest.importorskip("torch")

import torch

from engines.onnx_export.graph_builder import GraphBuilder
from engines.onnx_export.lstm_cell import (
    backward_factors,
    cell_backward,
    cell_forward,
    one_minus_square,
)
from tests.engines.onnx_export.onnx_runner import run_graph

BATCH, HIDDEN = 3, 5
RNG = np.random.default_rng(0)
SUMS = RNG.normal(0, 1, (BATCH, 4 * HIDDEN)).astype(np.float32)
BEFORE, D_HIDDEN, D_MEMORY = RNG.normal(0, 1, (3, BATCH, HIDDEN)).astype(np.float32)
FEEDS = {"sums": SUMS, "before": BEFORE}


def torch_cell(sums: torch.Tensor, before: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    i, f, o, g = sums.chunk(4, dim=1)
    memory = torch.sigmoid(f) * before + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(memory), memory


def test_the_forward_pass_is_that_of_an_lstm_cell() -> None:
    g = GraphBuilder()
    hidden, memory, saved = cell_forward(g, "sums", "before", HIDDEN)
    values = [hidden, memory, saved.squashed, saved.before]
    found = run_graph(g, FEEDS, values)
    true_hidden, true_memory = torch_cell(torch.tensor(SUMS), torch.tensor(BEFORE))
    np.testing.assert_allclose(found[0], true_hidden, atol=1e-6)
    np.testing.assert_allclose(found[1], true_memory, atol=1e-6)
    np.testing.assert_allclose(found[2], torch.tanh(true_memory), atol=1e-6)
    np.testing.assert_array_equal(found[3], BEFORE)


@pytest.mark.parametrize("with_memory", [True, False])
def test_the_backward_pass_is_that_of_autograd(with_memory: bool) -> None:
    sums = torch.tensor(SUMS, dtype=torch.float64, requires_grad=True)
    before = torch.tensor(BEFORE, dtype=torch.float64, requires_grad=True)
    hidden, memory = torch_cell(sums, before)
    incoming = (hidden * torch.tensor(D_HIDDEN)).sum()
    if with_memory:
        incoming = incoming + (memory * torch.tensor(D_MEMORY)).sum()
    incoming.backward()

    g = GraphBuilder()
    _, _, saved = cell_forward(g, "sums", "before", HIDDEN)
    factors = backward_factors(g, saved, HIDDEN)
    gradients = cell_backward(g, factors, "d_hidden", "d_memory" if with_memory else None)
    feeds = FEEDS | {"d_hidden": D_HIDDEN} | ({"d_memory": D_MEMORY} if with_memory else {})
    d_sums, d_before = run_graph(g, feeds, gradients)
    np.testing.assert_allclose(d_sums, sums.grad, atol=2e-6)
    np.testing.assert_allclose(d_before, before.grad, atol=2e-6)


def test_one_minus_square_is_the_derivative_of_tanh_from_its_value() -> None:
    g, value = GraphBuilder(), np.tanh(BEFORE)
    (found,) = run_graph(g, {"value": value}, [one_minus_square(g, "value")])
    np.testing.assert_allclose(found, 1 / np.cosh(BEFORE) ** 2, atol=1e-6)
