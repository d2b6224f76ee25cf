"""Forward, loss and backward of a recognition step, each against torch alone."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")
pytest.importorskip("torch")

import torch

from engines.bench.parity import parity_case, relative_error
from engines.model.lstm_pb import prediction_loss
from engines.model.network import Network
from engines.model.shape import CONTEXT, LANDMARKS, NetworkShape, StepRule
from engines.model.weights import random_weights
from engines.onnx_export.export import _graph_with_weights
from engines.onnx_export.recognition_step import FP16_GRADIENT_SCALE, RecognitionStep
from engines.pytorch.engine import TorchEngine
from tests.engines.onnx_export.onnx_runner import run_graph

SHAPE = NetworkShape(hidden=6, blocks=2)
CLOSED_LOOP = 0.8
NETWORK = Network("some", SHAPE, StepRule((0.5,), 0.01, CLOSED_LOOP), random_weights(SHAPE, 0))
CASE = parity_case(batch=3, frames=7)
FEEDS = {"windows": CASE.windows, "lengths": CASE.lengths, "pb": CASE.pb}
NET = TorchEngine(NETWORK, torch.float64).net
WINDOWS, PB = (torch.tensor(array, dtype=torch.float64) for array in (CASE.windows, CASE.pb))


def step(fp16: bool = False) -> RecognitionStep:
    return RecognitionStep(_graph_with_weights(NETWORK, fp16), SHAPE, CLOSED_LOOP)


def test_the_forward_pass_predicts_the_next_frames() -> None:
    one = step()
    run = one.forward()
    outputs, target = run_graph(one._g, FEEDS, [run.outputs, run.target])
    assert outputs.shape == (6, 3, LANDMARKS + CONTEXT)
    predicted = NET(WINDOWS, PB, CLOSED_LOOP).detach().numpy().swapaxes(0, 1)
    np.testing.assert_allclose(outputs[..., :LANDMARKS], predicted, atol=1e-6)
    np.testing.assert_array_equal(target, CASE.windows.swapaxes(0, 1)[1:])


def test_the_loss_is_the_mean_over_each_windows_own_frames() -> None:
    one = step()
    loss, d_played = run_graph(one._g, FEEDS, one.loss(one.forward()))
    predicted = NET(WINDOWS, PB, CLOSED_LOOP).detach().requires_grad_()
    wanted = prediction_loss(predicted, WINDOWS, torch.tensor(CASE.lengths))
    wanted.sum().backward()
    assert predicted.grad is not None
    np.testing.assert_allclose(loss, wanted.detach(), rtol=1e-5)
    np.testing.assert_allclose(d_played, predicted.grad.numpy().swapaxes(0, 1), atol=1e-7)
    assert CASE.lengths.min() < 7  # a window that ends early is among them
    shortest = CASE.lengths.argmin()
    assert not d_played[CASE.lengths.min() - 1 :, shortest].any()


@pytest.mark.parametrize(("fp16", "allowed"), [(False, 1e-5), (True, 1e-2)])
def test_the_backward_pass_takes_any_gradient_of_the_prediction_to_the_pb(
    fp16: bool, allowed: float
) -> None:
    d_played = np.random.default_rng(1).normal(0, 1, (6, 3, LANDMARKS)).astype(np.float32)
    one, pb = step(fp16), PB.clone().requires_grad_()
    (NET(WINDOWS, pb, CLOSED_LOOP) * torch.tensor(d_played.swapaxes(0, 1))).sum().backward()
    assert pb.grad is not None
    scale = FP16_GRADIENT_SCALE if fp16 else 1.0  # undone by the backward pass itself
    feeds = FEEDS | {"d_played": np.asarray(scale * d_played, np.float32)}
    (found,) = run_graph(one._g, feeds, [one.backward(one.forward(), "d_played")])
    assert relative_error(found, pb.grad.numpy()) < allowed
