"""Scoring of a corpus in two passes: what each clip shows, then each person's clips together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from calibrate.data.clips import DataError
from calibrate.parallel import MAX_DEATHS, Jobs, run_tasks
from calibrate.scoring.inputs import ClipEntry
from calibrate.scoring.inspection import FileFacts, inspect_file
from calibrate.scoring.plan import JudgeTask, RecordTask, ScorePlan
from calibrate.scoring.rows import Row, unscored
from calibrate.scoring.work_store import WorkStore, file_mark
from calibrate.scoring.workers import judge_clips, record_file

Progress = Callable[[str, int], AbstractContextManager[Callable[[], None]]]


@dataclass(frozen=True, slots=True)
class Execution:
    """How the work is done: tasks at a time, where it is kept, and how progress is shown."""

    jobs: Jobs
    store: WorkStore
    progress: Progress
    fail_fast: bool = False


@dataclass(slots=True)
class ScoredCorpus:
    """A plan whose work is done; `errors` by recording key, of clips that broke off."""

    plan: ScorePlan
    store: WorkStore
    errors: dict[str, str] = field(default_factory=dict)

    def rows(self) -> Iterator[Row]:
        """Yield the row of every entry, in order."""
        for entry, scores, _ in self._entries():
            yield self._row(entry, scores)

    def ticks(self) -> Iterator[dict[str, object]]:
        """Yield a row for each reading of every entry, in order."""
        for entry, _, ticks in self._entries():
            for tick in ticks:
                yield {"file": str(entry.file), **tick}

    def _entries(self) -> Iterator[tuple[ClipEntry, Row | None, list[dict[str, object]]]]:
        """Yield every entry with its scores and ticks; the scores of few people are held."""
        tasks = {
            id(entry): task
            for task, entries in judge_tasks(self.plan, self.errors)
            for entry in entries
        }
        held: dict[str, dict[str, dict[str, dict[str, object]]]] = {}
        for entry in self.plan.entries:
            task = tasks[id(entry)]
            key = "" if self._error(entry) else self.plan.recording_key(entry)
            if not key or not self.store.has_scores(task.key):
                yield entry, None, []
                continue
            if task.key not in held:
                if len(held) > MOST_HELD:
                    held.clear()
                held[task.key] = self.store.load_scores(task.key)
            stored = held[task.key][key][self.plan.emotion_of(entry)]
            yield entry, stored["score"], stored["ticks"]  # type: ignore[misc]

    def _row(self, entry: ClipEntry, scores: Row | None) -> Row:
        plan, error = self.plan, self._error(entry)
        if scores is None and not error:
            error = self.errors.get(plan.recording_key(entry), "its scores are missing; run again")
        known = {
            "file": str(entry.file),
            "person": entry.person,
            "emotion": plan.emotion_of(entry),
            "label": entry.label,
        }
        about = {"version": plan.version, "bundle": plan.bundle.sha256[:16], "error": error}
        return {**known, **(scores or unscored()), **about}

    def _error(self, entry: ClipEntry) -> str:
        facts = self.plan.facts[entry.file]
        return facts.error or self.errors.get(self.plan.recording_key(entry), "")


MOST_HELD = 64  # people whose scores are in memory while a table is written


def inspect_files(
    files: Iterable[Path], how: Execution, *, keep: bool = True
) -> dict[Path, FileFacts]:
    """Look into every file that no earlier run of this work looked into; `keep` what is seen."""
    known, facts = how.store.load_facts(), dict[Path, FileFacts]()
    todo = []
    for file in dict.fromkeys(files):
        found = known.get(file_mark(file))
        if found is None:
            todo.append(file)
        else:
            facts[file] = found
    with how.progress("files", len(facts) + len(todo)) as step:
        for _ in facts:
            step()
        for file, found in run_tasks(inspect_file, todo, how.jobs, on_death=_died_inspected):
            facts[file] = found
            if keep and not found.error and (mark := file_mark(file)):
                how.store.add_facts(mark, found)
            step()
            _fail_fast(how, found.error)
    return facts


def record_clips(plan: ScorePlan, how: Execution) -> ScoredCorpus:
    """First pass: record the clips of known people; those of strangers are read when judged."""
    corpus, tasks = ScoredCorpus(plan, how.store), plan.record_tasks()
    work = partial(record_file, store=how.store, options=plan.options)
    with how.progress("clips", len(tasks)) as step:
        for task, error in run_tasks(work, tasks, how.jobs, on_death=_died):
            if error:
                corpus.errors[task.key] = error
            step()
            _fail_fast(how, error)
    return corpus


def judge_people(corpus: ScoredCorpus, how: Execution) -> None:
    """Second pass: judge every clip, known people with what their other clips tell."""
    pairs = judge_tasks(corpus.plan, corpus.errors)
    tasks = list(dict.fromkeys(task for task, _ in pairs if task.clips))
    strangers = all(task.path for task in tasks)
    work = partial(judge_clips, store=how.store, options=corpus.plan.options)
    with how.progress("clips" if strangers else "people", len(tasks)) as step:
        for task, error in run_tasks(work, tasks, how.jobs, on_death=_died):
            if error:
                corpus.errors.update(dict.fromkeys((key for key, _ in task.clips), error))
            step()
            _fail_fast(how, error)


def judge_tasks(plan: ScorePlan, errors: dict[str, str]) -> list[tuple[JudgeTask, list[ClipEntry]]]:
    """Return the task of each person with their entries; clips that broke off are left out."""
    return [(plan.judge_task(entries, errors), entries) for entries in plan.persons()]


def with_persons(plan: ScorePlan, persons: Sequence[str]) -> ScorePlan:
    """Return the plan with a person for each entry."""
    pairs = zip(plan.entries, persons, strict=True)
    return replace(plan, entries=tuple(replace(entry, person=who) for entry, who in pairs))


def _fail_fast(how: Execution, error: str) -> None:
    if error and how.fail_fast:
        raise DataError(error)


def _died(task: RecordTask | JudgeTask) -> str:
    return (
        f"{task}: the process that read it died {MAX_DEATHS} times. Is there enough memory? "
        "Run again with fewer --jobs"
    )


def _died_inspected(file: Path) -> FileFacts:
    return FileFacts("", error=f"{file}: the process that opened it died {MAX_DEATHS} times")
