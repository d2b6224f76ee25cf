"""dlib's shape predictor as arrays, read from dlib's own file, and the fit with them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engines.errors import GaugeError
from realtime.core.messages import Floats, Image
from realtime.landmarks.tree_kernels import (
    CACHE_LINE,
    LENGTH,
    NEGATIVE,
    TreeArrays,
    compiled_kernels,
)

VERSION = 1
EXPONENTS = 2 * 160  # more than float32 has, in both directions
MOST = 100_000  # of anything that is counted in the file


@dataclass(frozen=True, slots=True, eq=False)
class ShapeModel:
    """Cascades of regression trees (Kazemi & Sullivan 2014) that move points onto a face.

    For C cascades of T trees with S splits, P points and F compared pixels: `mean_shape` float32
    (2 P,) in units of the face box; `split_pixels` int16 (C, T, S, 2) and `thresholds` float32 (C,
    T, S), which pixels a split compares with what; `leaves` float32 (C, T, S + 1, 2 P and a rest to
    whole cache lines), movements; `anchors` int16 (C, F) and `offsets` float32 (C, F, 2), the point
    each pixel lies at, and where.
    """

    mean_shape: Floats
    split_pixels: NDArray[np.int16]
    thresholds: Floats
    leaves: Floats
    anchors: NDArray[np.int16]
    offsets: Floats

    def __post_init__(self) -> None:
        points, pixels = self.mean_shape.size // 2, self.anchors.shape[1]
        leaves = self.leaves.shape[2]
        if leaves & (leaves - 1):
            raise ValueError(f"trees have {leaves} leaves; want a power of two")
        for name, values, most in (
            ("split_pixels", self.split_pixels, pixels),
            ("anchors", self.anchors, points),
        ):
            if values.min() < 0 or values.max() >= most:
                raise ValueError(f"{name} run to {values.max()}; want 0 to {most - 1}")

    def fit(self, image: Image, boxes: Floats) -> Floats:
        """Return whole-pixel points float32 (B, P, 2) in `boxes` (B, 3: left, top, side).

        `image` is uint8 (h, w), contiguous. The points are those of `dlib.shape_predictor`.
        """
        shapes = np.empty((len(boxes), self.mean_shape.size), np.float32)
        pixels = np.empty(self.anchors.shape[1], np.float32)
        chosen = np.empty(self.split_pixels.shape[1], np.int64)
        trees = TreeArrays(*(getattr(self, name) for name in TreeArrays._fields))
        compiled_kernels().fit_shapes(image, boxes, trees, shapes, pixels, chosen)
        corners, sides = boxes[:, None, :2].astype(np.float64), boxes[:, None, 2:]
        points = corners + sides.astype(np.float64) * shapes.reshape(len(boxes), -1, 2)
        return np.floor(points + 0.5).astype(np.float32)


def read_shape_model(path: Path) -> ShapeModel:
    """Return the model in the file at `path`; raises `GaugeError` if it is damaged."""
    try:
        data = np.fromfile(path, np.uint8)
        return _Reader(data).model()
    except (OSError, ValueError) as error:
        raise GaugeError(f"cannot read {path}: {error}") from error


def _cache_lines(shape: tuple[int, ...]) -> Floats:
    """Return an array of `shape`, its rows longer by a rest, that each begin a cache line."""
    shape = (*shape[:-1], -(-shape[-1] // CACHE_LINE) * CACHE_LINE)
    size = math.prod(shape)
    memory = np.zeros(size + CACHE_LINE, np.float32)
    start = -(memory.ctypes.data // memory.itemsize) % CACHE_LINE
    return memory[start : start + size].reshape(shape)


class _Reader:
    """Reader of dlib's serialisation: packed integers, and numbers as mantissa and exponent."""

    def __init__(self, data: NDArray[np.uint8]) -> None:
        self._data = data
        self._at = 0
        self._powers = 2.0 ** np.arange(-EXPONENTS // 2, EXPONENTS // 2, dtype=np.float64)

    def model(self) -> ShapeModel:
        """Read the whole file."""
        if self._integer() != VERSION:
            raise ValueError("it is no shape predictor of a known version")
        values = abs(self._integer() * self._integer())  # dlib marks its format by the sign
        if not 2 <= values <= MOST or values % 2:
            raise ValueError(f"it has a mean shape of {values} numbers")
        mean_shape = np.array([self._number() for _ in range(values)], np.float32)
        split_pixels, thresholds, leaves = self._trees(values)
        cascades = len(split_pixels)
        anchors = self._rows(cascades, lambda: [self._integer()])[:, :, 0].astype(np.int16)
        offsets = self._rows(cascades, lambda: [self._number(), self._number()])
        if offsets.shape[:2] != anchors.shape:
            raise ValueError("its pixels and their anchors differ in number")
        return ShapeModel(
            mean_shape, split_pixels, thresholds, leaves, anchors, offsets.astype(np.float32)
        )

    def _trees(self, values: int) -> tuple[NDArray[np.int16], Floats, Floats]:
        cascades, start = self._count(), self._at
        trees, splits = self._count(), self._count()
        if cascades * trees * (splits + 1) * values > 2 * self._data.size:
            raise ValueError(f"it claims {cascades} times {trees} trees, more than it has bytes")
        split_pixels = np.empty((cascades, trees, splits, 2), np.int16)
        thresholds = np.empty((cascades, trees, splits), np.float32)
        leaves = _cache_lines((cascades, trees, splits + 1, values))
        position = np.array([start])
        compiled_kernels().read_trees(
            self._data, position, self._powers, split_pixels, thresholds, leaves
        )
        if position[0] < 0:
            raise ValueError("its trees are damaged")
        self._at = int(position[0])
        return split_pixels, thresholds, leaves

    def _rows(self, cascades: int, read: Callable[[], list[float]]) -> NDArray[np.float64]:
        """Read for each cascade as many items as the first one has, (cascades, items, numbers)."""
        if self._count() != cascades:
            raise ValueError("its cascades differ in number")
        rows = [[read() for _ in range(self._count())] for _ in range(cascades)]
        return np.array(rows, np.float64)

    def _count(self) -> int:
        count = self._integer()
        if not 1 <= count <= MOST:
            raise ValueError(f"it counts {count} of something")
        return count

    def _integer(self) -> int:
        if self._at >= self._data.size:
            raise ValueError("it ends too early")
        first = int(self._data[self._at])
        end = self._at + 1 + (first & LENGTH)
        if end > self._data.size:
            raise ValueError("it ends too early")
        value = int.from_bytes(self._data[self._at + 1 : end].tobytes(), "little")
        self._at = end
        return -value if first & NEGATIVE else value

    def _number(self) -> float:
        mantissa, exponent = self._integer(), self._integer()
        if not -EXPONENTS // 2 <= exponent < EXPONENTS // 2:
            raise ValueError(f"it has a number with exponent {exponent}")
        return float(mantissa * 2.0**exponent)
