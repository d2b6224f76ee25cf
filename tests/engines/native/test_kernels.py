"""Parts of the kernels against NumPy and finite differences; the whole is held by the contract."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from engines.native import kernels

RNG = np.random.default_rng(0)
INPUTS, OUTPUTS, BATCH, UNITS = 8, 12, 3, 5
WEIGHT = RNG.normal(0, 1, (INPUTS, OUTPUTS)).astype(np.float32)


def stored(fp16: bool) -> np.ndarray:
    """Return `WEIGHT` as the kernels store it: float32, or the bits of float16."""
    return WEIGHT.astype(np.float16).view(np.uint16) if fp16 else WEIGHT


def factors(fp16: bool) -> np.ndarray:
    """Return the numbers that the stored weight stands for."""
    return WEIGHT.astype(np.float16).astype(np.float32) if fp16 else WEIGHT


def test_tanh_is_accurate_to_float32() -> None:
    numbers = np.concatenate(
        [np.linspace(-12, 12, 100_001), np.geomspace(1e-30, 1, 1001), [-1e30, 1e30, 0]]
    )
    found = numbers.astype(np.float32)
    kernels._tanh_all(found)
    true = np.tanh(numbers.astype(np.float32).astype(np.float64))
    assert np.abs(found - true).max() < 3e-7
    assert np.abs(found).max() <= 1


def test_sigmoid_is_accurate_to_float32() -> None:
    found = np.linspace(-30, 30, 100_001).astype(np.float32)
    true = 1 / (1 + np.exp(-found.astype(np.float64)))
    kernels._sigmoid_all(found)
    assert np.abs(found - true).max() < 3e-7


@pytest.mark.parametrize("fp16", [False, True])
def test_push_is_a_linear_layer_of_every_sequence(fp16: bool) -> None:
    x, bias = (RNG.normal(0, 1, shape).astype(np.float32) for shape in ((BATCH, INPUTS), OUTPUTS))
    y = np.full((BATCH, OUTPUTS), np.nan, np.float32)
    kernels._push(stored(fp16), bias, x, y, BATCH)
    np.testing.assert_allclose(y, x @ factors(fp16) + bias, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("fp16", [False, True])
def test_pull_adds_the_backward_pass_of_push(fp16: bool) -> None:
    y = RNG.normal(0, 1, (BATCH, OUTPUTS)).astype(np.float32)
    x = np.ones((BATCH, INPUTS), np.float32)
    kernels._pull(stored(fp16), y, x, BATCH)
    np.testing.assert_allclose(x, 1 + y @ factors(fp16).T, rtol=1e-5, atol=1e-5)


def test_only_the_sequences_of_the_batch_are_computed() -> None:
    x = RNG.normal(0, 1, (BATCH, INPUTS)).astype(np.float32)
    y = np.full((BATCH, OUTPUTS), 7, np.float32)
    kernels._push(WEIGHT, np.zeros(OUTPUTS, np.float32), x, y, BATCH - 1)
    assert (y[-1] == 7).all()
    assert not (y[:-1] == 7).any()


def cell_of(sums: np.ndarray, memory_before: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return a computed cell (6 H) and the cell before it."""
    cell, before = np.zeros((2, 6 * UNITS), np.float32)
    cell[: 4 * UNITS], before[4 * UNITS : 5 * UNITS] = sums, memory_before
    kernels._cell(cell, before, UNITS)
    return cell, before


def lstm(sums: np.ndarray, memory_before: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return hidden vector and memory of an LSTM cell in float64."""
    i, f, o = (1 / (1 + np.exp(-part)) for part in np.split(sums[: 3 * UNITS].astype(float), 3))
    memory = f * memory_before + i * np.tanh(sums[3 * UNITS :].astype(float))
    return o * np.tanh(memory), memory


def test_a_cell_is_an_lstm_cell() -> None:
    sums, old = RNG.normal(0, 1, 4 * UNITS), RNG.normal(0, 1, UNITS)
    cell, _ = cell_of(sums, old)
    hidden = np.zeros(UNITS, np.float32)
    kernels._hidden(cell, UNITS, hidden)
    true_hidden, true_memory = lstm(sums, old)
    np.testing.assert_allclose(hidden, true_hidden, atol=1e-6)
    np.testing.assert_allclose(cell[4 * UNITS : 5 * UNITS], true_memory, atol=1e-6)
    np.testing.assert_allclose(cell[5 * UNITS :], np.tanh(true_memory), atol=1e-6)


def test_the_backward_pass_of_a_cell_is_its_slope() -> None:
    sums, old, d_hidden, d_memory = (
        RNG.normal(0, 1, size) for size in (4 * UNITS, UNITS, UNITS, UNITS)
    )
    cell, before = cell_of(sums, old)
    gradient = d_memory.astype(np.float32)
    kernels._cell_back(cell, before, UNITS, d_hidden.astype(np.float32), gradient)

    def incoming(sums: np.ndarray, old: np.ndarray) -> float:
        hidden, memory = lstm(sums, old)
        return float(d_hidden @ hidden + d_memory @ memory)

    def slopes(of: int) -> list[float]:
        """Return central differences along each of the sums (0) or the old memories (1)."""
        found = []
        for at in range(len((sums, old)[of])):
            ahead, behind = [sums.copy(), old.copy()], [sums.copy(), old.copy()]
            ahead[of][at] += 1e-5
            behind[of][at] -= 1e-5
            found.append((incoming(*ahead) - incoming(*behind)) / 2e-5)
        return found

    np.testing.assert_allclose(cell[: 4 * UNITS], slopes(0), atol=1e-5)
    np.testing.assert_allclose(gradient, slopes(1), atol=1e-5)


@pytest.mark.parametrize(
    ("machine", "features", "has"),
    [
        ("arm64", {}, True),
        ("AARCH64", {}, True),
        ("x86_64", {"f16c": True}, True),
        ("x86_64", {"f16c": False}, False),
        ("riscv64", {}, False),
    ],
)
def test_float16_is_converted_in_hardware_on_arm_and_with_f16c(
    monkeypatch: pytest.MonkeyPatch, machine: str, features: dict[str, bool], has: bool
) -> None:
    monkeypatch.setattr(kernels.platform, "machine", lambda: machine)
    monkeypatch.setattr(kernels.binding, "get_host_cpu_features", lambda: features)
    assert kernels.has_fp16_conversion() is has


def test_the_second_run_compiles_nothing(tmp_path: Path) -> None:
    code = (
        "from engines.native.kernels import compiled_kernels\n"
        "both = (kernel for fp16 in (False, True) for kernel in compiled_kernels(fp16))\n"
        "print(*(sum(kernel.stats.cache_hits.values()) for kernel in both))"
    )
    where = {
        "cwd": Path(__file__).parents[3],
        "env": os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)},
    }
    hits = [
        subprocess.run(
            [sys.executable, "-c", code],
            **where,
            capture_output=True,
            text=True,
            check=True,
            timeout=600,
        )
        for _ in range(2)
    ]
    assert [run.stdout.split() for run in hits] == [["0"] * 4, ["1"] * 4]
