"""Killed workers and killed runs of `calibrate score`: the table is that of an undisturbed run."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from dask_processes import DaskProcesses
from recordings import write_video

CLIPS, PATIENCE_S = 5, 240.0


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a manifest of small videos of two people."""
    folder = tmp_path_factory.mktemp("corpus")
    for n in range(CLIPS):
        write_video(folder / f"{n}.avi", n, frames=2)
    rows = "".join(f"{n}.avi,P{n % 2},fear,fake\n" for n in range(CLIPS))
    (folder / "list.csv").write_text("clip,person,emotion,label\n" + rows)
    return folder / "list.csv"


def start(corpus: Path, out: Path, *where: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "calibrate", "score", str(corpus), "-o", str(out)]
    options = where or ("--jobs", "2")
    return subprocess.Popen(
        [*command, *options], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )


def finish(run: subprocess.Popen[str]) -> None:
    _, errors = run.communicate(timeout=PATIENCE_S)
    assert run.returncode == 0, errors


@pytest.fixture(scope="module")
def undisturbed(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    out = tmp_path_factory.mktemp("whole") / "t.csv"
    finish(start(corpus, out))
    return out.read_bytes()


@pytest.fixture
def begun(corpus: Path, tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """Yield a run that has recorded its first clip, and its table's path."""
    out = tmp_path / "t.csv"
    run = start(corpus, out)
    try:
        until(lambda: bool(recordings(out)) or run.poll() is not None)
        yield run, out
    finally:
        run.kill()
        run.communicate(timeout=PATIENCE_S)


def recordings(out: Path) -> list[Path]:
    return list(out.with_name(f"{out.name}.parts").rglob("*.npz"))


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not condition() and time.monotonic() < end:
        threading.Event().wait(0.02)
    assert condition()


def workers_of(run: subprocess.Popen[str]) -> list[psutil.Process]:
    children = psutil.Process(run.pid).children()
    return [child for child in children if "spawn_main" in " ".join(child.cmdline())]


def test_a_worker_that_is_killed_changes_nothing(
    begun: tuple[subprocess.Popen[str], Path], undisturbed: bytes
) -> None:
    run, out = begun
    victims = workers_of(run)
    assert victims
    for victim in victims:
        victim.kill()
    finish(run)
    assert out.read_bytes() == undisturbed


def test_a_run_that_is_killed_goes_on_where_it_was(
    begun: tuple[subprocess.Popen[str], Path], undisturbed: bytes, corpus: Path
) -> None:
    run, out = begun
    workers = workers_of(run)
    run.kill()
    run.wait(PATIENCE_S)
    until(lambda: not any(worker.is_running() for worker in workers))
    assert not out.exists()
    kept = {path: path.stat().st_mtime_ns for path in recordings(out)}
    assert kept
    again = start(corpus, out)
    until(lambda: out.exists() or len(recordings(out)) > len(kept) or again.poll() is not None)
    assert all(p.stat().st_mtime_ns == at for p, at in kept.items() if p.exists())
    finish(again)
    assert out.read_bytes() == undisturbed
    assert [path.name for path in out.parent.iterdir()] == ["t.csv"]


def test_a_cluster_gives_the_same_table(corpus: Path, undisturbed: bytes, tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    out = tmp_path / "t.csv"
    finish(start(corpus, out, "--workers", "2"))
    assert out.read_bytes() == undisturbed


@pytest.mark.parametrize("victim", ["worker", "scheduler"])
def test_a_cluster_that_breaks_changes_nothing(
    victim: str, corpus: Path, undisturbed: bytes, tmp_path: Path
) -> None:
    """Another worker takes over; without a scheduler the run ends, and goes on elsewhere."""
    pytest.importorskip("distributed")
    processes, out = DaskProcesses(tmp_path), tmp_path / "out" / "t.csv"
    out.parent.mkdir()
    try:
        killed = processes.start_worker()
        run = start(corpus, out, "--scheduler", processes.address)
        until(lambda: bool(recordings(out)) or run.poll() is not None)
        if victim == "worker":
            killed.kill()
            processes.start_worker()
            finish(run)
        else:
            processes.scheduler.kill()
            _, errors = run.communicate(timeout=PATIENCE_S)
            last = errors.splitlines()[-1]
            assert (run.returncode, "Traceback" in errors) == (1, False), errors
            assert last.startswith("calibrate: ClusterFailed: the Dask scheduler is gone; what is")
            assert recordings(out)
            finish(start(corpus, out))
    finally:
        processes.close()
    assert out.read_bytes() == undisturbed
