"""The profile as people read it: a table of the stages, and what it hints at."""

from __future__ import annotations

from realtime.core.snapshot import ProfileTable, StageTimes
from realtime.core.tracing import RECOGNITION, THREADS, VIEW, WAITS

HEADING = f"{'stage':<13}{'p50':>8}{'p95':>8}{'p99':>8}{'max':>9} ms  {'busy':>5}  "
BOUND = 0.8  # share of the time from which on a thread is the bottleneck
STARVED = 0.7  # share of its work that a thread has a core, below which others hold it up


def table_lines(timetable: ProfileTable) -> list[str]:
    """One line a stage, the age of readings last."""
    rows = [HEADING.rstrip(), *(_row(stage) for stage in timetable.stages)]
    if timetable.age is not None:
        rows.append(_row(timetable.age, f"age at {timetable.where}"))
    return rows


def hints(timetable: ProfileTable) -> list[str]:
    """What bounds the speed, as far as the times tell."""
    busy: dict[str, float] = {}
    for stage in timetable.stages:
        if stage.name not in WAITS:
            busy[THREADS[stage.name]] = busy.get(THREADS[stage.name], 0.0) + stage.busy
    if not busy:
        return ["nothing was measured yet"]
    thread = max(busy, key=lambda name: busy[name])
    return [
        _bound(thread, busy[thread], timetable),
        *(_starved(stage) for stage in timetable.stages if _waits(stage)),
    ]


def explained_line(timetable: ProfileTable) -> str:
    """How much of the readings' age the stages' times sum up to."""
    if timetable.explained is None:
        return "no reading was made"
    return f"the stages' times sum up to {100 * timetable.explained:.1f} % of the age of readings"


def brief_lines(timetable: ProfileTable) -> str:
    """The profile in one line, for where there is no terminal."""
    work = [f"{stage.name} {stage.p95_ms:.1f}" for stage in timetable.stages if not stage.waits]
    return f"profile  p95 ms: {', '.join(work)}"


def _row(stage: StageTimes, name: str = "") -> str:
    times = "".join(f"{value:8.2f}" for value in (stage.p50_ms, stage.p95_ms, stage.p99_ms))
    busy = "waits" if stage.waits else f"{100 * stage.busy:.0f} %" if stage.busy else ""
    return f"{name or stage.name:<13}{times}{stage.max_ms:9.2f}     {busy:>5}"


def _bound(thread: str, share: float, timetable: ProfileTable) -> str:
    if share < BOUND:
        return f"nothing is at its limit: the busiest thread, {thread}, works {100 * share:.0f} % of the time"
    works = {
        stage.name: stage.busy for stage in timetable.stages if THREADS.get(stage.name) == thread
    }
    most = max(works, key=lambda name: works[name])
    bound = "engine-bound" if most == RECOGNITION else f"bound by {most}"
    return (
        f"{bound}: the {thread} thread works {100 * share:.0f} % of the time, most of it on {most}"
    )


def _waits(stage: StageTimes) -> bool:
    return (
        stage.cpu_share is not None
        and stage.cpu_share < STARVED
        and stage.p95_ms > 1
        and stage.name != VIEW
    )


def _starved(stage: StageTimes) -> str:
    share = 100 * (stage.cpu_share or 0.0)
    return f"{stage.name} had a core for {share:.0f} % of its work: Python's lock or other programs held it up"
