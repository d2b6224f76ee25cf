import pytest

torch = pytest.importorskip("torch")

from engines.model.lstm_pb import LstmPb, loss_and_gradient, prediction_loss  # noqa: E402
from engines.model.shape import NetworkShape  # noqa: E402

SHAPE = NetworkShape(hidden=5, blocks=2)


def test_a_closed_loop_without_true_frames_is_generation() -> None:
    torch.manual_seed(0)
    net, windows, pb = LstmPb(SHAPE), torch.rand(2, 6, 80), torch.rand(2, 64)
    assert torch.equal(net(windows, pb, 1.0), net.generate(pb, windows[:, 0], 5))


def test_loss_ignores_frames_after_the_end_of_a_sequence() -> None:
    windows, predicted = torch.zeros(1, 5, 80), torch.ones(1, 4, 80)
    predicted[:, 2:] = 100.0
    assert prediction_loss(predicted, windows, torch.tensor([3])).tolist() == [1.0]


def test_create_graph_allows_a_second_derivative() -> None:
    net, windows = LstmPb(SHAPE), torch.rand(1, 4, 80)
    arguments = net, windows, torch.tensor([4]), torch.rand(1, 64), 0.9
    assert not loss_and_gradient(*arguments)[1].requires_grad
    _, gradient = loss_and_gradient(*arguments, create_graph=True)
    gradient.sum().backward()
    assert net.pb.weight.grad is not None
