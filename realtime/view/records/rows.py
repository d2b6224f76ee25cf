"""Rows of a record as plain values, rounded so that the same run gives the same bytes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from realtime.core.labels import FAKE, GENUINE, KERNEL
from realtime.core.messages import Expression, Verdict
from realtime.core.snapshot import AgePercentiles, FrameCounts, Rates, RunVerdict

Row = dict[str, object]
MEASURES = (  # of an onset
    *("start_s", "duration_s", "amplitude", "largest_speed", "mean_speed", "relative_speed"),
    *("symmetry", "mouth_lead_s", "plateau_s"),
)
SCHEMA = 1  # of the rows; a new number when a field changes its meaning or goes, not for a new one


@dataclass(frozen=True, slots=True)
class RunInfo:
    """First line of a record: source, bundle and engine. `hz` is the model's rate.

    The verdicts of a `live` source are recorded with their wall-clock time as well.
    """

    version: str
    source: str
    emotion: str
    engine: str
    bundle_sha256: str
    window_s: float
    stride_s: float
    steps: int
    hz: float
    live: bool = False
    faces: int = 1
    landmarks: str = KERNEL


@dataclass(frozen=True, slots=True)
class Summary:
    """Last line of a record, also printed at the end; `emotions` maps each to its run verdict.

    `not_described` counts by reason the faces that were due to be described and were not. `faces`
    maps the number of each face to its emotions; empty where one face is followed. `emotions` are
    then those of face 1. `searches_unused` counts by reason the searches by the CNN detector whose
    answer did not count.
    """

    frames: FrameCounts
    emotions: Mapping[str, RunVerdict]
    ages: AgePercentiles | None
    rates: Rates
    not_described: Mapping[str, int] = field(default_factory=dict)
    faces: Mapping[int, Mapping[str, RunVerdict]] = field(default_factory=dict)
    searches_unused: Mapping[str, int] = field(default_factory=dict)


def run_row(run: RunInfo) -> Row:
    """Return the first row of a record.

    `faces` is in it where several may be followed, `landmarks` where the kernel does not fit them.
    """
    row: Row = {
        "type": "run",
        "schema": SCHEMA,
        "version": run.version,
        "source": run.source,
        "emotion": run.emotion,
        "engine": run.engine,
        "bundle_sha256": run.bundle_sha256,
        "window_s": run.window_s,
        "stride_s": run.stride_s,
        "steps": run.steps,
        "hz": run.hz,
    }
    if run.landmarks != KERNEL:
        row["landmarks"] = run.landmarks
    return row if run.faces == 1 else row | {"faces": run.faces}


def verdict_row(verdict: Verdict) -> Row:
    """Return the row of a tick; `p_genuine` is None unless its state is judging or settled.

    `face` is in it where several faces may be followed.
    """
    row: Row = {
        "type": "verdict",
        "at_s": _fixed(verdict.at_s, 3),
        "frame": verdict.frame,
        "emotion": verdict.emotion,
        "state": verdict.state.value,
        "p_genuine": _fixed(verdict.p_genuine, 4),
        "reason": verdict.reason,
        "loss": _significant(verdict.loss),
        "pb_speed": _significant(verdict.pb_speed),
        "age_ms": _fixed(verdict.age_ms, 3),
        "box_px": box_row(verdict),
        "psr": _fixed(verdict.psr, 2),
        "misfit": _fixed(verdict.prediction_error, 3),
        "p_emotion": _fixed(verdict.p_emotion, 4),
        "place": None
        if verdict.pb_position is None
        else [round(float(number), 3) for number in verdict.pb_position],
        "intensity": _fixed(verdict.intensity, 3),
        "onset": onset_row(verdict),
        "why": contributions_row(verdict),
        "expression": expression_row(verdict.expression),
    }
    return row if verdict.face is None else row | {"face": verdict.face}


def onset_row(verdict: Verdict) -> Row | None:
    """Return the measures of the onset, rounded to a thousandth; None without one.

    `faster_than` is in it where the bundle knows onsets of the emotion.
    """
    onset, rank = verdict.onset, verdict.onset_rank
    if onset is None:
        return None
    row: Row = {name: _fixed(getattr(onset, name), 3) for name in MEASURES}
    if rank is None:
        return row
    return row | {"faster_than": {GENUINE: _fixed(rank.genuine, 3), FAKE: _fixed(rank.fake, 3)}}


def contributions_row(verdict: Verdict) -> Row | None:
    """Return what each input adds to the score, rounded to a thousandth; None without a score."""
    if not verdict.contributions:
        return None
    return {each.name: _fixed(each.log_odds, 3) for each in verdict.contributions}


def expression_row(expression: Expression | None) -> dict[str, float] | None:
    """Return the read-out by name, rounded to a hundredth; None without one."""
    if expression is None:
        return None
    return {name: round(value, 2) for name, value in expression.by_name().items()}


def wall_clock_at(verdict: Verdict, now: datetime) -> str:
    """Return when the verdict's frame was captured, ISO 8601 with the zone, for a verdict of `now`.

    Media time has an origin of its own; the age leads back to the capture.
    """
    captured = now - timedelta(milliseconds=verdict.age_ms)
    return captured.isoformat(timespec="milliseconds")


def box_row(verdict: Verdict) -> list[float] | None:
    """Return x, y, width, height of the face in px, rounded to a tenth."""
    return None if verdict.box_px is None else [round(float(side), 1) for side in verdict.box_px]


def summary_row(summary: Summary) -> Row:
    """Return the last row of a complete record; `faces` are in it where several were followed."""
    frames, ages, rates = summary.frames, summary.ages, summary.rates
    row: Row = {
        "type": "summary",
        "frames": {
            "captured": frames.captured,
            "processed": frames.processed,
            "dropped": dict(frames.dropped),
        },
        "emotions": _emotions(summary.emotions),
        "age_ms": {
            name: None if ages is None else _fixed(getattr(ages, name), 3)
            for name in ("p50", "p95", "p99")
        },
        "fps": {
            "captured": _fixed(rates.captured_hz, 2),
            "processed": _fixed(rates.processed_hz, 2),
        },
        "faces_not_described": dict(summary.not_described),
        "face_searches_unused": dict(summary.searches_unused),
    }
    faces = [{"face": face, "emotions": _emotions(each)} for face, each in summary.faces.items()]
    return row | {"faces": faces} if faces else row


def _emotions(emotions: Mapping[str, RunVerdict]) -> Row:
    return {name: _run_verdict(verdict) for name, verdict in emotions.items()}


def _run_verdict(verdict: RunVerdict) -> Row:
    p_genuine, judged_s = _fixed(verdict.p_genuine, 4), _fixed(verdict.judged_s, 3)
    return {"state": str(verdict.state), "p_genuine": p_genuine, "judged_s": judged_s}


def _fixed(number: float | None, digits: int) -> float | None:
    return None if number is None or not math.isfinite(number) else round(float(number), digits)


def _significant(number: float | None) -> float | None:
    return None if number is None or not math.isfinite(number) else float(f"{number:.6g}")
