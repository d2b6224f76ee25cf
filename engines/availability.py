"""Engines that run on this machine, or the reason why one does not; CPU features."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engines.errors import GaugeError
from engines.model.network import Network
from engines.model.shape import NetworkShape, StepRule
from engines.model.weights import random_weights
from engines.registry import AUTO, ENGINES, choose_engine, create_engine

TINY_SHAPE = NetworkShape(hidden=4, blocks=1)
# CPU features that speed up the compiled engines
SIMD_FEATURES = ("sse4.2", "neon", "fma", "avx2", "avx512f", "avx512bf16", "sve")


@dataclass(frozen=True, slots=True)
class CheckResult:
    """Outcome of one check: whether it passed, and what was found or how to fix it.

    The gauge cannot run when a `required` check fails.
    """

    name: str
    ok: bool
    details: str
    required: bool = False

    def __str__(self) -> str:
        mark = "ok" if self.ok else "BAD" if self.required else "-"
        return f"{mark:<4}{self.name:<16}{self.details}"


def check_engines(requested: str, weights: int) -> Iterator[CheckResult]:
    """Run a step on every engine; the `requested` one is required.

    `weights` is the weight count of one network.
    """
    picked, reason = choose_engine(weights)
    yield CheckResult(AUTO, True, f"picks {picked}: {reason}")
    wanted = picked if requested == AUTO else requested
    for name, backend in ENGINES.items():
        fault = engine_fault(name)
        yield CheckResult(name, fault is None, fault or backend.summary, required=name == wanted)


def engine_fault(name: str) -> str | None:
    """Return why the engine cannot run a step on a tiny network here; None if it can."""
    network = Network(
        "tiny", TINY_SHAPE, StepRule((0.5,), 0.01, 0.9), random_weights(TINY_SHAPE, 0)
    )
    try:
        engine = create_engine(name, network)
        engine.warm_up(2)
        engine.close()
    except GaugeError as reason:
        return str(reason)
    except Exception as reason:  # report whatever a driver or library raises
        return f"engine {name} fails: {type(reason).__name__}: {' '.join(str(reason).split())}"
    return None


def check_cpu() -> CheckResult:
    """Return the processor and its features, as the compiler of the native engines sees them."""
    try:
        from llvmlite import binding
    except (ImportError, OSError) as reason:
        return CheckResult("CPU", False, f"unknown ({reason}); try: pip install numba")
    features = binding.get_host_cpu_features()
    useful = [name for name in SIMD_FEATURES if features.get(name)]
    return CheckResult(
        "CPU",
        True,
        f"{binding.get_host_cpu_name()} with {', '.join(useful) or 'no known SIMD features'}",
    )
