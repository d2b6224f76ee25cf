"""Contract suite of all engines: agreement with float64 autograd, and the rest of the contract."""

from __future__ import annotations

import tracemalloc
from functools import cache

import numpy as np
import pytest

from engines.bench.parity import (
    TOLERANCES,
    ParityCase,
    ParityResult,
    Tolerance,
    deviation,
    parity_case,
    run_parity_case,
)
from engines.engine import Engine
from engines.errors import EngineInputError
from engines.model.network import Network
from engines.model.shape import LANDMARKS, PB, PRESETS, NetworkShape, StepRule
from engines.model.weights import random_weights
from engines.registry import ENGINES, create_engine, why_unavailable

RULE = StepRule(lengths=(0.5, 0.4, 0.3), epsilon=0.01, closed_loop=0.9)
SHAPES = {"tiny": NetworkShape(hidden=7, blocks=1), **PRESETS}
TINY = SHAPES["tiny"]
# (shape, B, frames): `paper` on short windows to keep the suite quick
CASES = [
    (shape, batch, frames)
    for shape, frames in (("tiny", 9), ("live", 7), ("paper", 3))
    for batch in (1, 6, 16)
]
STEPS = (1, 5, 20)


@cache
def network(shape: NetworkShape, seed: int = 3, closed_loop: float = RULE.closed_loop) -> Network:
    rule = StepRule(RULE.lengths, RULE.epsilon, closed_loop)
    return Network(f"{shape.blocks}x{shape.hidden}", shape, rule, random_weights(shape, seed))


@cache
def truth(
    shape: NetworkShape,
    batch: int,
    frames: int,
    steps: tuple[int, ...],
    closed_loop: float = RULE.closed_loop,
) -> ParityResult:
    torch = pytest.importorskip("torch")
    from engines.pytorch.engine import TorchEngine

    torch.set_num_threads(1)  # on busy cores a second thread is waited for at every layer
    return run_parity_case(
        TorchEngine(network(shape, closed_loop=closed_loop), torch.float64),
        parity_case(batch, frames),
        steps,
    )


def make(name: str, of: Network) -> Engine:
    if name != "native" and (reason := why_unavailable(name)):
        pytest.skip(reason)
    return create_engine(name, of)


@pytest.fixture(params=list(ENGINES))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def engine(name: str) -> Engine:
    return make(name, network(TINY))


@pytest.fixture
def batch() -> ParityCase:
    return parity_case(batch=3, frames=8)


def check(found: Tolerance, allowed: Tolerance) -> None:
    assert found.loss <= allowed.loss
    assert found.gradient <= allowed.gradient
    assert found.pb <= allowed.pb
    assert found.generated <= allowed.generated


def test_every_engine_has_a_tolerance() -> None:
    assert TOLERANCES.keys() == ENGINES.keys()


@pytest.mark.parametrize(("shape", "size", "frames"), CASES)
def test_agrees_with_float64_autograd(name: str, shape: str, size: int, frames: int) -> None:
    true = truth(SHAPES[shape], size, frames, STEPS)
    found = run_parity_case(make(name, network(SHAPES[shape])), parity_case(size, frames), STEPS)
    check(deviation(found, true, parity_case(size, frames)), TOLERANCES[name])


@pytest.mark.parametrize("closed_loop", [0.0, 0.5, 1.0])
def test_agrees_for_any_closed_loop_ratio(name: str, closed_loop: float) -> None:
    true = truth(TINY, 4, 7, (1,), closed_loop)
    found = run_parity_case(
        make(name, network(TINY, closed_loop=closed_loop)), parity_case(4, 7), (1,)
    )
    check(deviation(found, true, parity_case(4, 7)), TOLERANCES[name])


def test_returns_loss_and_norm_from_before_the_last_step(engine: Engine, batch: ParityCase) -> None:
    before = engine.refine(batch.windows, batch.lengths, batch.pb, 2).pb
    loss, gradient = engine.loss_and_gradient(batch.windows, batch.lengths, before)
    refined = engine.refine(batch.windows, batch.lengths, batch.pb, 3)
    np.testing.assert_allclose(refined.loss, loss, rtol=1e-4)
    np.testing.assert_allclose(refined.gradient_norm, np.linalg.norm(gradient, axis=1), rtol=1e-3)


def test_results_are_float32_of_the_documented_shapes(engine: Engine, batch: ParityCase) -> None:
    refined = engine.refine(batch.windows, batch.lengths, batch.pb, 1)
    stream = engine.generate(batch.pb, batch.windows[:, 0], 5)
    arrays = [refined.pb, refined.loss, refined.gradient_norm, stream]
    assert [array.shape for array in arrays] == [(3, PB), (3,), (3,), (3, 5, LANDMARKS)]
    assert {array.dtype for array in arrays} == {np.dtype(np.float32)}


def test_ignores_frames_after_the_end_of_a_sequence(engine: Engine, batch: ParityCase) -> None:
    other = batch.windows.copy()
    for row, length in zip(other, batch.lengths, strict=True):
        row[length:] = 0.7
    for one, two in zip(
        engine.loss_and_gradient(batch.windows, batch.lengths, batch.pb),
        engine.loss_and_gradient(other, batch.lengths, batch.pb),
        strict=True,
    ):
        np.testing.assert_allclose(one, two, rtol=1e-5, atol=1e-8)


def test_a_result_does_not_depend_on_the_batch(engine: Engine, batch: ParityCase) -> None:
    together = engine.loss_and_gradient(batch.windows, batch.lengths, batch.pb)
    alone = engine.loss_and_gradient(batch.windows[:1], batch.lengths[:1], batch.pb[:1])
    np.testing.assert_allclose(together[0][:1], alone[0], rtol=1e-5)
    np.testing.assert_allclose(together[1][:1], alone[1], rtol=1e-4, atol=1e-7)


def test_refinement_is_deterministic(engine: Engine, batch: ParityCase) -> None:
    first = engine.refine(batch.windows, batch.lengths, batch.pb, 4)
    second = engine.refine(batch.windows, batch.lengths, batch.pb, 4)
    assert first.pb.tobytes() == second.pb.tobytes()
    assert first.loss.tobytes() == second.loss.tobytes()


def test_earlier_results_survive_later_calls(engine: Engine, batch: ParityCase) -> None:
    first = engine.refine(batch.windows, batch.lengths, batch.pb, 2)
    kept = first.pb.tobytes(), first.loss.tobytes(), first.gradient_norm.tobytes()
    engine.refine(-batch.windows, batch.lengths, -batch.pb, 3)
    assert kept == (first.pb.tobytes(), first.loss.tobytes(), first.gradient_norm.tobytes())


def test_does_not_modify_its_arguments(engine: Engine, batch: ParityCase) -> None:
    before = batch.windows.tobytes(), batch.lengths.tobytes(), batch.pb.tobytes()
    engine.refine(batch.windows, batch.lengths, batch.pb, 2)
    assert before == (batch.windows.tobytes(), batch.lengths.tobytes(), batch.pb.tobytes())


def test_calls_of_other_sizes_do_not_change_results(engine: Engine, batch: ParityCase) -> None:
    before = engine.loss_and_gradient(batch.windows, batch.lengths, batch.pb)
    for size, frames in ((1, 3), (7, 20), (2, 5)):
        other = parity_case(size, frames)
        engine.refine(other.windows, other.lengths, other.pb, 1)
    after = engine.loss_and_gradient(batch.windows, batch.lengths, batch.pb)
    assert [array.tobytes() for array in before] == [array.tobytes() for array in after]


def test_two_engines_are_independent(name: str, batch: ParityCase) -> None:
    first, second = make(name, network(TINY)), make(name, network(NetworkShape(5, 2), seed=8))
    before = first.refine(batch.windows, batch.lengths, batch.pb, 2)
    other = second.refine(batch.windows, batch.lengths, batch.pb, 2)
    after = first.refine(batch.windows, batch.lengths, batch.pb, 2)
    assert before.pb.tobytes() == after.pb.tobytes()
    assert not np.array_equal(before.pb, other.pb)


def test_no_array_leaks_from_a_call(engine: Engine, batch: ParityCase) -> None:
    def held_by_arrays() -> int:
        arrays = tracemalloc.DomainFilter(True, np.lib.tracemalloc_domain)
        return sum(
            trace.size for trace in tracemalloc.take_snapshot().filter_traces([arrays]).traces
        )

    def calls(count: int) -> None:
        for _ in range(count):
            engine.refine(batch.windows, batch.lengths, batch.pb, 1)

    tracemalloc.start()
    calls(5)
    before = held_by_arrays()
    calls(20)
    after = held_by_arrays()
    tracemalloc.stop()
    assert after == before


def test_warm_up_runs(engine: Engine) -> None:
    engine.warm_up(frames=6)


def test_engine_has_its_registry_name(name: str) -> None:
    assert make(name, network(TINY)).name == name


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"steps": 0}, "steps is 0"),
        ({"windows": np.zeros((3, 8, 79), np.float32)}, r"windows has shape \(3, 8, 79\)"),
        ({"windows": np.zeros((3, 8, 80), np.int32)}, "windows is int32"),
        ({"windows": np.zeros((3, 80), np.float32)}, r"windows is float32 \(3, 80\)"),
        ({"windows": np.full((3, 8, 80), np.nan, np.float32)}, "1920 numbers that are not finite"),
        ({"pb": np.zeros((2, 64), np.float32)}, r"pb has shape \(2, 64\); want \(3, 64\)"),
        ({"pb": np.zeros((3, 63), np.float32)}, r"pb has shape \(3, 63\)"),
        ({"lengths": np.array([8, 8])}, r"lengths is int64 \(2,\)"),
        ({"lengths": np.array([8.0, 8.0, 8.0])}, "want integers"),
        ({"lengths": np.array([1, 8, 8])}, "lengths run from 1 to 8"),
        ({"lengths": np.array([2, 9, 8])}, "lengths run from 2 to 9"),
    ],
)
def test_refine_reports_an_invalid_argument(
    engine: Engine, batch: ParityCase, change: dict[str, object], message: str
) -> None:
    given = {
        "windows": batch.windows,
        "lengths": batch.lengths,
        "pb": batch.pb,
        "steps": 1,
    } | change
    with pytest.raises(EngineInputError, match=message):
        engine.refine(**given)  # type: ignore[arg-type]


def test_generate_reports_an_invalid_argument(engine: Engine, batch: ParityCase) -> None:
    with pytest.raises(EngineInputError, match="frames is 0"):
        engine.generate(batch.pb, batch.windows[:, 0], 0)
    with pytest.raises(EngineInputError, match="start has shape"):
        engine.generate(batch.pb, batch.windows[:2, 0], 4)


def test_rejects_a_network_with_invalid_weights(name: str) -> None:
    good = network(TINY)
    make(name, good)
    short = Network(
        "torn", TINY, RULE, {key: array for key, array in good.weights.items() if key != "pb.bias"}
    )
    with pytest.raises(EngineInputError, match=r"pb\.bias is missing"):
        create_engine(name, short)
    with pytest.raises(EngineInputError, match="want float32"):
        create_engine(name, Network("large", NetworkShape(8, 1), RULE, good.weights))
