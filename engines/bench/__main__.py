"""`python -m engines.bench [--json FILE]`: speed and accuracy of one PB step of each engine.

For each preset and batch the engines, eager torch and the roofline alternate, so other load on the
machine affects them alike; ratios are those of the medians. Torch runs on one thread, as the others
do. Rows with six networks are a gauge that reads six emotions at once: one step of each network,
one after the other, on one core.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, fields
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np

from engines.bench.parity import TOLERANCES, ParityCase, parity_case, relative_error
from engines.bench.roofline import Roofline
from engines.engine import Engine
from engines.errors import EngineUnavailable, GaugeError
from engines.model.network import Network
from engines.model.shape import PRESETS, NetworkShape, StepRule
from engines.model.weights import random_weights, weight_count
from engines.registry import ENGINES, choose_engine, create_engine, why_unavailable

T = TypeVar("T")
FRAMES = 24
BATCHES = (1, 6, 16)
RULE = StepRule(lengths=(0.5,), epsilon=0.01, closed_loop=0.9)
BASELINE = "torch"
# of the memory test; the warm-up fills pools and caches
TICKS, WARM_UP_TICKS = 10_000, 1_000
EMOTIONS = 6  # each with its own network
MIN_ROUNDS, MAX_ROUNDS, BUDGET_S = 5, 100, 10.0  # rounds of each preset and batch
# minimum of a turn: a single short step would run in the caches that the last engine left
TURN_S = 0.005


@dataclass(frozen=True, slots=True)
class BenchRow:
    """Figures of one engine on one preset and batch; a step updates all B PBs of each network."""

    engine: str
    preset: str
    networks: int
    batch: int
    p50_ms: float
    p95_ms: float
    steps_per_s: float
    times_faster_than_eager: float
    times_slower_than_roofline: float
    gradient_error: float
    gradient_tolerance: float
    start_up_s: float
    memory_mb: float


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark from the command line; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m engines.bench", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the rows to FILE")
    chosen = parser.parse_args(arguments)
    try:
        rows = run_benchmark(PRESETS, BATCHES)
    except GaugeError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    if chosen.json:
        chosen.json.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n")
    return 0


def run_benchmark(
    shapes: dict[str, NetworkShape],
    batches: Sequence[int],
    budget_s: float = BUDGET_S,
    six_network_presets: Sequence[str] = ("live",),
) -> list[BenchRow]:
    """Measure and print all rows; raise EngineUnavailable without torch, the baseline.

    Presets in `six_network_presets` are also measured as six networks at once.
    """
    if reason := why_unavailable(BASELINE):
        raise EngineUnavailable(f"the benchmark compares with eager torch: {reason}")
    for name in ENGINES:
        if reason := why_unavailable(name):
            print(f"skipped: {reason}")
    names = [name for name in ENGINES if why_unavailable(name) is None]
    print(_table_line([field.name for field in fields(BenchRow)]))
    rows = []
    for preset, shape in shapes.items():
        network = Network(preset, shape, RULE, random_weights(shape, 0))
        starts = {name: start_up(name, network) for name in names}
        single = {name: [create_engine(name, network)] for name in names}
        for batch in batches:
            rows += _rows(network, single, batch, starts, budget_s)
        if preset in six_network_presets:
            six = [
                Network(preset, shape, RULE, random_weights(shape, seed))
                for seed in range(EMOTIONS)
            ]
            rows += _rows(
                network,
                {name: [create_engine(name, each) for each in six] for name in names},
                1,
                starts,
                budget_s,
            )
            growth_mb = _in_new_process(
                _memory_growth_mb, choose_engine(weight_count(shape))[0], network, TICKS
            )
            print(
                f"auto on {preset}: memory grew by {growth_mb:.2f} MB in {TICKS} ticks", flush=True
            )
    return rows


def start_up(name: str, network: Network) -> tuple[float, float]:
    """Return seconds until an engine's first result, and peak memory in MB, in a new process."""
    return _in_new_process(_measure_start_up, name, network)


def _in_new_process(work: Callable[..., T], *arguments: object) -> T:
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as fresh:
        return fresh.submit(work, *arguments).result(timeout=600)


def _memory_growth_mb(name: str, network: Network, ticks: int) -> float:
    """Return by how many MB this process grows over `ticks` ticks of one engine."""
    engine, case = create_engine(name, network), parity_case(1, FRAMES, ragged=False)
    for number in range(WARM_UP_TICKS + ticks):
        if number == WARM_UP_TICKS:
            before = _memory_mb("VmRSS")
        engine.refine(case.windows, case.lengths, case.pb, 1)
    return _memory_mb("VmRSS") - before


def _measure_start_up(name: str, network: Network) -> tuple[float, float]:
    started = time.perf_counter()
    create_engine(name, network).warm_up(FRAMES)
    seconds = time.perf_counter() - started
    return seconds, _memory_mb("VmHWM")


def _memory_mb(what: str) -> float:
    """Return this process's current (VmRSS) or peak (VmHWM) memory.

    Linux's `ru_maxrss` would be the parent's if larger.
    """
    status = Path("/proc/self/status")
    if status.exists():
        (line,) = (line for line in status.read_text().splitlines() if line.startswith(what))
        return int(line.split()[1]) / 2**10
    # macOS counts bytes and reports the peak only
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def _rows(
    network: Network,
    engines: dict[str, list[Engine]],
    batch: int,
    starts: dict[str, tuple[float, float]],
    budget_s: float,
) -> list[BenchRow]:
    case = parity_case(batch, FRAMES, ragged=False)
    true = _reference_gradient(network, case)
    times, one_s = _interleave(engines, case, Roofline(network.shape), budget_s)
    rows = []
    for name, networks in engines.items():
        p50, p95 = np.percentile(times[name], (50, 95))
        roofline_s = one_s * len(networks)
        error = relative_error(
            networks[0].loss_and_gradient(case.windows, case.lengths, case.pb)[1], true
        )
        speed = 1 / p50, float(np.median(times[BASELINE]) / p50), float(p50 / roofline_s)
        allowed = TOLERANCES[name].gradient
        row = BenchRow(
            name,
            network.name,
            len(networks),
            batch,
            1e3 * p50,
            1e3 * p95,
            *speed,
            error,
            allowed,
            *starts[name],
        )
        print(_table_line([_format_value(value) for value in asdict(row).values()]), flush=True)
        if p50 < roofline_s and networks[0].weight_bytes == 4:  # impossible on one core
            print(f"{name} is below the roofline: do not trust this row before you know why")
        rows.append(row)
    return rows


def _reference_gradient(network: Network, case: ParityCase) -> np.ndarray:
    import torch

    from engines.pytorch.engine import TorchEngine

    torch.set_num_threads(1)
    return TorchEngine(network, torch.float64).loss_and_gradient(
        case.windows, case.lengths, case.pb
    )[1]


def _interleave(
    engines: dict[str, list[Engine]], case: ParityCase, roofline: Roofline, budget_s: float
) -> tuple[dict[str, list[float]], float]:
    """Return seconds of each engine's steps and the median roofline of one network, interleaved."""

    def step(networks: list[Engine]) -> None:
        for engine in networks:
            engine.refine(case.windows, case.lengths, case.pb, 1)

    times: dict[str, list[float]] = {name: [] for name in engines}
    bounds: list[float] = []
    for networks in engines.values():
        step(networks)
    ends, rounds = time.perf_counter() + budget_s, 0
    while rounds < MIN_ROUNDS or (rounds < MAX_ROUNDS and time.perf_counter() < ends):
        rounds += 1
        bounds += _repeat(lambda: roofline.step_s(len(case.pb), FRAMES))
        for name, networks in engines.items():
            times[name] += _repeat(partial(_seconds, partial(step, networks)))
    return times, float(np.median(bounds))


def _repeat(measure: Callable[[], float]) -> list[float]:
    """Repeat `measure` for `TURN_S` seconds -> its results."""
    ends, results = time.perf_counter() + TURN_S, [measure()]
    while time.perf_counter() < ends:
        results.append(measure())
    return results


def _seconds(work: Callable[[], None]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _table_line(values: Sequence[str]) -> str:
    return "  ".join(
        f"{value:>{max(8, len(field.name))}}"
        for value, field in zip(values, fields(BenchRow), strict=True)
    )


def _format_value(value: float | int | str) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


if __name__ == "__main__":
    sys.exit(main())
