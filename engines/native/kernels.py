"""Numba kernels of the native engines: forward and backward through an LSTM-PB's closed loop.

Every weight is stored as (inputs, outputs), inputs padded with zero rows to a multiple of four.
Both directions stream it from first byte to last: forward adds scaled rows (`_push`), backward
takes dot products with rows (`_pull`). All arrays are float32 except float16 weights, which are
converted in a register as they are read. Leading B is the sequence of the batch. Only the gradient
of the PB is computed, not those of the weights.

All kernels stay in this file: numba's cache notices changes only in the cached function's own file.
Their arrays are in `engines.native.kernel_arrays`: numba's cache has an entry for each type.
"""

from __future__ import annotations

import platform
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numba
import numpy as np
from llvmlite import binding, ir
from numba import types
from numba.extending import intrinsic

from engines.model.shape import CONTEXT, LANDMARKS
from engines.native.compile_cache import compile_cache_folder, jit_compiled
from engines.native.kernel_arrays import BUFFERS, FLOATS, weights_type

ZERO, HALF, ONE, TWO = (np.float32(number) for number in (0.0, 0.5, 1.0, 2.0))
TANH_SATURATION = np.float32(7.9053111)  # above it tanh is 1 in float32

# Division by zero gives inf: a check that raises would keep tanh from being vectorised.
_FAST: Any = {"fastmath": True, "nogil": True, "error_model": "numpy"}
_part = numba.njit(**_FAST)
# for functions called once: saves seconds of compile time
_inline = numba.njit(inline="always", **_FAST)


class Kernels(NamedTuple):
    """`_forward` and `_backward`, compiled for one weight type."""

    forward: Callable[..., None]
    backward: Callable[..., None]


@cache
def compiled_kernels(fp16: bool) -> Kernels:
    """Return the kernels for float32 or, with `fp16`, float16 weights; compiled on first use."""
    weights, (f1, f2, f3) = weights_type(fp16), FLOATS[:3]
    single, whole = types.float32, types.int64
    return Kernels(
        jit_compiled(_forward, weights, BUFFERS, f3, f2, single, whole, **_FAST),
        jit_compiled(_backward, weights, BUFFERS, f3, whole[::1], single, f1, f2, **_FAST),
    )


def kernel_cache_folder() -> Path | None:
    """Return the cache folder of the compiled kernels; None if none is writable."""
    return compile_cache_folder(_forward)


def has_fp16_conversion() -> bool:
    """Return whether the CPU converts float16 to float32 in hardware; 64-bit ARM always does."""
    return platform.machine().lower() in (
        "arm64",
        "aarch64",
    ) or binding.get_host_cpu_features().get("f16c", False)


_typed: Any = intrinsic  # its stub lacks the typing context that numba passes


@_typed
def _wide(typing_context, weight):
    """Convert a stored weight to float32; for float16 this is one CPU instruction."""

    def widen(context, builder, signature, arguments):
        if weight == types.float32:
            return arguments[0]
        return builder.fpext(builder.bitcast(arguments[0], ir.HalfType()), ir.FloatType())

    return types.float32(weight), widen


@_part
def _tanh(x):
    """Approximate tanh by a rational function within 3e-7 (coefficients: Eigen's ptanh)."""
    x = TANH_SATURATION if x > TANH_SATURATION else x
    x = -TANH_SATURATION if x < -TANH_SATURATION else x
    s = x * x
    p = s * np.float32(-2.76076847742355e-16) + np.float32(2.00018790482477e-13)
    p = p * s + np.float32(-8.60467152213735e-11)
    p = p * s + np.float32(5.12229709037114e-08)
    p = p * s + np.float32(1.48572235717979e-05)
    p = p * s + np.float32(6.37261928875436e-04)
    p = p * s + np.float32(4.89352455891786e-03)
    q = s * np.float32(1.19825839466702e-06) + np.float32(1.18534705686654e-04)
    q = q * s + np.float32(2.26843463243900e-03)
    q = q * s + np.float32(4.89352518554385e-03)
    return x * p / q


@_part
def _clear(x):
    for j in range(len(x)):
        x[j] = ZERO


@_part
def _tanh_all(x):
    for j in range(len(x)):
        x[j] = _tanh(x[j])


@_part
def _sigmoid_all(x):
    for j in range(len(x)):
        x[j] = HALF + HALF * _tanh(HALF * x[j])


@_part
def _push(weight, bias, x, y, batch):
    """Compute y = weight^T x + bias, reading each group of four rows once for all sequences."""
    for b in range(batch):
        out = y[b]
        for j in range(len(bias)):
            out[j] = bias[j]
    for r in range(0, weight.shape[0], 4):
        w0, w1, w2, w3 = weight[r], weight[r + 1], weight[r + 2], weight[r + 3]
        for b in range(batch):
            x0, x1, x2, x3 = x[b, r], x[b, r + 1], x[b, r + 2], x[b, r + 3]
            out = y[b]
            for j in range(weight.shape[1]):
                out[j] += (_wide(w0[j]) * x0 + _wide(w1[j]) * x1) + (
                    _wide(w2[j]) * x2 + _wide(w3[j]) * x3
                )


@_part
def _pull(weight, y, x, batch):
    """Compute x += weight y, the backward pass of `_push`."""
    for r in range(0, weight.shape[0], 4):
        w0, w1, w2, w3 = weight[r], weight[r + 1], weight[r + 2], weight[r + 3]
        for b in range(batch):
            s0, s1, s2, s3 = ZERO, ZERO, ZERO, ZERO
            back = y[b]
            for j in range(weight.shape[1]):
                s0 += _wide(w0[j]) * back[j]
                s1 += _wide(w1[j]) * back[j]
                s2 += _wide(w2[j]) * back[j]
                s3 += _wide(w3[j]) * back[j]
            x[b, r] += s0
            x[b, r + 1] += s1
            x[b, r + 2] += s2
            x[b, r + 3] += s3


@_part
def _cell(gates, before, units):
    """Compute an LSTM cell from its four gate sums and the previous cell, all but `_hidden`."""
    _sigmoid_all(gates[: 3 * units])
    _tanh_all(gates[3 * units : 4 * units])
    i, f, g = gates[:units], gates[units : 2 * units], gates[3 * units : 4 * units]
    memory, squashed, old = (
        gates[4 * units : 5 * units],
        gates[5 * units :],
        before[4 * units : 5 * units],
    )
    for j in range(units):
        memory[j] = f[j] * old[j] + i[j] * g[j]
    for j in range(units):
        squashed[j] = _tanh(memory[j])


@_part
def _hidden(cell, units, to):
    o, squashed = cell[2 * units : 3 * units], cell[5 * units :]
    for j in range(units):
        to[j] = o[j] * squashed[j]


@_part
def _cell_back(cell, before, units, d_hidden, d_memory):
    """Replace a cell's gates by the gradients of their sums, `d_memory` by that of the old one."""
    i, f, o = cell[:units], cell[units : 2 * units], cell[2 * units : 3 * units]
    g, squashed, old = cell[3 * units : 4 * units], cell[5 * units :], before[4 * units : 5 * units]
    for j in range(units):
        d_memory[j] += d_hidden[j] * o[j] * (ONE - squashed[j] * squashed[j])
    for j in range(units):
        o[j] = d_hidden[j] * squashed[j] * o[j] * (ONE - o[j])
    for j in range(units):
        of_input, of_candidate = (
            d_memory[j] * g[j] * i[j] * (ONE - i[j]),
            d_memory[j] * i[j] * (ONE - g[j] * g[j]),
        )
        i[j], g[j] = of_input, of_candidate
    for j in range(units):
        of_forget, of_old = d_memory[j] * old[j] * f[j] * (ONE - f[j]), d_memory[j] * f[j]
        f[j], d_memory[j] = of_forget, of_old


@_inline
def _transform(weight, bias, x, cells, before, to, at, batch, units):
    """Run one LSTM transform of the grid; write its hidden vector to column `at` of `to`."""
    _push(weight, bias, x, cells, batch)
    for b in range(batch):
        _cell(cells[b], before[b], units)
        _hidden(cells[b], units, to[b, at : at + units])


@_inline
def _transform_back(weight, cells, before, d_hidden, at, d_memory, d_x, batch, units):
    """Add the gradient of a transform's input to `d_x`, from `d_hidden` at column `at`."""
    for b in range(batch):
        _cell_back(cells[b], before[b], units, d_hidden[b, at : at + units], d_memory[b])
    _pull(weight, cells, d_x, batch)


@_inline
def _grid(weights, buffers, t, batch, units):
    """Run all blocks at frame t: time transform, then depth, which reads the new time vector."""
    blocks, cells, start = len(weights.inner), buffers.cells[t], buffers.start
    for k in range(blocks):
        x = buffers.entry if k == 0 else buffers.inner[k - 1]
        time, depth = (
            (weights.entry[0], weights.entry[1])
            if k == 0
            else (weights.inner[k - 1], weights.inner[-1])
        )
        time_bias = weights.entry_bias[0] if k == 0 else weights.inner_bias[k - 1]
        depth_bias = weights.entry_bias[1] if k == 0 else weights.inner_bias[-1]
        above = buffers.top if k == blocks - 1 else buffers.inner[k]
        before = start if t == 0 else buffers.cells[t - 1, k, 0]
        below = start if k == 0 else cells[k - 1, 1]
        _transform(
            time, time_bias, x, cells[k, 0], before, x, CONTEXT if k == 0 else units, batch, units
        )
        _transform(depth, depth_bias, x, cells[k, 1], below, above, 0, batch, units)


@_inline
def _grid_back(weights, buffers, t, batch, units):
    """Propagate the gradient of the top to the context.

    Gradients of time vectors stay in the input buffers.
    """
    blocks, cells, start, memory = (
        len(weights.inner),
        buffers.cells[t],
        buffers.start,
        buffers.memory,
    )
    for b in range(batch):
        _clear(memory[blocks, b])
    for k in range(blocks - 1, -1, -1):
        d_x = buffers.entry if k == 0 else buffers.inner[k - 1]
        time, depth = (
            (weights.entry[0], weights.entry[1])
            if k == 0
            else (weights.inner[k - 1], weights.inner[-1])
        )
        d_above = buffers.top if k == blocks - 1 else buffers.inner[k]
        before = start if t == 0 else buffers.cells[t - 1, k, 0]
        below = start if k == 0 else cells[k - 1, 1]
        at = CONTEXT if k == 0 else units
        for b in range(batch):
            _clear(d_x[b, :at])
        _transform_back(depth, cells[k, 1], below, d_above, 0, memory[blocks], d_x, batch, units)
        for b in range(batch):
            _cell_back(cells[k, 0, b], before[b], units, d_x[b, at : at + units], memory[k, b])
            _clear(d_x[b, at:])
        _pull(time, cells[k, 0], d_x, batch)


def _forward(weights, buffers, windows, bias, closed_loop, frames):
    """Predict `frames` frames from `windows` (B, > `frames`, 80) and the PB's branch (B, H)."""
    batch, units = bias.shape
    for b in range(batch):
        _clear(buffers.entry[b])
        for k in range(len(buffers.inner)):
            _clear(buffers.inner[k, b])
    for t in range(frames):
        share = closed_loop if t > 0 else ZERO
        for b in range(batch):
            truth, given, played = (
                windows[b, t],
                buffers.given[b],
                buffers.outputs[t - 1 if t > 0 else 0, b],
            )
            for j in range(LANDMARKS):
                given[j] = share * played[j] + (ONE - share) * truth[j]
        _grid(weights, buffers, t, batch, units)
        seen, context = buffers.branches[t, 0], buffers.branches[t, 1]
        _push(weights.landmarks, weights.landmarks_bias, buffers.given, seen, batch)
        _push(weights.grid_out, weights.grid_out_bias, buffers.top, context, batch)
        for b in range(batch):
            hidden = buffers.hidden[b]
            for j in range(units):
                x = seen[b, j] if seen[b, j] > ZERO else ZERO
                g = context[b, j] if context[b, j] > ZERO else ZERO
                hidden[j] = x + bias[b, j] + g
        outputs = buffers.outputs[t]
        _push(weights.outputs, weights.outputs_bias, buffers.hidden, outputs, batch)
        for b in range(batch):
            _tanh_all(outputs[b])
            for j in range(CONTEXT):
                buffers.entry[b, j] = outputs[b, LANDMARKS + j]


def _backward(weights, buffers, windows, lengths, closed_loop, loss, d_bias):
    """Compute, after `_forward`, the loss (B,) and its gradient for the PB's branch (B, H)."""
    batch, units = d_bias.shape
    last = 0
    for b in range(batch):
        last, loss[b] = lengths[b] if lengths[b] > last else last, ZERO
        _clear(buffers.entry[b])
        _clear(buffers.given[b])
        _clear(d_bias[b])
        for k in range(len(buffers.inner)):
            _clear(buffers.inner[k, b])
        for k in range(len(buffers.memory)):
            _clear(buffers.memory[k, b])
    for t in range(last - 2, -1, -1):
        outputs, hidden = buffers.outputs[t], buffers.hidden
        for b in range(batch):
            weight = ONE / np.float32(LANDMARKS * (lengths[b] - 1)) if t + 1 < lengths[b] else ZERO
            played, truth, given = outputs[b], windows[b, t + 1], buffers.given[b]
            wrong = ZERO
            for j in range(LANDMARKS):
                error = played[j] - truth[j]
                wrong += error * error
                feedback = closed_loop * given[j]
                played[j] = (feedback + TWO * weight * error) * (ONE - played[j] * played[j])
            loss[b] += weight * wrong
            for j in range(CONTEXT):
                c = played[LANDMARKS + j]
                played[LANDMARKS + j] = buffers.entry[b, j] * (ONE - c * c)
        for b in range(batch):
            _clear(hidden[b])
        _pull(weights.outputs, outputs, hidden, batch)
        for b in range(batch):
            for j in range(units):
                d_bias[b, j] += hidden[b, j]
        if t == 0:
            break  # the input of the first frame does not depend on the PB
        seen, context = buffers.branches[t, 0], buffers.branches[t, 1]
        for b in range(batch):
            for j in range(units):
                seen[b, j] = hidden[b, j] if seen[b, j] > ZERO else ZERO
                context[b, j] = hidden[b, j] if context[b, j] > ZERO else ZERO
            _clear(buffers.given[b])
            _clear(buffers.top[b])
        _pull(weights.landmarks, seen, buffers.given, batch)
        _pull(weights.grid_out, context, buffers.top, batch)
        _grid_back(weights, buffers, t, batch, units)
