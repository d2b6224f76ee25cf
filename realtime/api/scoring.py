"""`score`: one row for each of several files."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Unpack

from realtime.api.inputs import AnyPath, GaugeOptions, choose_gauge, path_of
from realtime.capture.factory import SourceSpec, create_source
from realtime.capture.frame_counter import FrameCounter
from realtime.capture.source import Source
from realtime.core.clock import Clock, SystemClock
from realtime.core.errors import SourceError
from realtime.core.messages import State
from realtime.core.snapshot import Rates
from realtime.runtime.gauge_group import GaugeGroup
from realtime.runtime.gauge_spec import GaugeSpec
from realtime.runtime.meters import AgeMeter
from realtime.runtime.replay import ticks
from realtime.runtime.shared_models import SharedModels
from realtime.view.records.rows import Summary, summary_row

Row = dict[str, object]
SUMMARY = ("frames", "emotions", "age_ms", "fps", "faces_not_described", "face_searches_unused")


def score(
    paths: AnyPath | Iterable[AnyPath], emotion: str = "any", **options: Unpack[GaugeOptions]
) -> list[Row]:
    """Return one row for each of `paths`, in order: its name, and the summary of its record.

    A row holds `file` (the path as given), `error`, `notes` (lines on what is odd about the file),
    and `frames`, `emotions`, `age_ms`, `fps`, `faces_not_described` and `face_searches_unused` of
    docs/RECORDS.md; `emotions` maps each emotion to `state`, `p_genuine` and `judged_s`. With
    several faces, `faces` has these for each, and `emotions` are those of face 1. The files are
    judged one after the other, every frame, in the calling thread; the models are loaded once.

    A file that cannot be read has its reason in `error` and None in the rest, and does not end the
    others; `error` is empty otherwise. Raises `UsageError`, `BundleRefused`, `SavedPersonError`.
    """
    named = [paths] if isinstance(paths, str | os.PathLike) else list(paths)
    files = [path_of("file", path) for path in named]
    spec = choose_gauge(emotion, **options)
    models = SharedModels()
    try:
        return [_row(file, spec, models) for file in files]
    finally:
        models.close()


def _row(file: Path, spec: GaugeSpec, models: SharedModels) -> Row:
    clock, error = SystemClock(), ""
    source = create_source(SourceSpec(replay=file), clock, lossless=True, fast=True)
    summary: Row = dict.fromkeys(SUMMARY)
    try:
        summary = summary_row(_summary(source, spec.load_group(models=models), clock))
        del summary["type"]
    except SourceError as failure:
        error = str(failure)
    return {"file": str(file), "error": error, "notes": [*source.notes.values()], **summary}


def _summary(source: Source, gauges: GaugeGroup, clock: Clock) -> Summary:
    counter, ages, began_s = FrameCounter(), AgeMeter(), clock.now_s()
    with source:
        for due in ticks(source, gauges, counter):
            for tick in due:
                if gauges.read(tick).state is not State.NO_SIGNAL:
                    ages.add((clock.now_s() - tick.read_at_s) * 1e3)
    counts, took_s = counter.counts(), clock.now_s() - began_s
    rates = Rates(counts.captured / took_s, counts.processed / took_s)
    return Summary(
        counts,
        gauges.run_verdicts(),
        ages.ages(),
        rates,
        gauges.not_described,
        gauges.face_verdicts(),
        gauges.searches_unused,
    )
