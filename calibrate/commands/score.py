"""`calibrate score`: one row for each clip of a corpus."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path

from calibrate.commands.support.progress import print_notes, work_progress
from calibrate.data.clips import DataError
from calibrate.data.counting import counted
from calibrate.parallel import check_jobs
from calibrate.scoring.data_check import check_lines, missing_files
from calibrate.scoring.face_groups import group_faces
from calibrate.scoring.inputs import ManifestWords, check_emotions, find_entries
from calibrate.scoring.plan import ScoreOptions, ScorePlan, judged_emotion
from calibrate.scoring.rows import COLUMNS, KINDS
from calibrate.scoring.run import (
    Execution,
    ScoredCorpus,
    inspect_files,
    judge_people,
    record_clips,
    with_persons,
)
from calibrate.scoring.summary import ScoreSummary
from calibrate.scoring.tables import check_table, write_table
from calibrate.scoring.work_store import WorkStore, work_folder_of
from engines.bundle.bundle import DEFAULT_BUNDLE, Bundle
from realtime.core.errors import UsageError
from realtime.runtime.stages_from_bundle import choose_emotion

TICK_COLUMNS = (
    *("file", "at_s", "frame", "emotion", "state", "p_genuine", "reason", "loss", "pb_speed"),
    *("box_px", "psr", "misfit", "p_emotion", "place", "intensity", "onset", "why", "expression"),
)
TICK_NUMBERS = ("at_s", "p_genuine", "loss", "pb_speed", "psr", "misfit", "p_emotion", "intensity")
TICK_KINDS = {**dict.fromkeys(TICK_NUMBERS, float), "frame": int}


def run(options: argparse.Namespace) -> None:
    """Score all clips and write the table; `--check` only looks at the corpus."""
    _check(options)
    words = ManifestWords.of(options.columns, options.labels)
    bundle = Bundle.load(options.bundle or DEFAULT_BUNDLE)
    check_emotions((), options.emotion)
    choose_emotion(bundle, options.emotion)
    entries = find_entries(options.inputs, words)
    check_emotions(entries, options.emotion)
    store = WorkStore(work_folder_of(options.out or options.inputs[0]))
    how = Execution(options.jobs, store, work_progress, options.fail_fast)
    if not options.check:
        store.make()
    facts = inspect_files((entry.file for entry in entries), how, keep=not options.check)
    print("\n".join(check_lines(entries, facts, bundle.emotions)), flush=True)
    if options.check:
        _refuse_missing(missing_files(entries, facts))
        return
    settings = ScoreOptions(
        bundle.path, options.emotion, options.most_known, options.ticks is not None
    )
    plan = ScorePlan(tuple(entries), facts, settings, bundle, version("genuine-gauge"))
    try:
        corpus = _scored(plan, how, options.group_faces)
    except KeyboardInterrupt:
        print(f"what is done is kept in {store.folder}", file=sys.stderr)
        raise
    _write(corpus, options)
    store.remove()


def _refuse_missing(files: Sequence[Path]) -> None:
    """Raise `DataError` if a check found `files` without a video, so that a script notices."""
    if files:
        count = "1 file is" if len(files) == 1 else f"{len(files)} files are"
        raise DataError(f"{count} missing, the first {files[0]}; correct the manifest's paths")


def _check(options: argparse.Namespace) -> None:
    """Raise `UsageError` for options that cannot be met, before any work."""
    check_jobs(options.jobs)
    if options.out and options.check:
        raise UsageError("-o and --check exclude each other: --check writes no table; want one")
    if not options.out and not options.check:
        raise UsageError("want -o TABLE, or --check to look at the clips alone")
    if options.most_known < 1:
        raise UsageError(f"--most-known is {options.most_known}; want 1 or more")
    if options.out:
        check_table("--out", options.out)
    if options.ticks:
        check_table("--ticks", options.ticks)


def _scored(plan: ScorePlan, how: Execution, group: bool) -> ScoredCorpus:
    if group:
        plan, errors = _grouped(plan, how)
    corpus = record_clips(plan, how)
    if group:
        corpus.errors.update(errors)
    judge_people(corpus, how)
    return corpus


def _grouped(plan: ScorePlan, how: Execution) -> tuple[ScorePlan, dict[str, str]]:
    """Return the plan with a person for every face among the clips without one."""
    everyone = [entry.person or "?" for entry in plan.entries]
    recorded = record_clips(with_persons(plan, everyone), how)
    keys = [plan.recording_key(entry) for entry in plan.entries if not entry.person]
    seen = (key for key in dict.fromkeys(keys) if how.store.recording(key).exists())
    names = group_faces((key, how.store.load_recording(key).track.descriptors) for key in seen)
    found = Counter(names.values())
    alone = found.pop("", 0)
    print(
        f"{counted(len(found), 'face')}: "
        + ", ".join(f"{name} in {count}" for name, count in found.most_common())
        + (f"; {counted(alone, 'clip')} without a face that can be told" if alone else "")
    )
    persons = [each.person or names.get(plan.recording_key(each), "") for each in plan.entries]
    return with_persons(plan, persons), recorded.errors


def _write(corpus: ScoredCorpus, options: argparse.Namespace) -> None:
    summary = ScoreSummary()
    rows = (summary.add(row) for row in corpus.rows())
    write_table(options.out, rows, COLUMNS, KINDS)
    if options.ticks:
        write_table(options.ticks, corpus.ticks(), TICK_COLUMNS, TICK_KINDS)
    print_notes(_notes(corpus))
    print("\n".join([*summary.lines(), f"table in {options.out}"]))


def _notes(corpus: ScoredCorpus) -> Iterator[str]:
    plan = corpus.plan
    asked = {plan.emotion_of(entry) for entry in plan.entries}
    for emotion in sorted(asked):
        judged = judged_emotion(plan.bundle, emotion).emotion
        if judged != emotion:
            yield f"{emotion}: the bundle has no such emotion; judged as {judged} emotion"
