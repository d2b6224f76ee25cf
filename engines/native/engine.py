"""CPU engines that `auto` picks from: hand-derived step, compiled by numba, one thread, no torch.

Weights are packed once; buffers grow to the largest batch and window so far and are reused. The
kernels release the GIL, so engines in several threads run in parallel.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from engines.engine import Engine, Progress, no_progress
from engines.errors import EngineInputError, EngineUnavailable
from engines.model.network import Floats, Ints, Network
from engines.model.shape import CONTEXT, LANDMARKS, NetworkShape
from engines.model.weights import check_network
from engines.native.compile_cache import NO_COMPILE_CACHE
from engines.native.kernel_arrays import CELL_VALUES, KernelBuffers, PackedWeights
from engines.native.kernels import (
    Kernels,
    compiled_kernels,
    has_fp16_conversion,
    kernel_cache_folder,
)

FP16_MAX = float(np.finfo(np.float16).max)
ROW_GROUP = 4  # the kernels read weights four rows at a time


class NativeEngine(Engine):
    """Float32 engine on the kernels of `engines.native.kernels`."""

    name = "native"

    def __init__(self, network: Network) -> None:
        super().__init__(network)
        given = check_network(network)
        packed = pack_weights(given, network.shape)
        self._weights = narrow_to_fp16(packed) if self.weight_bytes == 2 else packed
        self._pb_weight, self._pb_bias = given["pb.weight"], given["pb.bias"]
        self._capacity = (0, 0)

    def warm_up(self, frames: int, progress: Progress = no_progress) -> None:
        """Compile the kernels or load them from the cache; report first if there is no cache."""
        if kernel_cache_folder() is None:
            progress(NO_COMPILE_CACHE)
        super().warm_up(frames, progress)

    @property
    def _kernels(self) -> Kernels:
        return compiled_kernels(self.weight_bytes == 2)

    def _loss_and_gradient_impl(
        self, windows: Floats, lengths: Ints, pb: Floats
    ) -> tuple[Floats, Floats]:
        frames, closed_loop = int(lengths.max()) - 1, np.float32(self.network.rule.closed_loop)
        self._grow_buffers(len(pb), frames)
        branch = pb @ self._pb_weight.T + self._pb_bias
        loss, d_branch = np.empty(len(pb), np.float32), np.empty_like(branch)
        self._kernels.forward(
            self._weights, self._buffers, windows, np.maximum(branch, 0), closed_loop, frames
        )
        self._kernels.backward(
            self._weights, self._buffers, windows, lengths, closed_loop, loss, d_branch
        )
        return loss, (d_branch * (branch > 0)) @ self._pb_weight

    def _generate_impl(self, pb: Floats, start: Floats, frames: int) -> Floats:
        self._grow_buffers(len(pb), frames)
        windows = np.zeros((len(pb), frames, LANDMARKS), np.float32)
        windows[:, 0] = start
        branch = np.maximum(pb @ self._pb_weight.T + self._pb_bias, 0)
        self._kernels.forward(self._weights, self._buffers, windows, branch, np.float32(1), frames)
        return np.ascontiguousarray(
            self._buffers.outputs[:frames, : len(pb), :LANDMARKS].swapaxes(0, 1)
        )

    def _grow_buffers(self, batch: int, frames: int) -> None:
        if batch > self._capacity[0] or frames > self._capacity[1]:
            self._capacity = (max(batch, self._capacity[0]), max(frames, self._capacity[1]))
            self._buffers = make_buffers(self.network.shape, *self._capacity)


class NativeFp16Engine(NativeEngine):
    """Engine with float16 weights, for large networks, which are bound by memory bandwidth."""

    name = "native-fp16"
    weight_bytes = 2

    @classmethod
    def check_usable(cls) -> None:
        """Raise EngineUnavailable if the processor cannot convert float16 in one instruction."""
        if not has_fp16_conversion():
            raise EngineUnavailable(
                f"engine {cls.name} cannot run here: this processor has no F16C to convert "
                "float16; use --engine native"
            )


def pack_weights(given: Mapping[str, Floats], shape: NetworkShape) -> PackedWeights:
    """Pack weights for the kernels: transposed, padded, the context layer folded into block 0."""
    times = [f"grid.time.{block}.gates" for block in range(shape.blocks)]
    inner = [*times[1:], "grid.depth.gates"]
    entry = [
        _fold_context_layer(given, layer, shape.hidden) for layer in (times[0], "grid.depth.gates")
    ]
    both = np.concatenate([given["output.weight"], given["context_out.weight"]])
    return PackedWeights(
        landmarks=_pack_rows(given["landmarks.weight"]),
        entry=np.stack([_pack_rows(weight) for weight, _ in entry]),
        inner=np.stack([_pack_rows(given[f"{layer}.weight"]) for layer in inner]),
        grid_out=_pack_rows(given["grid_out.weight"]),
        outputs=_pack_rows(both),
        landmarks_bias=given["landmarks.bias"],
        entry_bias=np.stack([bias for _, bias in entry]),
        inner_bias=np.stack([given[f"{layer}.bias"] for layer in inner]),
        grid_out_bias=given["grid_out.bias"],
        outputs_bias=np.concatenate([given["output.bias"], given["context_out.bias"]]),
    )


def narrow_to_fp16(weights: PackedWeights) -> PackedWeights:
    """Return the weights with every matrix in float16; the small biases stay float32."""
    parts: dict[str, Floats] = weights._asdict()
    return PackedWeights(
        **{
            name: part if name.endswith("bias") else _to_fp16_bits(name, part)
            for name, part in parts.items()
        }
    )


def _to_fp16_bits(name: str, array: Floats) -> Any:
    if np.abs(array).max(initial=0) > FP16_MAX:
        raise EngineInputError(
            f"{name} holds weights beyond {FP16_MAX:g}, the largest float16; use --engine native"
        )
    return array.astype(np.float16).view(np.uint16)


def make_buffers(shape: NetworkShape, batch: int, frames: int) -> KernelBuffers:
    """Return zeroed buffers for `frames` frames of `batch` sequences."""
    hidden, blocks = shape.hidden, shape.blocks
    padded = _round_up(hidden)

    def zeros(*size: int) -> Floats:
        return np.zeros(size, np.float32)

    return KernelBuffers(
        given=zeros(batch, LANDMARKS),
        entry=zeros(batch, _round_up(CONTEXT + hidden)),
        inner=zeros(blocks - 1, batch, _round_up(2 * hidden)),
        top=zeros(batch, padded),
        cells=zeros(frames, blocks, 2, batch, CELL_VALUES * hidden),
        start=zeros(batch, CELL_VALUES * hidden),
        branches=zeros(frames, 2, batch, hidden),
        outputs=zeros(frames, batch, LANDMARKS + CONTEXT),
        hidden=zeros(batch, padded),
        memory=zeros(blocks + 1, batch, hidden),
    )


def _fold_context_layer(
    given: Mapping[str, Floats], layer: str, hidden: int
) -> tuple[Floats, Floats]:
    """Return the transform of [context; time] with the context layer W_c, b_c folded in."""
    weight = given[f"{layer}.weight"].astype(np.float64)
    depth, time = weight[:, :hidden], weight[:, hidden:]
    folded = np.concatenate([depth @ given["context_in.weight"], time], axis=1)
    bias = given[f"{layer}.bias"] + depth @ given["context_in.bias"]
    return folded.astype(np.float32), bias.astype(np.float32)


def _pack_rows(weight: Floats) -> Floats:
    """Transpose (outputs, inputs) to (inputs, outputs), padded with zero rows to whole groups."""
    outputs, inputs = weight.shape
    rows = np.zeros((_round_up(inputs), outputs), np.float32)
    rows[:inputs] = weight.T
    return rows


def _round_up(inputs: int) -> int:
    return -(-inputs // ROW_GROUP) * ROW_GROUP
