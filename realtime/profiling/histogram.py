"""Histogram of durations in buckets that grow by 2 %, in constant memory."""

from __future__ import annotations

import math

GROWTH = 1.02
SHORTEST_S = 1e-7
_LOG = math.log(GROWTH)
BUCKETS = int(math.log(1000 / SHORTEST_S) / _LOG) + 1  # up to a thousand seconds


class Histogram:
    """Counts of durations; percentiles are within 1 %, count, total and longest are exact."""

    def __init__(self) -> None:
        self.count = 0
        self.total_s = self.longest_s = 0.0
        self._counts = [0] * BUCKETS

    def add(self, seconds: float) -> None:
        """Add one duration; below 0.1 us it counts as 0.1 us."""
        self.count += 1
        self.total_s += seconds
        self.longest_s = max(self.longest_s, seconds)
        self._counts[_bucket(seconds)] += 1

    def percentile_s(self, percent: float) -> float:
        """Return the duration at `percent`; 0 before the first."""
        wanted, seen = self.count * percent / 100, 0
        for bucket, count in enumerate(self._counts):
            seen += count
            if count and seen >= wanted:
                return min(_middle_s(bucket), self.longest_s)
        return self.longest_s

    def bars(self, bars: int) -> list[tuple[float, int]]:
        """Return up to `bars` pairs (start of the bar in s, count), shortest to longest."""
        used = [bucket for bucket, count in enumerate(self._counts) if count]
        if not used:
            return []
        first, width = used[0], max(1, math.ceil((used[-1] + 1 - used[0]) / bars))
        starts = range(first, used[-1] + 1, width)
        return [
            (SHORTEST_S * GROWTH**start, sum(self._counts[start : start + width]))
            for start in starts
        ]


def _bucket(seconds: float) -> int:
    return min(BUCKETS - 1, int(math.log(max(seconds, SHORTEST_S) / SHORTEST_S) / _LOG))


def _middle_s(bucket: int) -> float:
    return SHORTEST_S * math.exp(_LOG * (bucket + 0.5))
