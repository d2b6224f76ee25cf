"""Figures of a run under load: ages from its record, delays at the clients, memory."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np


@dataclass(frozen=True, slots=True)
class RunFigures:
    """One run of the gauge: ages and delays in ms (p50, p95), memory in MB at start and end."""

    label: str
    readings: int
    age_ms: tuple[float, float]
    delay_ms: tuple[float, float] | None
    memory_mb: tuple[float, float]
    lost: int = 0

    @property
    def line(self) -> str:
        """The run as a row of the table."""
        delay = "-" if self.delay_ms is None else "{:.1f} / {:.1f}".format(*self.delay_ms)
        age, memory = "{:.1f} / {:.1f}".format(*self.age_ms), "{:.1f} -> {:.1f}"
        shown = memory.format(*self.memory_mb)
        return f"| {self.label} | {self.readings} | {age} | {delay} | {shown} | {self.lost} |"


HEADER = (
    "| run | readings | age p50 / p95 (ms) | delay to client p50 / p95 (ms) | memory (MB) "
    "| readers cut |\n|---|---|---|---|---|---|"
)


def ages_ms(record: Path, after_s: float) -> list[float]:
    """Return the ages of a record's readings, without those of its first `after_s`."""
    rows = [json.loads(line) for line in record.read_text(encoding="utf-8").splitlines()]
    verdicts = [row for row in rows if row["type"] == "verdict" and row["state"] != "no_signal"]
    if not verdicts:
        return []
    from_s = float(verdicts[0]["at_s"]) + after_s
    return [float(row["age_ms"]) for row in verdicts if row["at_s"] >= from_s]


def percentiles(numbers: Sequence[float]) -> tuple[float, float]:
    """Return p50 and p95; raises ValueError without a number."""
    if not numbers:
        raise ValueError("there is no number to take percentiles of")
    low, high = np.percentile(numbers, (50, 95))
    return float(low), float(high)


def ends(numbers: Sequence[float]) -> tuple[float, float]:
    """Return the medians of the first and the last fifth."""
    fifth = max(1, len(numbers) // 5)
    return float(np.median(numbers[:fifth])), float(np.median(numbers[-fifth:]))
