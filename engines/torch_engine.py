"""The reference engine: `network.LstmPb` as it is written, under torch's autograd, on the CPU.

In float64 it is the truth that every other engine is held against.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from engines.engine import Engine, Floats, Ints, Network, Refined
from engines.network import LstmPb, loss_and_gradient
from engines.weights import checked


class TorchEngine(Engine):
    """Eager torch in `dtype`; what it returns is rounded to float32."""

    name = "torch"

    def __init__(self, network: Network, dtype: torch.dtype = torch.float32) -> None:
        super().__init__(network)
        self._dtype = dtype
        with torch.random.fork_rng(devices=[]):  # building draws random weights: leave the caller's sequence alone
            self._net = LstmPb(network.shape)
        self._net.load_state_dict({name: torch.tensor(array) for name, array in checked(network).items()})
        self._net.to(dtype).requires_grad_(False)

    def _refine_impl(self, windows: Floats, lengths: Ints, pb: Floats, steps: int) -> Refined:
        rule, moving = self.network.rule, self._tensor(pb)
        known, counts = self._tensor(windows), torch.from_numpy(lengths)
        for step in range(steps):
            loss, gradient = loss_and_gradient(self._net, known, counts, moving, rule.own)
            norm = gradient.norm(dim=1, keepdim=True)
            moving = moving - rule.length(step) * gradient / (norm + rule.softening)
        return Refined(_floats(moving), _floats(loss), _floats(norm[:, 0]))

    def _loss_and_gradient_impl(self, windows: Floats, lengths: Ints, pb: Floats) -> tuple[Floats, Floats]:
        known, counts = self._tensor(windows), torch.from_numpy(lengths)
        loss, gradient = loss_and_gradient(self._net, known, counts, self._tensor(pb), self.network.rule.own)
        return _floats(loss), _floats(gradient)

    def _generate_impl(self, pb: Floats, start: Floats, frames: int) -> Floats:
        with torch.no_grad():
            return _floats(self._net.generate(self._tensor(pb), self._tensor(start), frames))

    def _tensor(self, array: Floats) -> Tensor:
        return torch.tensor(array, dtype=self._dtype)


def _floats(tensor: Tensor) -> Floats:
    return tensor.numpy().astype(np.float32)
