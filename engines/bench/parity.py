"""Tolerance of each engine against torch float64 autograd, test cases, and measured deviation.

`tests/contracts/test_engine.py` tests every engine against the table; `engines.bench` prints it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engines.engine import Engine, RefineResult
from engines.model.network import Floats, Ints
from engines.model.shape import LANDMARKS, PB

GENERATED_FRAMES = 12


@dataclass(frozen=True, slots=True)
class Tolerance:
    """Largest allowed deviation of the worst sequence of a batch."""

    loss: float  # |loss - true| / true
    # |g - true| / |true|; a unit that crosses its ReLU's kink by rounding may add 1e-3
    gradient: float
    # |pb - true| / |distance the true PB moved| after 1, 5 and 20 steps; a ReLU kink adds 1e-4
    pb: float
    generated: float  # largest difference of a generated landmark


TOLERANCES = {
    "torch": Tolerance(loss=1e-5, gradient=1e-4, pb=1e-3, generated=1e-5),
    "native": Tolerance(loss=1e-5, gradient=1e-4, pb=1e-3, generated=1e-5),
    "native-fp16": Tolerance(loss=1e-3, gradient=5e-3, pb=5e-2, generated=1e-3),
    "cuda": Tolerance(loss=1e-5, gradient=1e-4, pb=1e-3, generated=1e-5),
    "tensorrt": Tolerance(loss=1e-3, gradient=5e-3, pb=5e-2, generated=1e-3),
    "onnx": Tolerance(loss=1e-5, gradient=1e-4, pb=1e-3, generated=1e-5),
    "onnx-cuda": Tolerance(loss=1e-5, gradient=1e-4, pb=1e-3, generated=1e-5),
    # may round factors to TF32
    "onnx-tensorrt": Tolerance(loss=1e-3, gradient=1e-2, pb=1e-2, generated=1e-3),
}


@dataclass(frozen=True, slots=True)
class ParityCase:
    """Moving windows (B, T, 80), their lengths (B,), and start PBs (B, 64)."""

    windows: Floats
    lengths: Ints
    pb: Floats


@dataclass(frozen=True, slots=True)
class ParityResult:
    """Results of an engine on a case; `refined` is by number of steps."""

    loss: Floats
    gradient: Floats
    refined: dict[int, RefineResult]
    generated: Floats


def parity_case(batch: int, frames: int, seed: int = 0, ragged: bool = True) -> ParityCase:
    """Return a random walk per sequence; ragged lengths are 2 to `frames`, the last `frames`."""
    rng = np.random.default_rng(seed)
    windows = rng.normal(0, 0.15, (batch, frames, LANDMARKS)).cumsum(axis=1).astype(np.float32)
    lengths = rng.integers(2, frames + 1, batch) if ragged else np.full(batch, frames)
    lengths[-1] = frames
    return ParityCase(windows, lengths, rng.normal(0, 0.5, (batch, PB)).astype(np.float32))


def run_parity_case(engine: Engine, case: ParityCase, steps: tuple[int, ...]) -> ParityResult:
    """Run one engine on everything the table covers."""
    loss, gradient = engine.loss_and_gradient(case.windows, case.lengths, case.pb)
    refined = {count: engine.refine(case.windows, case.lengths, case.pb, count) for count in steps}
    return ParityResult(
        loss, gradient, refined, engine.generate(case.pb, case.windows[:, 0], GENERATED_FRAMES)
    )


def deviation(result: ParityResult, reference: ParityResult, case: ParityCase) -> Tolerance:
    """Return the deviation of `result` from `reference`, in the terms of the table."""
    return Tolerance(
        loss=float(np.max(np.abs(result.loss - reference.loss) / reference.loss)),
        gradient=relative_error(result.gradient, reference.gradient),
        pb=max(
            relative_error(result.refined[n].pb - case.pb, reference.refined[n].pb - case.pb)
            for n in reference.refined
        ),
        generated=float(np.max(np.abs(result.generated - reference.generated))),
    )


def relative_error(result: NDArray[np.float32], reference: NDArray[np.float32]) -> float:
    """Return the largest |result - reference| / |reference| over the rows of (B, n) arrays."""
    return float(
        np.max(np.linalg.norm(result - reference, axis=1) / np.linalg.norm(reference, axis=1))
    )
