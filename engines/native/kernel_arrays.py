"""Arrays that the native kernels read and write, and their types in numba."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import types
from numpy.typing import NDArray

from engines.model.network import Floats

CELL_VALUES = 6  # per cell: input, forget, output and candidate gate, memory, tanh of memory
WeightArray = NDArray[np.float32] | NDArray[np.uint16]  # weights: float32, or the bits of float16


class PackedWeights(NamedTuple):
    """Packed weights of one network; the linear layer before block 0 is folded into that block."""

    landmarks: WeightArray  # (80, H)
    # (2, 64 + H, 4H): block 0's time transform, then the depth transform as block 0 uses it
    entry: WeightArray
    # (blocks, 2H, 4H): the time transforms of blocks 1, 2, ..., then the depth transform
    inner: WeightArray
    grid_out: WeightArray  # (H, H)
    outputs: WeightArray  # (H, 80 + 64): prediction, then context
    landmarks_bias: Floats
    entry_bias: Floats
    inner_bias: Floats
    grid_out_bias: Floats
    outputs_bias: Floats


class KernelBuffers(NamedTuple):
    """Scratch arrays of a call, for up to T frames of B sequences."""

    given: Floats  # (B, 80): input of the current frame
    # (B, 64 + H): context, then block 0's time vector; backward, their gradients
    entry: Floats
    # (blocks - 1, B, 2H): depth and time vectors of the other blocks; backward, their gradients
    inner: Floats
    top: Floats  # (B, H): depth vector out of the last block; backward, its gradient
    cells: Floats  # (T, blocks, 2, B, 6H): time and depth cell of each block
    start: Floats  # (B, 6H): zeros, the cell before the first
    branches: Floats  # (T, 2, B, H): landmark and context branch before their ReLU
    outputs: Floats  # (T, B, 80 + 64): prediction, then context
    hidden: Floats  # (B, H): hidden layer; backward, its gradient
    # (blocks + 1, B, H): gradients of the time cells' memories, then of the depth cell's
    memory: Floats


_named_tuple: Any = types.NamedTuple  # untyped in numba


def _arrays(item: Any) -> tuple[Any, ...]:
    """Return numba's types of contiguous arrays of `item` with one to five dimensions."""
    return tuple(types.Array(item, dimensions, "C") for dimensions in range(1, 6))


FLOATS = _arrays(types.float32)
_F1, _F2, _F3, _F4, _F5 = FLOATS
BUFFERS = _named_tuple((_F2, _F2, _F3, _F2, _F5, _F2, _F4, _F3, _F2, _F3), KernelBuffers)


def weights_type(fp16: bool) -> Any:
    """Return numba's type of packed weights in float32 or, with `fp16`, in float16."""
    _, two, three, *_ = _arrays(types.uint16) if fp16 else FLOATS
    return _named_tuple((two, three, three, two, two, _F1, _F2, _F2, _F1, _F1), PackedWeights)
