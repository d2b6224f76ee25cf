"""Measure the time from the start of `realtime --demo` to its first reading.

    python -m realtime.tools.time_to_first_reading

Each run is a new process. The first may compile the engine, so the medians leave it out. The CPU
time shows what an idle machine could reach: most of the start-up runs on one core.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence

RUNS = 5
GAUGE = ("-m", "realtime", "--demo", "--no-window", "--yes")
READING = " s  "  # a reading's line starts with its time


def main() -> None:
    """Print the times of each run, and the medians of all but the first."""
    taken = []
    for number in range(1 + RUNS):
        wall_s, cpu_s = time_to_first_reading_s([sys.executable, *GAUGE])
        print(
            f"run {number}: first reading after {wall_s:.2f} s, CPU time {cpu_s:.2f} s", flush=True
        )
        taken.append((wall_s, cpu_s))
    wall_s, cpu_s = (statistics.median(column) for column in zip(*taken[1:], strict=True))
    print(f"medians of runs 1 to {RUNS}: {wall_s:.2f} s, CPU time {cpu_s:.2f} s")


def time_to_first_reading_s(command: Sequence[str]) -> tuple[float, float]:
    """Return seconds and CPU seconds from starting `command` to its first reading; kill it there.

    Raises RuntimeError if it ends without a reading.
    """
    before, began_s = _children_s(), time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        line = next((line for line in child.stdout if READING in line), None)
        wall_s = time.monotonic() - began_s
        child.kill()  # a clean stop would add the time of the summary
    if line is None:
        raise RuntimeError(
            f"{' '.join(command)} ended without a reading; run it by itself to see why"
        )
    return wall_s, _children_s() - before


def _children_s() -> float:
    """Return the CPU time of all child processes that have ended."""
    times = os.times()
    return times.children_user + times.children_system


if __name__ == "__main__":
    main()
