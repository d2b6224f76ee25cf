"""Text table of the profile, and hints at bottlenecks."""

from __future__ import annotations

from realtime.core.snapshot import ProfileTable, StageTimes
from realtime.core.tracing import RECOGNITION, THREADS, VIEW, WAITS

HEADING = f"{'stage':<13}{'p50':>8}{'p95':>8}{'p99':>8}{'max':>9} ms  {'busy':>5}  "
BOTTLENECK_SHARE = 0.8  # share of the time from which on a thread is the bottleneck
STARVED_SHARE = 0.7  # share of its work that a thread has a core, below which others hold it up


def table_lines(table: ProfileTable) -> list[str]:
    """Return one line per stage, then the age of readings."""
    rows = [HEADING.rstrip(), *(_row(stage) for stage in table.stages)]
    if table.age is not None:
        rows.append(_row(table.age, f"age at {table.where}"))
    return rows


def hints(table: ProfileTable) -> list[str]:
    """Return lines on what limits the speed."""
    busy: dict[str, float] = {}
    for stage in table.stages:
        if stage.name not in WAITS:
            busy[THREADS[stage.name]] = busy.get(THREADS[stage.name], 0.0) + stage.busy
    if not busy:
        return ["nothing was measured yet"]
    thread = max(busy, key=lambda name: busy[name])
    return [
        _bottleneck_line(thread, busy[thread], table),
        *(_starved_line(stage) for stage in table.stages if _is_starved(stage)),
    ]


def explained_line(table: ProfileTable) -> str:
    """Return a line on the share of the readings' age that the stages explain."""
    if table.explained is None:
        return "no reading was made"
    return f"the stages' times sum up to {100 * table.explained:.1f} % of the age of readings"


def brief_lines(table: ProfileTable) -> str:
    """Return the profile in one line, for output without a terminal."""
    work = [f"{stage.name} {stage.p95_ms:.1f}" for stage in table.stages if not stage.waits]
    return f"profile  p95 ms: {', '.join(work)}"


def _row(stage: StageTimes, name: str = "") -> str:
    times = "".join(f"{value:8.2f}" for value in (stage.p50_ms, stage.p95_ms, stage.p99_ms))
    busy = "waits" if stage.waits else f"{100 * stage.busy:.0f} %" if stage.busy else ""
    return f"{name or stage.name:<13}{times}{stage.max_ms:9.2f}     {busy:>5}"


def _bottleneck_line(thread: str, share: float, table: ProfileTable) -> str:
    if share < BOTTLENECK_SHARE:
        busiest = f"the busiest thread, {thread}, works {100 * share:.0f} % of the time"
        return f"nothing is at its limit: {busiest}"
    works = {stage.name: stage.busy for stage in table.stages if THREADS.get(stage.name) == thread}
    most = max(works, key=lambda name: works[name])
    bound = "engine-bound" if most == RECOGNITION else f"bound by {most}"
    return (
        f"{bound}: the {thread} thread works {100 * share:.0f} % of the time, most of it on {most}"
    )


def _is_starved(stage: StageTimes) -> bool:
    return (
        stage.cpu_share is not None
        and stage.cpu_share < STARVED_SHARE
        and stage.p95_ms > 1
        and stage.name != VIEW
    )


def _starved_line(stage: StageTimes) -> str:
    share = 100 * (stage.cpu_share or 0.0)
    held_up = "Python's lock or other programs held it up"
    return f"{stage.name} had a core for {share:.0f} % of its work: {held_up}"
