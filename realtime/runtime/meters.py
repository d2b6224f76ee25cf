"""Small meters for what the view shows: how many a second, and how old."""

from __future__ import annotations

import threading
from collections import deque

import numpy as np

from realtime.core.snapshot import AgePercentiles

RATE_S = 2.0
AGES = 10_000  # readings whose ages are kept: half an hour at five a second


class RateMeter:
    """How fast a total grows, over the last `RATE_S` seconds. Owned by whoever samples it."""

    def __init__(self) -> None:
        self._samples: deque[tuple[float, int]] = deque(maxlen=1000)

    def hz(self, now_s: float, total: int) -> float:
        """Take `total` as of `now_s`, and say how many a second were added lately."""
        self._samples.append((now_s, total))
        while len(self._samples) > 2 and now_s - self._samples[0][0] > RATE_S:
            self._samples.popleft()
        then_s, then = self._samples[0]
        elapsed_s = now_s - then_s
        return (total - then) / elapsed_s if elapsed_s > 0 else 0.0


class AgeMeter:
    """Percentiles of the newest `AGES` ages. Any thread may add, any thread may ask."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ages: deque[float] = deque(maxlen=AGES)

    def add(self, age_ms: float) -> None:
        """Take note of one age in ms."""
        with self._lock:
            self._ages.append(age_ms)

    def ages(self) -> AgePercentiles | None:
        """p50, p95 and p99, or None before the first."""
        with self._lock:
            ages = tuple(self._ages)
        return (
            AgePercentiles(*(float(p) for p in np.percentile(ages, (50, 95, 99)))) if ages else None
        )
