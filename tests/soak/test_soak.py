"""Hours: the whole gauge on the demo clip, over and over, at twice real time: `make soak`, an hour of media.

SOAK_HOURS says how many hours instead.

What may not grow is sampled all along, and the slope of a line through the samples is held to a bound. A slope, not a
ratio of last to first: one sample tells nothing, and a leak is what goes on.
"""

from __future__ import annotations

import gc
import os
import threading
from dataclasses import astuple, dataclass, fields
from pathlib import Path

import numpy as np
import psutil
import pytest
from endless import Endless, FastClock

from engines.bundle import DEFAULT, Bundle
from realtime import load
from realtime.capture.demo import Demo
from realtime.landmarks.reader import FaceReader
from realtime.motion.motion import Motion
from realtime.pipeline import Pipeline
from realtime.snapshot import Setting
from realtime.values import Verdict
from realtime.view.records import Record, open_record
from realtime.view.rows import RunInfo

SPEED = 2.0
SAMPLES = 200
WARM = 0.2  # of the samples are left out at the beginning: caches, arenas and the history fill up
RECORD_MB = 1.0

# Bounds of what the line may rise from the first kept sample to the last. Two frames leaked a minute: 80 MB an hour.
BOUNDS = {"memory_mb": 20.0, "threads": 0.5, "descriptors": 0.5, "age_ms": 20.0}


@dataclass(frozen=True)
class Sample:
    """What may not grow, at one moment."""

    memory_mb: float
    threads: float
    descriptors: float
    age_ms: float


class Ages:
    """The ages of the readings since it was last asked, and nothing older; writes the record on the way."""

    def __init__(self, record: Record) -> None:
        self._record, self._ages = record, list[float]()
        self.readings = 0

    def add(self, verdict: Verdict) -> None:
        self._record.verdict(verdict)
        self.readings += 1
        self._ages.append(verdict.age_ms / SPEED)

    def median(self) -> float:
        taken, self._ages = self._ages, []
        return float(np.median(taken)) if taken else float("nan")


def pipeline(hours: float, ages: Ages) -> Pipeline:
    bundle, clock = Bundle.load(DEFAULT), FastClock(SPEED)
    timing = load.timing(bundle)
    judge = load.judge(bundle, load.answer(bundle, "surprise"), "native")
    judge.warm_up()
    reader = FaceReader()
    reader.warm_up()
    return Pipeline(
        Setting("endless clip", "surprise", "native", timing.window_s, timing.stride_s),
        Endless(lambda: Demo(True, clock), hours * 3600),
        reader,
        Motion(timing, load.population(bundle), load.basis(bundle)),
        judge,
        clock,
        lossless=False,
        on_verdict=ages.add,
    )


def sample(process: psutil.Process, ages: Ages) -> Sample:
    gc.collect()
    return Sample(process.memory_info().rss / 1e6, process.num_threads(), process.num_fds(), ages.median())


def slope(values: np.ndarray, hours: float) -> float:
    """Of the line through `values`, spread evenly over `hours`: how much more there is after each hour."""
    known = np.isfinite(values)
    return float(np.polyfit(np.linspace(0, hours, len(values))[known], values[known], 1)[0])


@pytest.mark.soak
def test_nothing_grows(tmp_path: Path) -> None:
    hours = float(os.environ.get("SOAK_HOURS", "1"))
    record = Record(open_record(tmp_path / "soak.jsonl", RECORD_MB), RunInfo("", "", "", "", "", 0, 0, 0, 0))
    ages, process, moment = Ages(record), psutil.Process(), threading.Event()
    watched = pipeline(hours, ages)
    watched.start()
    samples = []
    while watched.running:
        moment.wait(hours * 3600 / SPEED / SAMPLES)
        watched.snapshot()
        samples.append(sample(process, ages))
    assert watched.stop() == []
    watched.raise_failure()
    record.close()
    counts = watched.snapshot().counts
    kept = np.array([astuple(one) for one in samples[int(WARM * len(samples)) :]])
    print(f"\n{hours:g} h of media at {SPEED:g} times real time: {ages.readings} readings, {counts}")
    slopes = {}
    for field, values in zip(fields(Sample), kept.T, strict=True):
        slopes[field.name] = slope(values, hours * (1 - WARM))
        low, high = np.nanmin(values), np.nanmax(values)
        print(f"{field.name:<12} {low:8.1f} to {high:8.1f}, slope {slopes[field.name]:+.3f} an hour")
    assert counts.captured == counts.processed + sum(counts.dropped.values())
    assert sum(file.stat().st_size for file in tmp_path.iterdir()) <= RECORD_MB * 1e6
    assert {name: rise for name in BOUNDS if (rise := slopes[name] * hours * (1 - WARM)) > BOUNDS[name]} == {}
