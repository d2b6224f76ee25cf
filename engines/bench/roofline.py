"""How fast this machine can read numbers and do arithmetic on one core: the floor no engine in float32 gets below.

A step reads the weights twice a frame, once forward and once backward, and multiplies each by every sequence's values.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numba
import numpy as np

from engines.model.network import Floats
from engines.model.shape import NetworkShape
from engines.model.weights import layer_sizes, weight_count

MULTIPLY_ADDS_PER_LOAD = 16  # multiply-adds on each number while it is in a register
ARITHMETIC_SIZE = 1024  # of the arithmetic: few enough for the first cache


class Roofline:
    """Measures for one network; each call to `step_s` measures anew, so it can be taken between runs of engines."""

    def __init__(self, shape: NetworkShape) -> None:
        self._weights = np.full(weight_count(shape), 1e-3, np.float32)
        self._multiply_adds = _multiply_adds(shape)
        self._few = np.zeros(ARITHMETIC_SIZE, np.float32)
        _read(self._weights, 1), _multiply(self._few, 1)  # compiled by the first call

    def step_s(self, batch: int, frames: int) -> float:
        """Seconds that one step on `batch` windows of `frames` frames takes at least."""
        passes = 2 * (frames - 1)
        rounds = max(1, self._multiply_adds * batch * passes // (ARITHMETIC_SIZE * MULTIPLY_ADDS_PER_LOAD))
        return max(
            _seconds(lambda: _read(self._weights, passes)),
            _seconds(lambda: _multiply(self._few, rounds)),
        )


def _multiply_adds(shape: NetworkShape) -> int:
    """Of one sequence and frame, in one direction; the depth transform runs once for each block."""
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
    for _ in range(passes):  # as a step does, so that what stays in a cache is found there
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
