"""`python -m engines.bench [--json FILE]`: how fast each engine takes one PB step, and how true it is.

For each preset and batch the engines, eager torch and the floor take turns, so that whatever else the machine does
meets them alike; ratios are those of the medians. Torch runs on one thread, as the others do. The rows of six networks
are a gauge that asks about six emotions at once: a step of each network, one after the other, on one core.
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
TICKS, WARM_UP_TICKS = (
    10_000,
    1_000,
)  # of the memory's run; ticks before it, in which pools and caches fill
EMOTIONS = 6  # emotions, each with a network of its own
MIN_ROUNDS, MAX_ROUNDS, BUDGET_S = 5, 100, 10.0  # rounds of each preset and batch
TURN_S = 0.005  # that a turn takes at least: a single short step would be timed in caches that the last engine left


@dataclass(frozen=True, slots=True)
class BenchRow:
    """One engine on one preset and batch; a step is loss, gradient and move of all B PBs, of each network in turn."""

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
    """All rows, each printed when it is known; EngineUnavailable without torch, which the engines are compared with.

    Presets in `several` are also measured as six networks at once.
    """
    if reason := why_unavailable(BASELINE):
        raise EngineUnavailable(f"the bench compares with eager torch: {reason}")
    for name in ENGINES:
        if reason := why_unavailable(name):
            print(f"left out: {reason}")
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
            six = [Network(preset, shape, RULE, random_weights(shape, seed)) for seed in range(EMOTIONS)]
            rows += _rows(
                network,
                {name: [create_engine(name, each) for each in six] for name in names},
                1,
                starts,
                budget_s,
            )
            grown_mb = _in_new_process(_memory_growth_mb, choose_engine(weight_count(shape))[0], network, TICKS)
            print(
                f"auto on {preset}: memory grew by {grown_mb:.2f} MB in {TICKS} ticks", flush=True
            )
    return rows


def start_up(name: str, network: Network) -> tuple[float, float]:
    """Seconds from asking for an engine to its first answer, and peak memory, in a process of its own."""
    return _in_new_process(_measure_start_up, name, network)


def _in_new_process(work: Callable[..., T], *arguments: object) -> T:
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as fresh:
        return fresh.submit(work, *arguments).result(timeout=600)


def _memory_growth_mb(name: str, network: Network, ticks: int) -> float:
    """MB by which a process grows over so many ticks of one engine."""
    engine, some = create_engine(name, network), parity_case(1, FRAMES, ragged=False)
    for number in range(WARM_UP_TICKS + ticks):
        if number == WARM_UP_TICKS:
            before = _memory_mb("VmRSS")
        engine.refine(some.windows, some.lengths, some.pb, 1)
    return _memory_mb("VmRSS") - before


def _measure_start_up(name: str, network: Network) -> tuple[float, float]:
    started = time.perf_counter()
    create_engine(name, network).warm_up(FRAMES)
    seconds = time.perf_counter() - started
    return seconds, _memory_mb("VmHWM")


def _memory_mb(what: str) -> float:
    """This process's memory now (VmRSS) or at most (VmHWM). Linux's `ru_maxrss` would be the parent's if larger."""
    status = Path("/proc/self/status")
    if status.exists():
        (line,) = (line for line in status.read_text().splitlines() if line.startswith(what))
        return int(line.split()[1]) / 2**10
    return (
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    )  # macOS counts bytes, and knows the peak only


def _rows(
    network: Network,
    engines: dict[str, list[Engine]],
    batch: int,
    starts: dict[str, tuple[float, float]],
    budget_s: float,
) -> list[BenchRow]:
    some = parity_case(batch, FRAMES, ragged=False)
    true = _reference_gradient(network, some)
    times, one_s = _interleave(engines, some, Roofline(network.shape), budget_s)
    rows = []
    for name, several in engines.items():
        p50, p95 = np.percentile(times[name], (50, 95))
        floor_s = one_s * len(several)
        error = relative_error(several[0].loss_and_gradient(some.windows, some.lengths, some.pb)[1], true)
        speed = 1 / p50, float(np.median(times[BASELINE]) / p50), float(p50 / floor_s)
        allowed = TOLERANCES[name].gradient
        row = BenchRow(
            name,
            network.name,
            len(several),
            batch,
            1e3 * p50,
            1e3 * p95,
            *speed,
            error,
            allowed,
            *starts[name],
        )
        print(_table_line([_format_value(value) for value in asdict(row).values()]), flush=True)
        if p50 < floor_s and several[0].weight_bytes == 4:  # impossible on one core
            print(f"{name} is below the floor: do not trust this row before you know why")
        rows.append(row)
    return rows


def _reference_gradient(network: Network, some: ParityCase) -> np.ndarray:
    import torch

    from engines.pytorch.engine import TorchEngine

    torch.set_num_threads(1)
    return TorchEngine(network, torch.float64).loss_and_gradient(
        some.windows, some.lengths, some.pb
    )[1]


def _interleave(
    engines: dict[str, list[Engine]], some: ParityCase, floor: Roofline, budget_s: float
) -> tuple[dict[str, list[float]], float]:
    """Seconds of each engine's steps, and the median floor of one network, from rounds in which each has its turn."""

    def step(several: list[Engine]) -> None:
        for engine in several:
            engine.refine(some.windows, some.lengths, some.pb, 1)

    times: dict[str, list[float]] = {name: [] for name in engines}
    floors: list[float] = []
    for several in engines.values():
        step(several)
    ends, rounds = time.perf_counter() + budget_s, 0
    while rounds < MIN_ROUNDS or (rounds < MAX_ROUNDS and time.perf_counter() < ends):
        rounds += 1
        floors += _repeat(lambda: floor.step_s(len(some.pb), FRAMES))
        for name, several in engines.items():
            times[name] += _repeat(lambda several=several: _seconds(lambda: step(several)))  # type: ignore[misc]
    return times, float(np.median(floors))


def _repeat(measure: Callable[[], float]) -> list[float]:
    """What `measure` says, again and again for `TURN_S`."""
    ends, found = time.perf_counter() + TURN_S, [measure()]
    while time.perf_counter() < ends:
        found.append(measure())
    return found


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
