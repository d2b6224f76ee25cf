"""Soak test: the whole gauge loops the demo clip at twice real time (`make soak`, one hour).

SOAK_HOURS sets the number of hours. Run it on an idle machine: other load recorder the readings.

What must not grow is sampled during the run, and the slope through the samples is compared with a
bound. A slope, not a ratio of last to first: a leak goes on, and a single sample can be an outlier.
It is the median of the slopes between all pairs of samples (Theil and Sen), which tolerates up to a
quarter of outliers: a clip that is being reopened, a pause of the machine.
"""

from __future__ import annotations

import gc
import math
import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import psutil
import pytest
from endless import Endless, FastClock
from scipy.stats import theilslopes

from engines.bundle.bundle import DEFAULT_BUNDLE, Bundle
from realtime.capture.demo import DemoClip
from realtime.core.messages import Verdict
from realtime.runtime.gauge_spec import GaugeSpec
from realtime.runtime.pipeline import Pipeline
from realtime.view.records.records import Record, open_record
from realtime.view.records.rows import RunInfo
from realtime.view.terminal.panel import render_panel
from realtime.view.terminal.screen import Screen
from realtime.view.window.overlay import draw_overlay

SPEED = 2.0
SAMPLES = 200
WARM_UP = (
    0.2  # share of the run left out at the start, while caches, arenas and the history fill up
)
DRAW_S = 0.1  # as often as the gauge draws
RECORD_MB = 1.0

# Largest allowed rise over the run without its warm-up. A picture is 0.7 MB: one that leaks every
# minute shows after an hour, and so does a thread or a file every quarter of an hour.
BOUNDS = {"memory_mb": 20.0, "threads": 0.5, "descriptors": 0.5, "age_ms": 20.0}


@dataclass(frozen=True)
class Sample:
    """Sample of what must not grow; the age is nan without a reading since the last sample."""

    at_h: float
    memory_mb: float
    threads: float
    descriptors: float
    age_ms: float


class AgeRecorder:
    """Record of a run that also holds the ages of the readings since the last sample."""

    def __init__(self, record: Record) -> None:
        self._record, self._newest_ms = record, list[float]()
        self.readings = 0

    def add(self, verdict: Verdict) -> None:
        self._record.verdict(verdict)
        self.readings += 1
        self._newest_ms.append(verdict.age_ms / SPEED)

    def median(self) -> float:
        taken, self._newest_ms = self._newest_ms, []
        return median(taken) if taken else math.nan


def soak_pipeline(hours: float, recorder: AgeRecorder, clock: FastClock) -> Pipeline:
    spec = GaugeSpec.of(Bundle.load(DEFAULT_BUNDLE), "surprise", "native")
    return Pipeline(
        spec.setting("endless clip"),
        Endless(lambda: DemoClip(True, clock), hours * 3600),
        spec.load_group(),
        clock,
        lossless=False,
        on_verdict=recorder.add,
    )


def sample(at_h: float, process: psutil.Process, recorder: AgeRecorder) -> Sample:
    gc.collect()
    return Sample(
        at_h,
        process.memory_info().rss / 1e6,
        process.num_threads(),
        process.num_fds(),
        recorder.median(),
    )


def draw(pipeline: Pipeline, screen: Screen) -> None:
    """Draw the terminal's picture and the window's, as the main thread does."""
    snapshot = pipeline.snapshot()
    screen.draw(lambda size: render_panel(snapshot, size))
    if snapshot.frame is not None:
        draw_overlay(snapshot)


def slope(samples: Sequence[Sample], name: str) -> float:
    """Return the increase per hour of media."""
    known = [(one.at_h, getattr(one, name)) for one in samples if math.isfinite(getattr(one, name))]
    at_h, values = zip(*known, strict=True)
    return float(theilslopes(values, at_h).slope)


def rises(samples: Sequence[Sample]) -> dict[str, float]:
    """Return what rose beyond its bound and by how much; print every sample."""
    end_h = samples[-1].at_h
    used = [one for one in samples if one.at_h >= WARM_UP * end_h]
    found = {}
    for name, bound in BOUNDS.items():
        values = [value for one in used if math.isfinite(value := getattr(one, name))]
        an_hour = slope(used, name)
        rise = an_hour * (end_h - used[0].at_h)
        spread = f"{min(values):8.1f} to {max(values):8.1f}, median {median(values):8.1f}"
        print(
            f"{name:<12} {spread}, slope {an_hour:+.3f} an hour, "
            f"a rise of {rise:+.3f}; {bound:g} are allowed"
        )
        if rise > bound:
            found[name] = rise
    return found


def synthetic_samples(
    leaks_mb: float = 0.0, spikes: bool = False, every_h: float = math.inf
) -> list[Sample]:
    """An hour with 6 MB of swinging memory, a leak, a jump at the end, and a leaking file."""
    times_h = [i / SAMPLES for i in range(1, SAMPLES + 1)]
    memory = [
        400 + i % 7 + leaks_mb * at_h + 500 * (spikes and at_h > 0.95)
        for i, at_h in enumerate(times_h)
    ]
    ages_ms = [math.nan if i % 50 else 30.0 for i in range(SAMPLES)]
    return [
        Sample(at_h, mb, 9, 20 + at_h // every_h, age)
        for at_h, mb, age in zip(times_h, memory, ages_ms, strict=True)
    ]


def test_a_leak_is_distinguished_from_noise_and_a_late_spike() -> None:
    assert rises(synthetic_samples()) == {}
    assert rises(synthetic_samples(spikes=True)) == {}
    assert rises(synthetic_samples(leaks_mb=40)) == {"memory_mb": pytest.approx(32, abs=2)}
    assert set(rises(synthetic_samples(every_h=0.25))) == {"descriptors"}


@pytest.mark.soak
def test_nothing_grows(tmp_path: Path) -> None:
    hours = float(os.environ.get("SOAK_HOURS", "1"))
    record = Record(
        open_record(tmp_path / "soak.jsonl", RECORD_MB), RunInfo("", "", "", "", "", 0, 0, 0, 0)
    )
    recorder, process, moment, clock = (
        AgeRecorder(record),
        psutil.Process(),
        threading.Event(),
        FastClock(SPEED),
    )
    pipeline = soak_pipeline(hours, recorder, clock)
    began_s, samples = clock.now_s(), list[Sample]()
    pipeline.start()
    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        screen = Screen(nowhere)
        while pipeline.running:
            moment.wait(DRAW_S)
            draw(pipeline, screen)
            at_h = (clock.now_s() - began_s) / 3600
            if at_h >= (len(samples) + 1) * hours / SAMPLES and pipeline.running:
                samples.append(sample(at_h, process, recorder))
    assert pipeline.stop() == []
    pipeline.raise_failure()
    record.close()
    counts = pipeline.snapshot().counts
    media = f"{hours:g} h of media at {SPEED:g} times real time"
    print(f"\n{media}: {recorder.readings} readings, {counts}")
    assert counts.captured == counts.processed + sum(counts.dropped.values())
    assert counts.captured > 0.95 * hours * 3600 * 30  # it went on to the end
    assert sum(file.stat().st_size for file in tmp_path.iterdir()) <= RECORD_MB * 1e6
    assert rises(samples) == {}
