"""Contract of an engine: runs one LSTM-PB network forward and backward with respect to the PB.

Public methods check their arguments once; a backend implements the `_..._impl` methods and may rely
on the checks. One engine holds one network, belongs to one thread at a time and owns its buffers.
Shapes: B sequences of T frames at the model's rate, 80 numbers a frame (40 x, then 40 y).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from engines.errors import EngineInputError
from engines.model.network import Floats, Ints, Network
from engines.model.shape import LANDMARKS, PB

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class RefineResult:
    """Refined `pb` (B, 64); `loss` and `gradient_norm` (B,) are from before the last step."""

    pb: Floats
    loss: Floats
    gradient_norm: Floats


def no_progress(line: str) -> None:
    """Ignore a progress line: the default callback."""


class Engine(ABC):
    """Base of all backends; the gauge shows the `name` of the engine it uses."""

    name: str = ""
    weight_bytes: int = 4  # size of one weight in memory

    def __init__(self, network: Network) -> None:
        self.network = network

    def refine(self, windows: Floats, lengths: Ints, pb: Floats, steps: int) -> RefineResult:
        """Take `steps` recognition steps (Eq. 1-2) from `pb` (B, 64).

        `windows` is (B, T, 80), `lengths` (B,).
        """
        if steps < 1:
            raise EngineInputError(f"steps is {steps}; want 1 or more")
        windows, lengths, pb = self._check_inputs(windows, lengths, pb)
        return self._refine_impl(windows, lengths, pb, steps)

    def loss_and_gradient(
        self, windows: Floats, lengths: Ints, pb: Floats
    ) -> tuple[Floats, Floats]:
        """Return the prediction loss (B,) and its gradient with respect to the PB (B, 64)."""
        windows, lengths, pb = self._check_inputs(windows, lengths, pb)
        return self._loss_and_gradient_impl(windows, lengths, pb)

    def generate(self, pb: Floats, start: Floats, frames: int) -> Floats:
        """Generate `frames` frames from `start` (B, 80) under `pb` (B, 64) -> (B, frames, 80)."""
        if frames < 1:
            raise EngineInputError(f"frames is {frames}; want 1 or more")
        pb = _check_floats("pb", pb, (len(pb), PB))
        start = _check_floats("start", start, (len(pb), LANDMARKS))
        return self._generate_impl(pb, start, frames)

    def warm_up(self, frames: int, progress: Progress = no_progress) -> None:
        """Compile and allocate for windows of `frames` frames, so the first call does not wait.

        `progress` receives a line about each slow part.
        """
        windows = np.zeros((1, frames, LANDMARKS), np.float32)
        self.refine(windows, np.array([frames]), np.zeros((1, PB), np.float32), 1)

    def close(self) -> None:  # noqa: B027 - most engines hold nothing but memory
        """Release the engine's resources; it must not be called afterwards."""

    def _refine_impl(self, windows: Floats, lengths: Ints, pb: Floats, steps: int) -> RefineResult:
        rule = self.network.rule
        pb = pb.copy()
        for step in range(steps):
            loss, gradient = self._loss_and_gradient_impl(windows, lengths, pb)
            norm = np.sqrt(np.square(gradient).sum(axis=1))
            pb -= rule.length(step) * gradient / (norm + rule.epsilon)[:, None]
        return RefineResult(pb, loss, norm)

    @abstractmethod
    def _loss_and_gradient_impl(
        self, windows: Floats, lengths: Ints, pb: Floats
    ) -> tuple[Floats, Floats]: ...

    @abstractmethod
    def _generate_impl(self, pb: Floats, start: Floats, frames: int) -> Floats: ...

    def _check_inputs(
        self, windows: Floats, lengths: Ints, pb: Floats
    ) -> tuple[Floats, Ints, Floats]:
        windows = _check_floats("windows", windows, (len(windows), None, LANDMARKS))
        pb = _check_floats("pb", pb, (len(windows), PB))
        lengths = np.ascontiguousarray(lengths)
        if lengths.shape != (len(windows),) or lengths.dtype.kind not in "iu":
            raise EngineInputError(
                f"lengths is {lengths.dtype} {lengths.shape}; "
                f"want integers ({len(windows)},), one per window"
            )
        if lengths.min() < 2 or lengths.max() > windows.shape[1]:
            raise EngineInputError(
                f"lengths run from {lengths.min()} to {lengths.max()}; "
                f"want 2 to {windows.shape[1]} frames"
            )
        return windows, lengths.astype(np.int64), pb


def _check_floats(name: str, array: Any, shape: tuple[int | None, ...]) -> Floats:
    """Return `array` as contiguous float32 of `shape` (None: any length).

    Raises EngineInputError with the type and shape seen.
    """
    given = np.asarray(array)
    wanted = tuple("any" if n is None else n for n in shape)
    if given.dtype.kind != "f" or given.ndim != len(shape) or not len(given):
        raise EngineInputError(f"{name} is {given.dtype} {given.shape}; want float32 {wanted}")
    if any(n is not None and n != m for n, m in zip(shape, given.shape, strict=True)):
        raise EngineInputError(f"{name} has shape {given.shape}; want {wanted}")
    if not np.isfinite(given).all():
        raise EngineInputError(
            f"{name} holds {int((~np.isfinite(given)).sum())} numbers that are not finite"
        )
    return np.ascontiguousarray(given, np.float32)
