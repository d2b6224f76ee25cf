from __future__ import annotations

import json
import mmap
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from engines.bench import __main__ as bench
from engines.bench.__main__ import BenchRow
from engines.errors import EngineUnavailable
from engines.model.network import Network
from engines.model.shape import NetworkShape
from engines.model.weights import random_weights
from engines.native.engine import NativeEngine

TINY = {"tiny": NetworkShape(hidden=4, blocks=1)}


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "start_up", lambda name, network: (0.5, 100.0))


def test_each_engine_has_a_row_relative_to_eager_torch() -> None:
    pytest.importorskip("torch")
    rows = bench.run_benchmark(TINY, (1, 2), budget_s=0)
    assert {(row.engine, row.batch) for row in rows} >= {
        ("native", 1),
        ("native", 2),
        ("torch", 1),
        ("torch", 2),
    }
    assert {row.times_faster_than_eager for row in rows if row.engine == "torch"} == {1.0}
    assert all(
        0 < row.p50_ms <= row.p95_ms and row.gradient_error <= row.gradient_tolerance
        for row in rows
    )


def test_six_networks_at_once_have_a_row_and_six_times_the_roofline(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip("torch")
    monkeypatch.setattr(bench.Roofline, "step_s", lambda self, batch, frames: 1e-3)
    monkeypatch.setattr(bench, "_in_new_process", lambda work, *arguments: float(len(arguments)))
    rows = bench.run_benchmark(TINY, (1,), budget_s=0, six_network_presets=("tiny",))
    assert {row.networks for row in rows if row.engine == "native"} == {1, 6}
    for row in rows:
        assert row.times_slower_than_roofline == pytest.approx(row.p50_ms / row.networks)
        assert row.steps_per_s == pytest.approx(1e3 / row.p50_ms)


def test_fp16_weights_may_be_below_the_float32_roofline(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("torch")
    monkeypatch.setattr(bench.Roofline, "step_s", lambda self, batch, frames: 1e6)
    bench.run_benchmark(TINY, (1,), budget_s=0)
    assert "native-fp16 is below" not in capsys.readouterr().out


def test_an_engine_below_the_roofline_is_reported(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("torch")
    monkeypatch.setattr(bench.Roofline, "step_s", lambda self, batch, frames: 1e6)
    bench.run_benchmark(TINY, (1,), budget_s=0)
    assert "native is below the roofline: do not trust this row" in capsys.readouterr().out


def test_reports_missing_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "why_unavailable", lambda name: "no torch here")
    with pytest.raises(EngineUnavailable, match="compares with eager torch: no torch here"):
        bench.run_benchmark(TINY, (1,))


def test_json_is_a_list_of_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    row = BenchRow("native", "live", 1, 1, 1.0, 2.0, 1000.0, 8.0, 2.0, 1e-7, 1e-4, 0.5, 100.0)
    monkeypatch.setattr(bench, "run_benchmark", lambda shapes, batches: [row])
    assert bench.main(["--json", str(tmp_path / "rows.json")]) == 0
    (found,) = json.loads((tmp_path / "rows.json").read_text())
    assert found["engine"] == "native"
    assert found["times_slower_than_roofline"] == 2.0


def test_detects_a_memory_leak_of_an_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    network = Network("some", TINY["tiny"], bench.RULE, random_weights(TINY["tiny"], 0))
    monkeypatch.setattr(bench, "WARM_UP_TICKS", 100)
    assert bench._memory_growth_mb("native", network, 1000) < 2
    kept: list[mmap.mmap] = []
    step = NativeEngine._loss_and_gradient_impl

    def hoard(self: NativeEngine, *arguments: np.ndarray) -> object:
        kept.append(
            mmap.mmap(-1, 40_000)
        )  # not from the heap: a long test run has let go of more than is asked here
        kept[-1].write(bytes(40_000))
        return step(self, *arguments)

    monkeypatch.setattr(NativeEngine, "_loss_and_gradient_impl", hoard)
    assert bench._memory_growth_mb("native", network, 1000) > 20


def test_memory_of_a_new_process_excludes_the_parent() -> None:
    ballast = np.ones(100 * 2**20, np.float32)  # 400 MB that the child must not be charged with
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as fresh:
        assert 5 < fresh.submit(bench._memory_mb, "VmHWM").result(timeout=60) < 300
    assert ballast.nbytes > 400_000_000
