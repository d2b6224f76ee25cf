"""`score`: one row for each of several files."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from realtime.api.inputs import AnyPath, choose_gauge
from realtime.capture.factory import SourceSpec, create_source
from realtime.capture.frame_counter import FrameCounter
from realtime.core.clock import SystemClock
from realtime.core.errors import SourceError
from realtime.core.messages import State
from realtime.core.snapshot import Rates
from realtime.runtime.gauge_spec import GaugeSpec
from realtime.runtime.meters import AgeMeter
from realtime.runtime.replay import ticks
from realtime.runtime.shared_models import SharedModels
from realtime.view.records.rows import Summary, summary_row

Row = dict[str, object]


def score(
    paths: AnyPath | Iterable[AnyPath],
    emotion: str = "any",
    *,
    person: AnyPath | None = None,
    engine: str = "auto",
    bundle: AnyPath | None = None,
) -> list[Row]:
    """Return one row for each of `paths`, in order: its name, and the summary of its record.

    A row holds `file` (the path as given), `error`, and `frames`, `emotions`, `age_ms` and `fps` of
    docs/RECORDS.md; `emotions` maps each emotion to `state`, `p_genuine` and `judged_s`. The files
    are judged one after the other, every frame, in the calling thread; the models are loaded once.

    A file that cannot be read has its reason in `error` and None in the rest, and does not end the
    others; `error` is empty otherwise. Raises `UsageError`, `BundleRefused`, `SavedPersonError`.
    """
    named = [paths] if isinstance(paths, str | os.PathLike) else list(paths)
    spec = choose_gauge(emotion, person, engine, bundle)
    models = SharedModels()
    try:
        return [_row(path, spec, models) for path in named]
    finally:
        models.close()


def _row(path: AnyPath, spec: GaugeSpec, models: SharedModels) -> Row:
    row: Row = {"file": os.fspath(path), "error": ""}
    try:
        summary = summary_row(_summary(path, spec, models))
    except SourceError as error:
        row["error"] = str(error)
        summary = dict.fromkeys(("frames", "emotions", "age_ms", "fps"))
    return row | {name: value for name, value in summary.items() if name != "type"}


def _summary(path: AnyPath, spec: GaugeSpec, models: SharedModels) -> Summary:
    clock, counter, ages = SystemClock(), FrameCounter(), AgeMeter()
    with create_source(SourceSpec(replay=Path(path)), clock, lossless=True, fast=True) as source:
        gauge, began_s = spec.load(models=models), clock.now_s()
        for tick in ticks(source, gauge, counter):
            if gauge.read(tick).state is not State.NO_SIGNAL:
                ages.add((clock.now_s() - tick.read_at_s) * 1e3)
    counts, took_s = counter.counts(), clock.now_s() - began_s
    rates = Rates(counts.captured / took_s, counts.processed / took_s)
    return Summary(counts, gauge.judge.run_verdicts(), ages.ages(), rates)
