"""Which engines run on this machine, or the exact reason why one does not; what the processor can."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engines.errors import GaugeError
from engines.model.network import Network
from engines.model.shape import NetworkShape, StepRule
from engines.model.weights import random_weights
from engines.registry import AUTO, ENGINES, choose_engine, create_engine

TINY_SHAPE = NetworkShape(hidden=4, blocks=1)
SIMD_FEATURES = (
    "sse4.2",
    "neon",
    "fma",
    "avx2",
    "avx512f",
    "avx512bf16",
    "sve",
)  # what the compiled engines gain from


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One thing that was looked at: whether it is well, and what was seen or what mends it.

    The gauge cannot run when something `needed` is not well.
    """

    name: str
    ok: bool
    details: str
    required: bool = False

    def __str__(self) -> str:
        mark = "ok" if self.ok else "BAD" if self.required else "-"
        return f"{mark:<4}{self.name:<16}{self.details}"


def check_engines(requested: str, weights: int) -> Iterator[CheckResult]:
    """Every engine, tried out; the one that `asked` stands for is needed. `weights` are those of one network."""
    picked, reason = choose_engine(weights)
    yield CheckResult(AUTO, True, f"takes {picked}: {reason}")
    wanted = picked if requested == AUTO else requested
    for name, backend in ENGINES.items():
        fault = engine_fault(name)
        yield CheckResult(name, fault is None, fault or backend.summary, required=name == wanted)


def engine_fault(name: str) -> str | None:
    """Why the engine cannot take a step on a tiny network here; None if it can."""
    network = Network("tiny", TINY_SHAPE, StepRule((0.5,), 0.01, 0.9), random_weights(TINY_SHAPE, 0))
    try:
        engine = create_engine(name, network)
        engine.warm_up(2)
        engine.close()
    except GaugeError as reason:
        return str(reason)
    except (
        Exception
    ) as reason:  # whatever a driver or library throws is what the doctor was called for
        return f"engine {name} fails: {type(reason).__name__}: {' '.join(str(reason).split())}"
    return None


def check_cpu() -> CheckResult:
    """The processor, as the compiler of the native engines sees it."""
    try:
        from llvmlite import binding
    except (ImportError, OSError) as reason:
        return CheckResult("CPU", False, f"unknown ({reason}); try: pip install numba")
    there = binding.get_host_cpu_features()
    found = [name for name in SIMD_FEATURES if there.get(name)]
    return CheckResult(
        "CPU",
        True,
        f"{binding.get_host_cpu_name()} with {', '.join(found) or 'no vector units we know'}",
    )
