"""Torch reference of the LSTM-PB of Huynh & Kim 2017 (sections 2.3.4 and 2.3.5).

At every frame t the hidden layer sums three ReLU branches: the landmarks, the PB, and the context,
which has passed through a 2D Grid LSTM. It predicts the next frame, and its context output is the
next frame's context input:

    g_t     = grid(W_c c_t)                                 context -> grid, blocks along depth
    h_t     = relu(W_x u_t) + relu(W_p p) + relu(W_g g_t)            hidden layer, `hidden` units
    y_t     = tanh(W_y h_t)                                          prediction of landmarks x_{t+1}
    c_{t+1} = tanh(W_k h_t)                                          context out, 64
    u_t     = a * y_{t-1} + (1 - a) * x_t          input: closed-loop ratio a, u_0 = x_0

Biases are omitted above. The PB p is constant over a sequence; its error is averaged over time
(Eq. 1).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from engines.model.shape import CONTEXT, LANDMARKS, PB, NetworkShape, StepRule


class LstmTransform(nn.Module):
    """LSTM transform of the grid: ([depth; time] hidden vectors, memory) -> (hidden, memory)."""

    def __init__(self, hidden: int, forget_bias: float) -> None:
        super().__init__()
        self.gates = nn.Linear(2 * hidden, 4 * hidden)  # rows: input, forget, output, candidate
        nn.init.uniform_(self.gates.bias, -0.05, 0.05)
        with torch.no_grad():
            self.gates.bias[hidden : 2 * hidden] += forget_bias

    def forward(self, depth: Tensor, time: Tensor, memory: Tensor) -> tuple[Tensor, Tensor]:
        """Return the new hidden vector and memory, each (B, H); so are the arguments."""
        i, f, o, g = self.gates(torch.cat((depth, time), dim=1)).chunk(4, dim=1)
        memory = torch.sigmoid(f) * memory + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(memory), memory


class GridLstm(nn.Module):
    """2D Grid LSTM (Kalchbrenner et al. 2015): a time transform per block, one depth transform.

    Depth has priority: it reads the block's new time vector. Time transforms start with a forget
    bias of 1.
    """

    def __init__(self, shape: NetworkShape) -> None:
        super().__init__()
        self.time = nn.ModuleList(LstmTransform(shape.hidden, 1.0) for _ in range(shape.blocks))
        self.depth = LstmTransform(shape.hidden, 0.0)

    def forward(
        self, depth: Tensor, state: list[tuple[Tensor, Tensor]]
    ) -> tuple[Tensor, list[tuple[Tensor, Tensor]]]:
        """Return the last block's depth vector (B, H), and each block's time vector and memory."""
        memory = torch.zeros_like(depth)
        new_state = []
        for transform, (time, time_memory) in zip(self.time, state, strict=True):
            time, time_memory = transform(depth, time, time_memory)
            depth, memory = self.depth(depth, time, memory)
            new_state.append((time, time_memory))
        return depth, new_state


class LstmPb(nn.Module):
    """Network whose weights all sequences share; only the PB differs from sequence to sequence."""

    def __init__(self, shape: NetworkShape) -> None:
        super().__init__()
        self.shape = shape
        self.landmarks = nn.Linear(LANDMARKS, shape.hidden)
        self.pb = nn.Linear(PB, shape.hidden)
        self.context_in = nn.Linear(CONTEXT, shape.hidden)
        self.grid = GridLstm(shape)
        self.grid_out = nn.Linear(shape.hidden, shape.hidden)
        self.output = nn.Linear(shape.hidden, LANDMARKS)
        self.context_out = nn.Linear(shape.hidden, CONTEXT)

    def forward(self, windows: Tensor, pb: Tensor, closed_loop: float) -> Tensor:
        """Predict frames 1..T-1 of `windows` (B, T, 80) under `pb` (B, 64) -> (B, T-1, 80)."""
        return self._unroll(windows[:, 0], pb, windows.shape[1] - 1, windows, closed_loop)

    def generate(self, pb: Tensor, start: Tensor, frames: int) -> Tensor:
        """Generate `frames` frames from `start` (B, 80) under `pb` (B, 64) -> (B, frames, 80)."""
        return self._unroll(start, pb, frames, None, 1.0)

    def _unroll(
        self, start: Tensor, pb: Tensor, frames: int, windows: Tensor | None, closed_loop: float
    ) -> Tensor:
        zero = start.new_zeros(len(start), self.shape.hidden)
        state = [(zero, zero)] * self.shape.blocks
        context = start.new_zeros(len(start), CONTEXT)
        bias = torch.relu(self.pb(pb))
        inputs, outputs = start, []
        for t in range(frames):
            grid, state = self.grid(self.context_in(context), state)
            hidden = torch.relu(self.landmarks(inputs)) + bias + torch.relu(self.grid_out(grid))
            predicted = torch.tanh(self.output(hidden))
            context = torch.tanh(self.context_out(hidden))
            outputs.append(predicted)
            if t + 1 < frames:
                inputs = (
                    predicted
                    if windows is None
                    else closed_loop * predicted + (1 - closed_loop) * windows[:, t + 1]
                )
        return torch.stack(outputs, dim=1)


def prediction_loss(predicted: Tensor, windows: Tensor, lengths: Tensor) -> Tensor:
    """Return the mean squared error (B,) of `predicted` (B, T-1, 80) over `lengths` (B,) frames."""
    error = (predicted - windows[:, 1:]).square().mean(dim=2)
    inside = torch.arange(1, windows.shape[1], device=windows.device) < lengths[:, None]
    return (error * inside).sum(dim=1) / (lengths - 1)


def recognise(
    net: LstmPb, windows: Tensor, lengths: Tensor, pb: Tensor, rule: StepRule, steps: int
) -> Tensor:
    """Refine only the PB by `steps` steps down the gradient of the loss (Eq. 1-2) -> (B, 64)."""
    for step in range(steps):
        _, gradient = loss_and_gradient(net, windows, lengths, pb, rule.closed_loop)
        norm = gradient.norm(dim=1, keepdim=True)
        pb = pb - rule.length(step) * gradient / (norm + rule.epsilon)
    return pb


def loss_and_gradient(
    net: LstmPb,
    windows: Tensor,
    lengths: Tensor,
    pb: Tensor,
    closed_loop: float,
    *,
    create_graph: bool = False,
) -> tuple[Tensor, Tensor]:
    """Return the loss (B,) and its gradient with respect to the PB (B, 64).

    `create_graph` keeps the graph, so training can differentiate through the gradient.
    """
    pb = pb if pb.requires_grad else pb.detach().requires_grad_()
    loss = prediction_loss(net(windows, pb, closed_loop), windows, lengths)
    (gradient,) = torch.autograd.grad(loss.sum(), pb, create_graph=create_graph)
    return (loss if create_graph else loss.detach()), gradient
