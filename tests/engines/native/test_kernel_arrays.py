"""The declared types are those of the arrays that the engines hand to the kernels."""

from __future__ import annotations

import numba
import pytest

from engines.model.shape import NetworkShape
from engines.model.weights import random_weights
from engines.native.engine import make_buffers, narrow_to_fp16, pack_weights
from engines.native.kernel_arrays import BUFFERS, weights_type

SHAPE = NetworkShape(blocks=2, hidden=8)


def test_buffers_have_the_declared_type() -> None:
    assert numba.typeof(make_buffers(SHAPE, 2, 3)) == BUFFERS


@pytest.mark.parametrize("fp16", [False, True])
def test_weights_have_the_declared_type(fp16: bool) -> None:
    packed = pack_weights(random_weights(SHAPE, 0), SHAPE)
    assert numba.typeof(narrow_to_fp16(packed) if fp16 else packed) == weights_type(fp16)
