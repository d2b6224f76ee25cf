"""Meters for the view: rates and age percentiles."""

from __future__ import annotations

import threading
from collections import deque

import numpy as np

from realtime.core.snapshot import AgePercentiles

RATE_S = 2.0
AGE_CAPACITY = 10_000  # newest ages in the percentiles: half an hour at five readings a second


class RateMeter:
    """Rate of a growing total over the last two seconds. Owned by the thread that samples it."""

    def __init__(self) -> None:
        self._samples: deque[tuple[float, int]] = deque(maxlen=1000)

    def hz(self, now_s: float, total: int) -> float:
        """Add the sample `total` at `now_s`; return the increase per second."""
        self._samples.append((now_s, total))
        while len(self._samples) > 2 and now_s - self._samples[0][0] > RATE_S:
            self._samples.popleft()
        then_s, then = self._samples[0]
        elapsed_s = now_s - then_s
        return (total - then) / elapsed_s if elapsed_s > 0 else 0.0


class AgeMeter:
    """Percentiles of the newest ages. Any thread may call any method."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ages: deque[float] = deque(maxlen=AGE_CAPACITY)

    def add(self, age_ms: float) -> None:
        """Add one age in ms."""
        with self._lock:
            self._ages.append(age_ms)

    def ages(self) -> AgePercentiles | None:
        """Return p50, p95 and p99; None before the first age."""
        with self._lock:
            ages = tuple(self._ages)
        return (
            AgePercentiles(*(float(p) for p in np.percentile(ages, (50, 95, 99)))) if ages else None
        )
