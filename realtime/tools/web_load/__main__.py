"""Measure what web clients cost the gauge, on loopback.

    python -m realtime.tools.web_load

The gauge watches a network camera (the demo clip as MJPEG), first without clients, then with 100
WebSocket clients and 20 that never read, and so on in turns. Camera and clients are processes of
their own, but they share this machine's cores with the gauge: --pin gives the gauge core 0 and the
others core 1 in every run, so that only what the server itself costs is compared.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

from realtime.tools.web_load.camera import camera_server, encode_clip
from realtime.tools.web_load.clients import Received, read_for
from realtime.tools.web_load.figures import HEADER, RunFigures, ages_ms, ends, percentiles

WARM_UP_S = 10.0
START_S = 60.0  # for the gauge to print its address; the first start also compiles the engine
GAUGE_CORES, OTHER_CORES = {0}, {1}


def main() -> None:
    """Print a table of all runs and the ratio of their ages."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=120.0, help="of each run (120)")
    parser.add_argument("--clients", type=int, default=100, help="that read (100)")
    parser.add_argument("--dead", type=int, default=20, help="that never read (20)")
    parser.add_argument("--rounds", type=int, default=1, help="runs of each kind (1)")
    parser.add_argument("--pin", action="store_true", help="gauge and clients on separate cores")
    options = parser.parse_args()
    print(HEADER)
    quiet: list[RunFigures] = []
    loaded: list[RunFigures] = []
    with camera(options.pin) as address, tempfile.TemporaryDirectory() as folder:
        for number in range(options.rounds):
            for counts, runs in (((0, 0), quiet), ((options.clients, options.dead), loaded)):
                record = Path(folder) / f"{number}-{sum(counts)}.jsonl"
                runs.append(run_gauge(address, record, counts, options.seconds, options.pin))
                print(runs[-1].line, flush=True)
    p95_ms = [statistics.median(run.age_ms[1] for run in runs) for runs in (quiet, loaded)]
    print(f"age p95 with clients / without: {p95_ms[1] / p95_ms[0]:.2f}")


@contextmanager
def camera(pin: bool) -> Iterator[str]:
    """Run the camera in a process; yield its address."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.Process(target=_run_camera, args=(theirs, pin), daemon=True)
    process.start()
    try:
        if not ours.poll(START_S):
            raise RuntimeError("the camera did not start in time")
        yield f"http://127.0.0.1:{ours.recv()}/"
    finally:
        process.kill()
        process.join()


def run_gauge(
    camera_address: str, record: Path, counts: tuple[int, int], seconds: float, pin: bool
) -> RunFigures:
    """Run the gauge with (reading, dead) clients for `seconds` after a warm-up."""
    command = [sys.executable, "-m", "realtime", "--url", camera_address, "--emotion", "surprise"]
    command += ["--headless", "--yes", "--serve", "0", "--record", str(record)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL) as gauge:
        try:
            _pin(gauge.pid, GAUGE_CORES, pin)
            port = _port(gauge)
            time.sleep(WARM_UP_S)
            memory = _MemoryMeter(gauge.pid)
            received = _load(port, counts, seconds, pin)
            memory_mb = ends(memory.stop())
        finally:
            gauge.terminate()
            _, _ = gauge.communicate(timeout=START_S)
    ages = ages_ms(record, WARM_UP_S)
    delays = percentiles(received.delays_ms) if received.delays_ms else None
    label = f"{counts[0]} clients, {counts[1]} dead"
    return RunFigures(label, len(ages), percentiles(ages), delays, memory_mb, received.lost)


def _load(port: int, counts: tuple[int, int], seconds: float, pin: bool) -> Received:
    """Run the clients in a process of their own."""
    if not any(counts):
        time.sleep(seconds)
        return Received()
    ours, theirs = multiprocessing.Pipe()
    work = (theirs, port, counts, seconds, pin)
    process = multiprocessing.Process(target=_run_clients, args=work, daemon=True)
    process.start()
    try:
        if not ours.poll(seconds + START_S):
            raise RuntimeError("the clients did not end in time")
        received: Received = ours.recv()
        return received
    finally:
        process.kill()
        process.join()


def _run_camera(pipe: Connection, pin: bool) -> None:
    _pin(0, OTHER_CORES, pin)
    server = camera_server(encode_clip())
    pipe.send(server.server_port)
    server.serve_forever()


def _run_clients(
    pipe: Connection, port: int, counts: tuple[int, int], seconds: float, pin: bool
) -> None:
    _pin(0, OTHER_CORES, pin)
    pipe.send(asyncio.run(read_for(port, *counts, seconds)))


def _pin(pid: int, cores: set[int], enabled: bool) -> None:
    if enabled:
        os.sched_setaffinity(pid, cores)


def _port(gauge: subprocess.Popen[bytes]) -> int:
    """Return the port that the gauge prints; raises RuntimeError if it ends instead."""
    assert gauge.stderr is not None
    overdue = threading.Timer(START_S, gauge.kill)
    overdue.start()
    line = gauge.stderr.readline().decode()
    overdue.cancel()
    match = re.match(r"web page: http://[^:]+:(\d+)/", line)
    if match is None:
        raise RuntimeError(f"the gauge printed {line!r}; run it by itself to see why")
    return int(match[1])


class _MemoryMeter:
    """Samples the memory of a process once a second, in a thread of its own."""

    def __init__(self, pid: int) -> None:
        self._pid, self._stopping = pid, threading.Event()
        self._samples_mb: list[float] = []
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> list[float]:
        """Return the samples in MB."""
        self._stopping.set()
        self._thread.join()
        return self._samples_mb

    def _run(self) -> None:
        while True:
            self._samples_mb.append(_memory_mb(self._pid))
            if self._stopping.wait(1.0):
                return


def _memory_mb(pid: int) -> float:
    """Return the resident memory of a process (Linux)."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    main()
