from __future__ import annotations

import threading
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from engines.bench.parity import parity_case
from engines.engine import RefineResult
from engines.errors import EngineInputError
from engines.model.network import Network
from engines.model.shape import CONTEXT, PRESETS, NetworkShape, StepRule
from engines.model.weights import random_weights
from engines.native.compile_cache import NO_COMPILE_CACHE
from engines.native.engine import NativeEngine, NativeFp16Engine, narrow_to_fp16, pack_weights

RULE = StepRule((0.5,), 0.01, 0.9)
ODD = NetworkShape(hidden=5, blocks=3)


def network(shape: NetworkShape = ODD, seed: int = 0) -> Network:
    return Network("some", shape, RULE, random_weights(shape, seed))


def test_packed_weights_are_transposed_and_zero_padded() -> None:
    given = random_weights(ODD, 0)
    packed = pack_weights(given, ODD)
    assert packed.grid_out.shape == (8, 5)
    np.testing.assert_array_equal(packed.grid_out[:5], given["grid_out.weight"].T)
    np.testing.assert_array_equal(packed.grid_out[5:], 0)
    np.testing.assert_array_equal(packed.inner[-1, :10], given["grid.depth.gates.weight"].T)
    assert all(array.flags.c_contiguous and array.dtype == np.float32 for array in packed)


def test_folds_the_context_layer_into_block_0() -> None:
    given, rng = random_weights(ODD, 0), np.random.default_rng(0)
    context, time = rng.normal(size=CONTEXT), rng.normal(size=5)
    depth = given["context_in.weight"] @ context + given["context_in.bias"]
    layer = "grid.time.0.gates"
    true = given[f"{layer}.weight"] @ np.concatenate([depth, time]) + given[f"{layer}.bias"]
    packed = pack_weights(given, ODD)
    found = (
        packed.entry[0, : CONTEXT + 5].T @ np.concatenate([context, time]) + packed.entry_bias[0]
    )
    np.testing.assert_allclose(found, true, rtol=1e-5)


def test_reuses_buffers_which_only_grow() -> None:
    engine, small, large = NativeEngine(network()), parity_case(2, 4), parity_case(3, 9)
    engine.loss_and_gradient(large.windows, large.lengths, large.pb)
    kept = engine._buffers
    engine.loss_and_gradient(small.windows, small.lengths, small.pb)
    engine.generate(small.pb, small.windows[:, 0], 3)
    assert engine._buffers is kept


def test_memory_is_constant_after_warm_up() -> None:
    engine, some = NativeEngine(network()), parity_case(1, 3)

    def calls(count: int) -> int:
        for _ in range(count):
            engine.refine(some.windows, some.lengths, some.pb, 1)
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    settled = calls(3000)  # Python's small objects of a call level off within 2,500 calls
    after = calls(3000)
    tracemalloc.stop()
    assert after - settled < 3000  # one byte a call


def test_engines_in_several_threads_are_independent() -> None:
    some, found = parity_case(2, 12), {}
    engines = [NativeEngine(network(seed=seed)) for seed in range(4)]
    alone = [engine.refine(some.windows, some.lengths, some.pb, 20) for engine in engines]

    def work(number: int) -> None:
        found[number] = engines[number].refine(some.windows, some.lengths, some.pb, 20)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert [_bytes(found[number]) for number in range(4)] == [_bytes(refined) for refined in alone]


@pytest.mark.parametrize("there", [True, False])
def test_warm_up_reports_a_missing_compile_cache(
    there: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "engines.native.engine.kernel_cache_folder", lambda: tmp_path if there else None
    )
    lines: list[str] = []
    NativeEngine(network()).warm_up(3, lines.append)
    assert lines == ([] if there else [NO_COMPILE_CACHE])


@pytest.mark.parametrize("shape", [NetworkShape(1, 1), NetworkShape(3, 2), NetworkShape(66, 1)])
def test_accepts_any_size(shape: NetworkShape) -> None:
    some = parity_case(2, 5)
    loss, gradient = NativeEngine(network(shape)).loss_and_gradient(
        some.windows, some.lengths, some.pb
    )
    assert np.isfinite(loss).all()
    assert np.isfinite(gradient).all()


def test_gradient_is_the_slope_of_the_loss() -> None:
    engine, some = NativeEngine(network(NetworkShape(12, 2))), parity_case(1, 6)
    _, gradient = engine.loss_and_gradient(some.windows, some.lengths, some.pb)
    norm = np.linalg.norm(gradient)
    way = (0.01 * gradient / norm).astype(np.float32)
    ahead, behind = (
        engine.loss_and_gradient(some.windows, some.lengths, some.pb + d)[0] for d in (way, -way)
    )
    np.testing.assert_allclose((ahead - behind) / 0.02, [norm], rtol=2e-2)


def _bytes(refined: RefineResult) -> bytes:
    return refined.pb.tobytes() + refined.loss.tobytes()


def test_fp16_weights_take_two_bytes_and_biases_stay_float32() -> None:
    packed = pack_weights(random_weights(ODD, 0), ODD)
    fp16 = narrow_to_fp16(packed)
    assert {array.dtype for name, array in fp16._asdict().items() if not name.endswith("bias")} == {
        np.dtype("u2")
    }
    assert all(
        part is getattr(packed, name)
        for name, part in fp16._asdict().items()
        if name.endswith("bias")
    )
    np.testing.assert_allclose(fp16.inner.view(np.float16), packed.inner, rtol=2**-11, atol=2**-25)


@pytest.mark.parametrize("preset", list(PRESETS))
def test_the_gradient_of_fp16_weights_has_the_same_direction(preset: str) -> None:
    some, of = parity_case(1, 6), network(PRESETS[preset])
    true = NativeEngine(of).loss_and_gradient(some.windows, some.lengths, some.pb)[1][0]
    found = NativeFp16Engine(of).loss_and_gradient(some.windows, some.lengths, some.pb)[1][0]
    cosine = float(true @ found / np.linalg.norm(true) / np.linalg.norm(found))
    assert 0.999 <= cosine < 1 + 1e-6
    assert not np.array_equal(true, found)


def test_rejects_a_weight_beyond_fp16() -> None:
    weights = random_weights(ODD, 0)
    weights["grid_out.weight"][0, 0] = 70_000
    with pytest.raises(
        EngineInputError, match="grid_out holds weights beyond 65504, the largest float16"
    ):
        NativeFp16Engine(Network("some", ODD, RULE, weights))
