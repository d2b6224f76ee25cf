"""Compiled kernels of the landmark fit: reading dlib's file, and its regression trees.

Kazemi & Sullivan 2014. All kernels stay in this file: numba's cache notices changes only in the
cached function's own file. Arithmetic is dlib's, in its order and precision, so that every point is
the same; fast mathematics would move some across a pixel's edge.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple, cast

import numba
import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numpy.typing import NDArray

from engines.native.compile_cache import is_uncompiled, jit_compiled

NEGATIVE, LENGTH = 0x80, 0x0F  # of a packed integer's first byte: its sign, and its bytes
CACHE_LINE = 16  # float32 values; a row of leaves begins at a line's start
_EXACT: Any = {"nogil": True, "error_model": "numpy"}
_inline = numba.njit(inline="always", **_EXACT)

_U1, _U2 = types.uint8[::1], types.uint8[:, ::1]
_I0, _I1, _I2, _I4 = (types.int64, types.int64[::1], types.int16[:, ::1], types.int16[:, :, :, ::1])
_F1, _F2, _F3, _F4 = (
    types.float32[::1],
    types.float32[:, ::1],
    types.float32[:, :, ::1],
    types.float32[:, :, :, ::1],
)


class TreeArrays(NamedTuple):
    """Arrays of the trees, explained at `realtime.landmarks.shape_model.ShapeModel`."""

    mean_shape: NDArray[np.float32]
    split_pixels: NDArray[np.int16]
    thresholds: NDArray[np.float32]
    leaves: NDArray[np.float32]
    anchors: NDArray[np.int16]
    offsets: NDArray[np.float32]


_TREES = types.NamedTuple((_F1, _I4, _F3, _F4, _I2, _F3), TreeArrays)


class TreeKernels(NamedTuple):
    """`_read_trees` and `_fit_shapes`, compiled."""

    read_trees: Callable[..., None]
    fit_shapes: Callable[..., None]


@cache
def compiled_kernels() -> TreeKernels:
    """Return the kernels, compiled on first use or loaded from the cache."""
    return TreeKernels(
        jit_compiled(_read_trees, _U1, _I1, types.float64[::1], _I4, _F3, _F4, **_EXACT),
        jit_compiled(_fit_shapes, _U2, _F2, _TREES, _F2, _F1, _I1, **_EXACT),
    )


def are_uncompiled() -> bool:
    """Return whether the kernels have to be compiled, once, and a cache can keep them."""
    return is_uncompiled(_read_trees) or is_uncompiled(_fit_shapes)


@_inline
def _packed(data, at):
    """Return the packed integer at `at` and the position after it; -1 if it does not fit."""
    if at < 0 or at >= data.size:
        return np.int64(0), np.int64(-1)
    length = np.int64(data[at] & LENGTH)
    if length > 8 or at + 1 + length > data.size:
        return np.int64(0), np.int64(-1)
    value = np.int64(0)
    for index in range(length):
        value |= np.int64(data[at + 1 + index]) << (8 * index)
    return (-value if data[at] & NEGATIVE else value), at + 1 + length


@_inline
def _number(data, at, powers):
    """Return the packed number at `at`, a mantissa and an exponent, and the position after it."""
    mantissa, at = _packed(data, at)
    exponent, at = _packed(data, at)
    place = exponent + powers.size // 2
    if at < 0 or place < 0 or place >= powers.size:
        return np.float32(0), np.int64(-1)
    return np.float32(mantissa * powers[place]), at


def _read_trees(data, position, powers, split_pixels, thresholds, leaves):
    """Read all trees from `position[0]` on and set it to their end, or to -1 if they do not fit.

    The arrays give the counts: `split_pixels` (C, T, S, 2), `thresholds` (C, T, S), `leaves` (C, T,
    S + 1, at least the numbers of a leaf) for C cascades of T trees with S splits.
    """
    at = position[0]
    cascades, trees, splits, _ = split_pixels.shape
    for cascade in range(cascades):
        count, at = _packed(data, at)
        if count != trees:
            at = np.int64(-1)
        for tree in range(trees):
            count, at = _packed(data, at)
            if at < 0 or count != splits:
                position[0] = -1
                return
            for split in range(splits):
                for side in range(2):
                    pixel, at = _packed(data, at)
                    split_pixels[cascade, tree, split, side] = pixel
                thresholds[cascade, tree, split], at = _number(data, at, powers)
            count, at = _packed(data, at)
            if count != splits + 1:
                at = np.int64(-1)
            for leaf in range(splits + 1):
                rows, at = _packed(data, at)
                columns, at = _packed(data, at)
                if at < 0 or not 0 < rows * columns <= leaves.shape[3]:
                    position[0] = -1
                    return
                for value in range(rows * columns):
                    leaves[cascade, tree, leaf, value], at = _number(data, at, powers)
    position[0] = at


@cast(Any, intrinsic)  # its first argument is numba's
def _prefetch(_typing, array, index):
    """Ask the processor to load the cache line of `array[index]`, a one-dimensional array."""

    def generate(context, builder, signature, arguments):
        address = builder.gep(
            context.make_array(array)(context, builder, arguments[0]).data, [arguments[1]]
        )
        byte, word = ir.IntType(8).as_pointer(), ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [byte, word, word, word])
        fetch = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0i8")
        to_read, soon, data = word(0), word(3), word(1)
        builder.call(fetch, [builder.bitcast(address, byte), to_read, soon, data])
        return context.get_dummy_value()

    return types.void(array, index), generate


def _fit_shapes(image, boxes, trees, shapes, pixels, chosen):
    """Fit a shape in each of `boxes` (B, 3: left, top, side) of the uint8 (h, w) `image`.

    `shapes` (B, 2 P) become the points in units of their boxes; `pixels` (F,) and `chosen` (T,) are
    work space. All leaves of a cascade are chosen before they are added: they lie scattered over 65
    MB, and are on their way from memory meanwhile.
    """
    for box in range(boxes.shape[0]):
        shapes[box] = trees.mean_shape
    for cascade in range(trees.split_pixels.shape[0]):
        for box in range(boxes.shape[0]):
            _read_pixels(image, boxes[box], trees, cascade, shapes[box], pixels)
            _choose_leaves(trees, cascade, pixels, chosen)
            for tree in range(chosen.size):
                leaf = trees.leaves[cascade, tree, chosen[tree]]
                for value in range(shapes.shape[1]):
                    shapes[box, value] += leaf[value]


@numba.njit(**_EXACT)
def _choose_leaves(trees, cascade, pixels, chosen):
    """Set `chosen` (T,) to the leaf that each tree of a cascade reaches, and prefetch it."""
    split_pixels, thresholds, leaves = trees.split_pixels, trees.thresholds, trees.leaves
    splits, row = split_pixels.shape[2], leaves.shape[3]
    numbers, levels = leaves.reshape(leaves.size), round(np.log2(splits + 1))
    for tree in range(chosen.size):
        node = 0
        for _ in range(levels):
            first = pixels[split_pixels[cascade, tree, node, 0]]
            second = pixels[split_pixels[cascade, tree, node, 1]]
            right = not first - second > thresholds[cascade, tree, node]
            node = 2 * node + 1 + right
        chosen[tree] = node - splits
        start = ((cascade * chosen.size + tree) * (splits + 1) + node - splits) * row
        for value in range(start, start + row, CACHE_LINE):
            _prefetch(numbers, value)


@numba.njit(**_EXACT)
def _read_pixels(image, box, trees, cascade, shape, pixels):
    """Read the gray levels that the trees of a cascade compare, 0 outside the image.

    Each pixel lies at an offset from a point of the shape, turned and scaled as the shape is
    against the mean shape (least squares).
    """
    mean_shape, points = trees.mean_shape, shape.size // 2
    anchors, offsets = trees.anchors[cascade], trees.offsets[cascade]
    mean_x = mean_y = x = y = 0.0
    for point in range(points):
        mean_x += mean_shape[2 * point]
        mean_y += mean_shape[2 * point + 1]
        x += shape[2 * point]
        y += shape[2 * point + 1]
    mean_x, mean_y, x, y = mean_x / points, mean_y / points, x / points, y / points
    along = across = size = 0.0
    for point in range(points):
        from_x, from_y = mean_shape[2 * point] - mean_x, mean_shape[2 * point + 1] - mean_y
        to_x, to_y = shape[2 * point] - x, shape[2 * point + 1] - y
        along += from_x * to_x + from_y * to_y
        across += from_x * to_y - from_y * to_x
        size += from_x * from_x + from_y * from_y
    cosine, sine = np.float32(along / size), np.float32(across / size)
    left, top, side = np.float64(box[0]), np.float64(box[1]), np.float64(box[2])
    for pixel in range(anchors.size):
        point = anchors[pixel]
        right, down = offsets[pixel, 0], offsets[pixel, 1]
        moved_x = np.float32(np.float32(cosine * right) - np.float32(sine * down))
        moved_y = np.float32(np.float32(sine * right) + np.float32(cosine * down))
        column = int(np.floor(left + side * np.float64(moved_x + shape[2 * point]) + 0.5))
        row = int(np.floor(top + side * np.float64(moved_y + shape[2 * point + 1]) + 0.5))
        inside = 0 <= column < image.shape[1] and 0 <= row < image.shape[0]
        pixels[pixel] = np.float32(image[row, column]) if inside else np.float32(0)
