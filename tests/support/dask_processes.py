"""Scheduler and workers of Dask as processes that a test can kill."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[2]
LONG_S = 300.0


class DaskProcesses:
    """A scheduler on this machine and its workers, each in a process without a nanny."""

    def __init__(self, folder: Path) -> None:
        self._file, self._folder = folder / "scheduler.json", folder
        options = ("--host", "127.0.0.1", "--port", "0", "--no-dashboard")
        self.scheduler = self._start(
            "dask_scheduler", *options, "--scheduler-file", str(self._file)
        )
        self.workers: list[subprocess.Popen[bytes]] = []
        until(self._file.exists)

    @property
    def address(self) -> str:
        """Return the address of the scheduler."""
        return str(json.loads(self._file.read_text())["address"])

    def start_worker(self, threads: int = 1) -> subprocess.Popen[bytes]:
        """Start a worker; it comes a little later."""
        options = ("--nthreads", str(threads), "--no-nanny", "--no-dashboard")
        worker = self._start("dask_worker", self.address, *options)
        self.workers.append(worker)
        return worker

    def close(self) -> None:
        """Kill everything."""
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait(LONG_S)

    def _start(self, program: str, *options: str) -> subprocess.Popen[bytes]:
        support = str(Path(__file__).parent)  # where functions of tests are found
        path = os.pathsep.join((str(ROOT), support, os.environ.get("PYTHONPATH", "")))
        return subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.{program}", *options],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self._folder,
            env={**os.environ, "PYTHONPATH": path, "OPENBLAS_NUM_THREADS": "1"},
        )


def until(condition: Callable[[], bool]) -> None:
    """Wait until `condition` holds, at most five minutes."""
    end = time.monotonic() + LONG_S
    while not condition() and time.monotonic() < end:
        threading.Event().wait(0.05)
    assert condition()
