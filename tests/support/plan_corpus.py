"""Measure how long it takes to plan the scoring of a large corpus, and how much memory.

    python tests/support/plan_corpus.py [--rows 20000] [--people 300]

The manifest and its files are made up and empty; what a look into a file gives is made up, too. So
this is the planning alone: reading the manifest, finding the files, the data check, the tasks of
both passes, and the rows of the table.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from calibrate.scoring.data_check import check_lines
from calibrate.scoring.inputs import ManifestWords, find_entries
from calibrate.scoring.inspection import FileFacts
from calibrate.scoring.plan import ScoreOptions, ScorePlan
from calibrate.scoring.run import ScoredCorpus, judge_tasks
from calibrate.scoring.work_store import WorkStore, file_mark
from engines.bundle.bundle import DEFAULT_BUNDLE, Bundle

KIB = 1024


@dataclass(frozen=True, slots=True)
class Planned:
    """Seconds of each part, and the growth of the largest memory, in MB."""

    seconds: dict[str, float]
    grown_mb: float
    rows: int
    tasks: int


def write_corpus(folder: Path, rows: int, people: int) -> Path:
    """Write a manifest of empty files and return its path."""
    (folder / "clips").mkdir()
    lines = ["clip,person,emotion,label"]
    for number in range(rows):
        (folder / "clips" / f"{number}.mp4").touch()
        label = ("genuine", "fake")[number // people % 2]
        lines.append(f"clips/{number}.mp4,P{number % people},fear,{label}")
    (folder / "list.csv").write_text("\n".join(lines) + "\n")
    return folder / "list.csv"


def plan_corpus(manifest: Path) -> Planned:
    """Plan the scoring of `manifest`, with a stub for the look into each file."""
    seconds: dict[str, float] = {}
    bundle, store = Bundle.load(DEFAULT_BUNDLE), WorkStore(manifest.parent / "work")
    before, began_s = _peak_kib(), time.perf_counter()

    def lap(name: str) -> None:
        nonlocal began_s
        seconds[name] = time.perf_counter() - began_s
        began_s = time.perf_counter()

    entries = find_entries([manifest], ManifestWords())
    lap("manifest")
    facts = {each.file: FileFacts(file_mark(each.file), 3.0, 30.0, 640, 480) for each in entries}
    check_lines(entries, facts, bundle.emotions)
    lap("data check")
    options = ScoreOptions(DEFAULT_BUNDLE, "any", 60)
    plan = ScorePlan(tuple(entries), facts, options, bundle, "0")
    tasks = len(plan.record_tasks()) + len(judge_tasks(plan, {}))
    lap("tasks")
    rows = sum(1 for _ in ScoredCorpus(plan, store).rows())
    lap("rows")
    return Planned(seconds, (_peak_kib() - before) / KIB, rows, tasks)


def _peak_kib() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def main(argv: Sequence[str] | None = None) -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--people", type=int, default=300)
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        planned = plan_corpus(write_corpus(Path(folder), options.rows, options.people))
    for name, took_s in planned.seconds.items():
        print(f"{name:<12} {took_s:6.2f} s")
    total_s = sum(planned.seconds.values())
    print(
        f"{planned.rows} rows, {planned.tasks} tasks: {total_s:.1f} s, +{planned.grown_mb:.0f} MB"
    )


if __name__ == "__main__":
    main()
