"""Measure the overhead of --profile: the unpaced demo clip with and without it, alternately.

    python -m realtime.tools.profiling_overhead

A trace is recorded, the most expensive kind of profile. CPU time is compared, not wall time, so
that other programs do not count.
"""

from __future__ import annotations

import statistics
import threading
import time

from engines.bundle.bundle import DEFAULT_BUNDLE, Bundle
from realtime.capture.demo import DemoClip
from realtime.core.clock import SystemClock
from realtime.core.tracing import NO_TRACING, RECOGNITION, Tracer
from realtime.profiling.profiler import Profiler
from realtime.runtime.gauge_spec import GaugeSpec
from realtime.runtime.pipeline import Pipeline

ROUNDS = 7
SPANS = 20_000
FRAME_S = 1 / 30


def main() -> None:
    """Print the cost of a frame's spans, and the CPU time of a frame with and without a profile."""
    clock = SystemClock()
    cost_s, rows = span_s(Profiler(clock, trace=True)), []
    for _ in range(ROUNDS):
        rows.append((frame_s(NO_TRACING)[0], *frame_s(Profiler(clock, trace=True))))
    spans = rows[-1][2]
    plain, profiled = (statistics.median(row[column] for row in rows) for column in (0, 1))
    spread = statistics.quantiles([row[0] for row in rows], n=4)
    share = 100 * spans * cost_s / FRAME_S
    print(
        f"a span costs {1e6 * cost_s:.1f} us; a frame has {spans:.1f}: {share:.2f} % of its 33 ms"
    )
    print(f"a frame takes {1e3 * plain:.2f} ms of CPU time, {1e3 * profiled:.2f} ms with a profile")
    iqr_ms = 1e3 * (spread[2] - spread[0])
    print(f"(medians of {ROUNDS}; interquartile range without a profile {iqr_ms:.2f} ms)")


def span_s(profile: Profiler) -> float:
    """Return the seconds that one empty span takes."""
    began_s = time.perf_counter()
    for number in range(SPANS):
        with profile.span(RECOGNITION, number):
            pass
    return (time.perf_counter() - began_s) / SPANS


def frame_s(spans: Tracer) -> tuple[float, float]:
    """Return CPU seconds per frame of the demo clip, and events recorded per frame."""
    clock, done = SystemClock(), threading.Event()
    spec, source = GaugeSpec.of(Bundle.load(DEFAULT_BUNDLE), "surprise"), DemoClip(False, clock)
    pipeline = Pipeline(
        spec.setting(source.name),
        source,
        spec.load_group(spans),
        clock,
        lossless=True,
        on_verdict=lambda verdict: None,
    )
    began_s = time.process_time()
    pipeline.start()
    while pipeline.running:
        done.wait(0.05)
    spent_s = time.process_time() - began_s
    pipeline.stop()
    pipeline.raise_failure()
    frames = pipeline.snapshot().counts.processed
    rows = len(spans.trace_entries()[0]) if isinstance(spans, Profiler) else 0
    return spent_s / frames, rows / frames


if __name__ == "__main__":
    main()
