"""Files and sockets that the gauge touches, seen through Python's audit events."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from realtime.capture.demo import CLIP

ROOT = Path(__file__).parents[2]
WATCHER = """
import json, os, sys
events = []
def watch(event, arguments):
    if event == "open":
        path, mode, flags = arguments
        writes = flags is not None and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        if writes and isinstance(path, (str, bytes)):
            events.append(["write", os.fsencode(path).decode("utf-8", "replace")])
    elif event.startswith(("socket.", "urllib.", "http.", "ftplib.", "smtplib.")):
        events.append([event, repr(arguments)[:200]])
        if event in ("socket.connect", "socket.getaddrinfo"):
            raise OSError("this machine is offline")
sys.addaudithook(watch)
from realtime.app.cli import main
code = main(sys.argv[2:])
with open(sys.argv[1], "w") as out:
    json.dump([event for event in events if event[1] != sys.argv[1]], out)
sys.exit(code)
"""
Watch = Callable[..., tuple[list[list[str]], subprocess.CompletedProcess[str]]]


@pytest.fixture
def watch(tmp_path: Path) -> Watch:
    """Run `realtime` in an empty folder and home; return what it opened and how it ended."""

    def run(
        *options: str, **environment: str
    ) -> tuple[list[list[str]], subprocess.CompletedProcess[str]]:
        for name in ("home", "tmp", "here"):
            (tmp_path / name).mkdir(exist_ok=True)
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("XDG", "DISPLAY", "WAYLAND"))
        }
        places = {
            "HOME": str(tmp_path / "home"),
            "TMPDIR": str(tmp_path / "tmp"),
            "PYTHONPATH": str(ROOT),
        }
        inherited |= {**places, "PYTHONDONTWRITEBYTECODE": "1"} | environment
        command = [sys.executable, "-c", WATCHER, str(tmp_path / "events.json"), "--yes", *options]
        done = subprocess.run(
            command,
            cwd=tmp_path / "here",
            env=inherited,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=600,
        )
        assert (tmp_path / "events.json").exists(), (done.returncode, done.stdout, done.stderr)
        return json.loads((tmp_path / "events.json").read_text()), done

    return run


@pytest.fixture
def short(tmp_path: Path) -> Path:
    """Twelve frames of the demo clip, in a folder with spaces and umlauts."""
    import cv2

    folder = tmp_path / "Filme über Größe"
    folder.mkdir()
    plain, path = tmp_path / "short.mp4", folder / "kürzer als lang.mp4"
    source = cv2.VideoCapture(str(CLIP))
    out = cv2.VideoWriter(str(plain), cv2.VideoWriter.fourcc(*"mp4v"), 30, (640, 360))
    for _ in range(12):
        out.write(source.read()[1])
    out.release()
    return plain.rename(path)


def touched(events: list[list[str]]) -> list[list[str]]:
    """Return the events except those of compiled code, which holds nothing personal."""
    return [event for event in events if "__pycache__" not in event[1] and event[1] != os.devnull]


def written(tmp_path: Path) -> list[str]:
    """Return every file in the folders where a program might leave one, native code included."""
    places = [tmp_path / name for name in ("home", "tmp", "here")]
    return [
        str(path.relative_to(tmp_path))
        for place in places
        for path in place.rglob("*")
        if path.is_file()
    ]


def test_without_record_nothing_is_written_and_no_socket_is_opened(
    watch: Watch, short: Path, tmp_path: Path
) -> None:
    events, done = watch("--replay", str(short), "--headless", "--fast")
    assert (done.returncode, done.stderr) == (0, "")
    assert touched(events) == []
    assert written(tmp_path) == []


@pytest.mark.parametrize("options", [("--engine", "onnx"), ("--engine", "torch"), ("--doctor",)])
def test_no_library_writes_a_file_or_opens_a_socket(
    watch: Watch, short: Path, tmp_path: Path, options: tuple[str, ...]
) -> None:
    """ONNX Runtime would write and send telemetry unless it is disabled."""
    for name in ("onnx", "onnxruntime", "torch"):
        pytest.importorskip(name)
    events, done = watch(
        *(("--replay", str(short), "--headless", "--fast") if "--engine" in options else ()),
        *options,
    )
    assert done.returncode == 0, done.stderr
    assert touched(events) == []
    assert written(tmp_path) == []


def test_a_poor_machine_is_enough_and_the_record_is_private(
    watch: Watch, short: Path, tmp_path: Path
) -> None:
    """No display, no GPU, one core, read-only home, C locale, umlaut in the path, offline."""
    record = short.with_name("Übersicht.jsonl")
    pinned = {
        "LC_ALL": "C",
        "LANG": "C",
        "HOME": "/proc/nowhere",
        "CUDA_VISIBLE_DEVICES": "",
        "PYTHONUTF8": "0",
    }
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    try:
        events, done = watch(
            "--replay", str(short), "--no-window", "--fast", "--record", str(record), **pinned
        )
    finally:
        os.sched_setaffinity(0, cores)
    assert (done.returncode, done.stderr) == (0, "")
    assert "12 captured, 12 processed" in done.stdout
    lines = [json.loads(line) for line in record.read_text(encoding="utf-8").splitlines()]
    assert (lines[0]["type"], lines[0]["source"], lines[-1]["type"]) == (
        "run",
        short.name,
        "summary",
    )
    assert stat.S_IMODE(record.stat().st_mode) == 0o600
    assert touched(events) == [["write", str(record)]]


@pytest.mark.parametrize(("first", "second"), [("torch", "xgboost"), ("xgboost", "torch")])
def test_torch_and_xgboost_live_in_one_process_in_either_order(first: str, second: str) -> None:
    """Each brings its own OpenMP; on some machines the second one to load ends the process."""
    pytest.importorskip("torch")
    code = f"""if True:
        import {first}, {second}
        import numpy
        rows = numpy.random.default_rng(0).normal(0, 1, (200, 4)).astype("float32")
        trees = xgboost.train({{"nthread": 2}}, xgboost.DMatrix(rows, rows[:, 0] > 0), 3)
        weights = torch.ones(4, requires_grad=True)
        (torch.from_numpy(rows) @ weights).sum().backward()
        print(trees.inplace_predict(rows).shape, tuple(weights.grad.shape))
    """
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=600)
    assert (done.returncode, done.stdout.strip()) == (0, "(200,) (4,)"), done.stderr


def test_a_processor_without_avx_gets_kernels_that_it_can_run() -> None:
    """The numbers are the same when Numba compiles for a generic processor."""
    code = """if True:
        import numpy
        from engines.model.network import Network
        from engines.native.engine import NativeEngine
        from engines.model.shape import NetworkShape, StepRule
        from engines.model.weights import random_weights
        shape = NetworkShape(8, 1)
        rule, weights = StepRule((1.0,), 0.001, 0.9), random_weights(shape, 0)
        engine = NativeEngine(Network("test", shape, rule, weights))
        rng = numpy.random.default_rng(0)
        windows = rng.normal(0, 1, (1, 6, 80)).astype("float32")
        pb = rng.normal(0, 1, (1, 64)).astype("float32")
        loss, gradient = engine.loss_and_gradient(windows, numpy.array([6]), pb)
        print(float(loss[0]), float(abs(gradient).sum()))
    """
    found = []
    for processor in ({}, {"NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": ""}):
        environment = {**os.environ, **processor, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(
            [sys.executable, "-c", code],
            env=environment,
            capture_output=True,
            text=True,
            timeout=600,
        )
        assert done.returncode == 0, done.stderr
        found.append([float(number) for number in done.stdout.split()])
    assert found[1] == pytest.approx(found[0], rel=1e-4)
