"""Reference network on an NVIDIA GPU, its step captured in a CUDA graph.

One window is too little work for a GPU to hide the launch cost of a step's thousands of small
kernels. Captured once per shape, they are all launched by one call. Not yet measured on a GPU.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from engines.engine import Engine
from engines.errors import EngineUnavailable
from engines.model.lstm_pb import LstmPb, loss_and_gradient
from engines.model.network import Floats, Ints, Network
from engines.pytorch.engine import TorchEngine, to_numpy

Step = Callable[[], tuple[Tensor, Tensor]]
Recording = tuple[Callable[[], None], tuple[Tensor, Tensor]]
WARM_UP_RUNS = 3  # before capture: libraries choose their kernels and allocate


class CudaEngine(TorchEngine):
    """Engine that captures one step per (B, T); the gauge uses a single shape."""

    name = "cuda"
    device = "cuda"

    @staticmethod
    def record(step: Step) -> Recording:
        """Record `step` as a CUDA graph -> a replay function, and the tensors of its results."""
        side_stream = torch.cuda.Stream()  # type: ignore[no-untyped-call]
        side_stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side_stream):
            for _ in range(WARM_UP_RUNS):
                step()
        torch.cuda.current_stream().wait_stream(side_stream)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, capture_error_mode="thread_local"):
            results = step()
        return graph.replay, results

    def __init__(self, network: Network) -> None:
        self.check_usable()
        super().__init__(network)
        self._steps: dict[tuple[int, int], CapturedStep] = {}

    @classmethod
    def check_usable(cls) -> None:
        """Raise EngineUnavailable if torch finds no GPU here."""
        if torch.version.cuda is None:
            raise EngineUnavailable(
                f"engine {cls.name} cannot run here: torch {torch.__version__} was built "
                "without CUDA; install a build with CUDA, see pytorch.org"
            )
        if not torch.cuda.is_available():
            raise EngineUnavailable(
                f"engine {cls.name} cannot run here: torch {torch.__version__} finds no "
                "NVIDIA GPU; check that nvidia-smi lists one and that its driver is new enough"
            )

    _refine_impl = Engine._refine_impl  # one step at a time, each a replay

    def _loss_and_gradient_impl(
        self, windows: Floats, lengths: Ints, pb: Floats
    ) -> tuple[Floats, Floats]:
        batch, frames = windows.shape[:2]
        step = self._steps.get((batch, frames))
        if step is None:
            step = CapturedStep(
                self.net, batch, frames, self.network.rule.closed_loop, self.device, self.record
            )
            self._steps[batch, frames] = step
        return step(windows, lengths, pb)

    def close(self) -> None:
        """Drop the graphs; torch frees their memory."""
        self._steps.clear()


class CapturedStep:
    """Captured loss and gradient for one (B, T); inputs are copied into the captured tensors."""

    def __init__(
        self,
        net: LstmPb,
        batch: int,
        frames: int,
        closed_loop: float,
        device: str,
        record: Callable[[Step], Recording],
    ) -> None:
        start: Any = {"device": device}
        self._windows = torch.zeros(batch, frames, net.output.out_features, **start)
        self._lengths = torch.full((batch,), frames, dtype=torch.int64, **start)
        self._pb = torch.zeros(batch, net.pb.in_features, **start)
        self._replay, (self._loss, self._gradient) = record(
            lambda: loss_and_gradient(net, self._windows, self._lengths, self._pb, closed_loop)
        )

    def __call__(self, windows: Floats, lengths: Ints, pb: Floats) -> tuple[Floats, Floats]:
        """Return loss (B,) and PB gradient (B, 64), by replaying the recorded graph."""
        for target, array in ((self._windows, windows), (self._lengths, lengths), (self._pb, pb)):
            target.copy_(torch.from_numpy(array))
        self._replay()
        return to_numpy(self._loss), to_numpy(self._gradient)
