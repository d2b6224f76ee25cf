"""TensorRT engine on doubles of the GPU: its numbers, plans, caches and messages."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

from engines.bench.parity import TOLERANCES, deviation, parity_case, run_parity_case
from engines.engine import Engine
from engines.errors import EngineInputError, EngineUnavailable
from engines.model.network import Network
from engines.model.shape import PRESETS, NetworkShape, StepRule
from engines.model.weights import random_weights
from engines.native.engine import NativeEngine
from engines.registry import create_engine, why_unavailable
from tests.engines.fake_gpu import IMPORTERS, PLAN, FakeTensorrt

SHAPE = NetworkShape(hidden=6, blocks=2)
RULE = StepRule((0.5,), 0.01, 0.9)
NETWORK = Network("test", SHAPE, RULE, random_weights(SHAPE, 0), bundle_sha256="ab")
Make = Callable[..., FakeTensorrt]


def plans(folder: Path) -> list[Path]:
    return sorted((folder / "genuine-gauge" / "tensorrt").glob("*.plan"))


def gradient(engine: Engine) -> np.ndarray:
    case = parity_case(1, 5)
    return engine.loss_and_gradient(case.windows, case.lengths, case.pb)[1]


@pytest.mark.parametrize(
    ("batch", "shape"), [(1, SHAPE), (6, PRESETS["live"]), (16, SHAPE), (19, SHAPE)]
)
def test_agrees_within_its_tolerance(gpu: Make, batch: int, shape: NetworkShape) -> None:
    gpu()
    network, case, steps = (
        Network("test", shape, RULE, random_weights(shape, 3)),
        parity_case(batch, 6),
        (1, 5),
    )
    found = deviation(
        run_parity_case(create_engine("tensorrt", network), case, steps),
        run_parity_case(NativeEngine(network), case, steps),
        case,
    )
    allowed = TOLERANCES["tensorrt"]
    assert found.loss <= allowed.loss
    assert 1e-6 < found.gradient <= allowed.gradient  # above 0: float16 is in use
    assert found.pb <= allowed.pb
    assert found.generated <= allowed.generated


def test_captures_a_step_once_and_results_survive_the_next_call(gpu: Make) -> None:
    trt, engine = gpu(), create_engine("tensorrt", NETWORK)
    first = gradient(engine)
    kept, alive = first.copy(), trt.cuda.alive
    case = parity_case(1, 5, seed=2)
    engine.loss_and_gradient(case.windows, case.lengths, case.pb)
    np.testing.assert_array_equal(first, kept)
    assert (trt.cuda.alive, trt.built) == (alive, 1) == (1, 1)


def test_close_frees_everything(gpu: Make) -> None:
    trt, engine = gpu(), create_engine("tensorrt", NETWORK)
    gradient(engine)
    engine.generate(np.zeros((2, 64), np.float32), np.zeros((2, 80), np.float32), 3)
    assert trt.cuda.memory
    engine.close()
    assert (trt.cuda.memory, trt.cuda.streams, trt.cuda.alive) == ({}, {}, 0)


def test_warm_up_builds_caches_and_reports_the_plan(gpu: Make, tmp_path: Path) -> None:
    trt, lines = gpu(), list[str]()
    engine = create_engine("tensorrt", NETWORK)
    engine.warm_up(5, lines.append)
    assert lines == ["TensorRT builds its plan, once: Fusing, 1 of 2"]
    assert len(plans(tmp_path)) == 1
    assert plans(tmp_path)[0].stat().st_mode & 0o077 == 0
    first = gradient(engine)
    again = create_engine("tensorrt", NETWORK)
    again.warm_up(5, lines.append)
    assert (trt.built, len(lines)) == (1, 1)
    np.testing.assert_array_equal(gradient(again), first)


def test_plans_share_the_timing_cache(gpu: Make) -> None:
    trt, engine = gpu(), create_engine("tensorrt", NETWORK)
    engine.warm_up(5)
    engine.warm_up(6)
    assert (trt.built, trt.timing_seen) == (2, [b"", b"timings"])


@pytest.mark.parametrize("change", ["version", "weights", "bundle", "frames"])
def test_a_change_of_any_dependency_builds_another_plan(
    gpu: Make, tmp_path: Path, change: str
) -> None:
    gpu()
    create_engine("tensorrt", NETWORK).warm_up(5)
    weights = random_weights(SHAPE, 1) if change == "weights" else NETWORK.weights
    other = Network("test", SHAPE, RULE, weights, "cd" if change == "bundle" else "ab")
    gpu(version="11.4.1.0" if change == "version" else "11.4.0.106")
    create_engine("tensorrt", other).warm_up(6 if change == "frames" else 5)
    assert len(plans(tmp_path)) == 2


def test_rebuilds_and_reports_a_rejected_plan(gpu: Make, tmp_path: Path) -> None:
    trt, lines = gpu(), list[str]()
    create_engine("tensorrt", NETWORK).warm_up(5)
    (path,) = plans(tmp_path)
    path.write_bytes(b"torn")
    create_engine("tensorrt", NETWORK).warm_up(5, lines.append)
    assert lines[0] == "TensorRT rejects the cached plan; rebuilding it"
    assert (trt.built, path.read_bytes().startswith(PLAN)) == (2, True)


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX's")
def test_ignores_a_plan_that_other_users_may_write(gpu: Make, tmp_path: Path) -> None:
    trt, lines = gpu(), list[str]()
    create_engine("tensorrt", NETWORK).warm_up(5)
    plans(tmp_path)[0].chmod(0o666)
    create_engine("tensorrt", NETWORK).warm_up(5, lines.append)
    assert "is not used: other users may write it" in lines[0]
    assert trt.built == 2


def test_reports_a_cache_that_cannot_be_written(gpu: Make, tmp_path: Path) -> None:
    gpu()
    (tmp_path / "genuine-gauge").write_text("a file where the folder would be")
    lines: list[str] = []
    create_engine("tensorrt", NETWORK).warm_up(5, lines.append)
    assert "cannot be written" in lines[-1]
    assert "rebuilt at every start" in lines[-1]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"gpus": 0}, "CUDA finds no NVIDIA GPU; check that nvidia-smi lists one"),
        (
            {"fails": "cudaGetDeviceCount"},
            "CUDA's cudaGetDeviceCount failed: invalid argument; check the GPU",
        ),
        (
            {"version": "9.3.0"},
            r"TensorRT 9.3.0 is not supported, only 10 and 11; try: pip install 'tensorrt>=10,<12'",
        ),
    ],
)
def test_reports_why_it_is_unavailable(
    gpu: Make, settings: dict[str, object], message: str
) -> None:
    gpu(**settings)
    assert re.search(message, str(why_unavailable("tensorrt")))


def test_accepts_tensorrt_10(gpu: Make) -> None:
    gpu(version="10.13.3.9")
    assert why_unavailable("tensorrt") is None


def test_reports_missing_packages_with_the_install_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cuda", None)
    for name in IMPORTERS:
        monkeypatch.delitem(sys.modules, name, raising=False)
    assert "try: pip install 'genuine-gauge[tensorrt]'" in str(why_unavailable("tensorrt"))


def test_reports_the_parser_error_of_an_unreadable_graph(gpu: Make) -> None:
    gpu().reads = False
    with pytest.raises(
        EngineUnavailable, match="cannot read the graph: no importer for Warp; use another --engine"
    ):
        create_engine("tensorrt", NETWORK).warm_up(5)


def test_reports_a_plan_that_does_not_load(gpu: Make) -> None:
    gpu().loads = False
    with pytest.raises(EngineUnavailable, match="cannot load the plan it built"):
        create_engine("tensorrt", NETWORK).warm_up(5)


@pytest.mark.parametrize(
    "step", ["cudaMalloc", "cudaMemcpyAsync", "cudaGraphLaunch", "cudaStreamEndCapture"]
)
def test_a_failed_cuda_call_raises(gpu: Make, step: str) -> None:
    trt = gpu()
    engine = create_engine("tensorrt", NETWORK)
    trt.cuda.fails = step
    with pytest.raises(EngineUnavailable, match=f"CUDA's {step} failed"):
        gradient(engine)


def test_rejects_a_network_with_invalid_weights(gpu: Make) -> None:
    gpu()
    with pytest.raises(EngineInputError, match="want float32"):
        create_engine("tensorrt", Network("large", NetworkShape(7, 2), RULE, NETWORK.weights))


@pytest.mark.gpu
def test_a_gpu_agrees_within_its_tolerance() -> None:
    if reason := why_unavailable("tensorrt"):
        pytest.skip(reason)
    case, steps = parity_case(3, 8), (1, 5)
    found = deviation(
        run_parity_case(create_engine("tensorrt", NETWORK), case, steps),
        run_parity_case(NativeEngine(NETWORK), case, steps),
        case,
    )
    assert found.gradient <= TOLERANCES["tensorrt"].gradient
