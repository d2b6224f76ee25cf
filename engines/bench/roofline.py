"""Roofline of this machine: memory and arithmetic lower bound of a float32 step on one core.

A step reads the weights twice per frame, once forward and once backward, and multiplies each by
every sequence's values.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numba
import numpy as np

from engines.model.network import Floats
from engines.model.shape import NetworkShape
from engines.model.weights import layer_sizes, weight_count

MULTIPLY_ADDS_PER_LOAD = 16  # while the number is in a register
ARITHMETIC_SIZE = 1024  # numbers of the arithmetic test: fit into the L1 cache


class Roofline:
    """Lower bound for one network; `step_s` measures again at each call, in turn with engines."""

    def __init__(self, shape: NetworkShape) -> None:
        self._weights = np.full(weight_count(shape), 1e-3, np.float32)
        self._multiply_adds = _multiply_adds(shape)
        self._values = np.zeros(ARITHMETIC_SIZE, np.float32)
        _read(self._weights, 1), _multiply(self._values, 1)  # the first call compiles

    def step_s(self, batch: int, frames: int) -> float:
        """Measure the minimum seconds of one step on `batch` windows of `frames` frames."""
        passes = 2 * (frames - 1)
        rounds = max(
            1, self._multiply_adds * batch * passes // (ARITHMETIC_SIZE * MULTIPLY_ADDS_PER_LOAD)
        )
        return max(
            _seconds(lambda: _read(self._weights, passes)),
            _seconds(lambda: _multiply(self._values, rounds)),
        )


def _multiply_adds(shape: NetworkShape) -> int:
    """Count multiply-adds of one sequence and frame, in one direction.

    The depth transform runs once per block.
    """
    sizes = {
        name: outputs * inputs
        for name, (outputs, inputs) in layer_sizes(shape).items()
        if name != "pb"
    }
    return sum(sizes.values()) + (shape.blocks - 1) * sizes["grid.depth.gates"]


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


@numba.njit(fastmath=True)
def _read(numbers: Floats, passes: int) -> np.float32:
    total = np.float32(0)
    for _ in range(passes):  # as a step does, so weights that fit stay in the cache
        part = np.float32(0)
        for j in range(
            len(numbers)
        ):  # by index: iterating over the array is not vectorised, and seven times slower
            part += numbers[j]
        total = (
            np.float32(0.5) * total + part
        )  # each pass depends on the last: none can be left out
    return total


@numba.njit(fastmath={"contract"})
def _multiply(numbers: Floats, rounds: int) -> None:
    for _ in range(rounds):
        for j in range(len(numbers)):
            x = numbers[j]
            for _ in range(MULTIPLY_ADDS_PER_LOAD):
                x = x * np.float32(0.999) + np.float32(0.001)
            numbers[j] = x
