from __future__ import annotations

import numpy as np
import pytest

from engines.bench import roofline
from engines.bench.roofline import ARITHMETIC_SIZE, MULTIPLY_ADDS_PER_LOAD, Roofline
from engines.model.shape import NetworkShape
from engines.model.weights import weight_count

SHAPE = NetworkShape(hidden=32, blocks=3)


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """Counts instead of times: a number read and a multiply-add take 1 s each."""
    done: dict[str, int] = {}

    def read(numbers: np.ndarray, passes: int) -> None:
        done["s"] = done["read"] = numbers.size * passes

    def multiply(numbers: np.ndarray, rounds: int) -> None:
        done["s"] = done["multiplied"] = ARITHMETIC_SIZE * MULTIPLY_ADDS_PER_LOAD * rounds

    def seconds(run: object) -> float:
        run()  # type: ignore[operator]
        return float(done["s"])

    monkeypatch.setattr(roofline, "_read", read)
    monkeypatch.setattr(roofline, "_multiply", multiply)
    monkeypatch.setattr(roofline, "_seconds", seconds)
    return done


def test_a_step_reads_every_weight_twice_a_frame(work: dict[str, int]) -> None:
    Roofline(SHAPE).step_s(batch=1, frames=24)
    assert work["read"] == 2 * 23 * weight_count(SHAPE)


def test_arithmetic_grows_with_the_batch_and_runs_depth_in_each_block(work: dict[str, int]) -> None:
    some = Roofline(SHAPE)
    gates, rest = 128 * 64, 32 * (80 + 64 + 32 + 80 + 64)
    for batch in (1, 16):
        some.step_s(batch, frames=24)
        assert work["multiplied"] == pytest.approx(batch * 2 * 23 * (6 * gates + rest), rel=0.01)


def test_the_slower_of_the_two_bounds_is_the_roofline(work: dict[str, int]) -> None:
    found = Roofline(SHAPE).step_s(batch=16, frames=24)
    assert found == max(work["read"], work["multiplied"]) == work["multiplied"]


def test_read_kernel_sums_the_weights() -> None:
    assert roofline._read(np.ones(1000, np.float32), 1) == 1000
    assert roofline._read(np.ones(1000, np.float32), 2) == 1500
