"""Engines that run on this machine, or the reason why one does not; CPU features.

Nothing is imported before a check needs it: a library that fails must not keep the others unknown.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engines.errors import GaugeError

if TYPE_CHECKING:
    from engines.engine import Engine

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
    from engines import registry

    picked, reason = registry.choose_engine(weights)
    yield CheckResult(registry.AUTO, True, f"picks {picked}: {reason}")
    wanted = picked if requested == registry.AUTO else requested
    for name, backend in registry.ENGINES.items():
        fault = engine_fault(name)
        yield CheckResult(name, fault is None, fault or backend.summary, required=name == wanted)


def engine_fault(name: str) -> str | None:
    """Return why the engine cannot run a step on a tiny network here; None if it can."""
    try:
        engine = _tiny_engine(name)
        engine.warm_up(2)
        engine.close()
    except GaugeError as reason:
        return str(reason)
    except Exception as reason:  # report whatever a driver or library raises
        return f"engine {name} fails: {type(reason).__name__}: {' '.join(str(reason).split())}"
    return None


def _tiny_engine(name: str) -> Engine:
    from engines.model.network import Network
    from engines.model.shape import NetworkShape, StepRule
    from engines.model.weights import random_weights
    from engines.registry import create_engine

    shape = NetworkShape(hidden=4, blocks=1)
    return create_engine(
        name, Network("tiny", shape, StepRule((0.5,), 0.01, 0.9), random_weights(shape, 0))
    )


def check_cpu() -> CheckResult:
    """Return the processor and its features, as the compiler of the native engines sees them."""
    try:
        from llvmlite import binding
    except Exception as reason:
        return CheckResult("CPU", False, f"unknown ({reason}); try: pip install numba")
    features = binding.get_host_cpu_features()
    useful = [name for name in SIMD_FEATURES if features.get(name)]
    return CheckResult(
        "CPU",
        True,
        f"{binding.get_host_cpu_name()} with {', '.join(useful) or 'no known SIMD features'}",
    )
