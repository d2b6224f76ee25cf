"""Reference engine: `LstmPb` under torch's autograd on the CPU.

In float64 it is the reference that every other engine is compared with.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from engines.engine import Engine, RefineResult
from engines.model.lstm_pb import LstmPb, loss_and_gradient
from engines.model.network import Floats, Ints, Network
from engines.model.weights import check_network


class TorchEngine(Engine):
    """Eager torch in `dtype` on `device`; results are rounded to float32."""

    name = "torch"
    device = "cpu"

    def __init__(self, network: Network, dtype: torch.dtype = torch.float32) -> None:
        super().__init__(network)
        self._dtype = dtype
        # construction draws random weights: leave the caller's generator untouched
        with torch.random.fork_rng(devices=[]):
            self.net = LstmPb(network.shape)
        self.net.load_state_dict(
            {name: torch.tensor(array) for name, array in check_network(network).items()}
        )
        self.net.to(self.device, dtype).requires_grad_(False)

    def _refine_impl(self, windows: Floats, lengths: Ints, pb: Floats, steps: int) -> RefineResult:
        rule, refined = self.network.rule, self._tensor(pb)
        inputs, counts = self._tensor(windows), torch.from_numpy(lengths)
        for step in range(steps):
            loss, gradient = loss_and_gradient(self.net, inputs, counts, refined, rule.closed_loop)
            norm = gradient.norm(dim=1, keepdim=True)
            refined = refined - rule.length(step) * gradient / (norm + rule.epsilon)
        return RefineResult(to_numpy(refined), to_numpy(loss), to_numpy(norm[:, 0]))

    def _loss_and_gradient_impl(
        self, windows: Floats, lengths: Ints, pb: Floats
    ) -> tuple[Floats, Floats]:
        inputs, counts = self._tensor(windows), torch.from_numpy(lengths)
        loss, gradient = loss_and_gradient(
            self.net, inputs, counts, self._tensor(pb), self.network.rule.closed_loop
        )
        return to_numpy(loss), to_numpy(gradient)

    def _generate_impl(self, pb: Floats, start: Floats, frames: int) -> Floats:
        with torch.no_grad():
            return to_numpy(self.net.generate(self._tensor(pb), self._tensor(start), frames))

    def _tensor(self, array: Floats) -> Tensor:
        return torch.tensor(array, dtype=self._dtype, device=self.device)


def to_numpy(tensor: Tensor) -> Floats:
    """Return a float32 copy of the tensor on the CPU."""
    return tensor.cpu().numpy().astype(np.float32)
