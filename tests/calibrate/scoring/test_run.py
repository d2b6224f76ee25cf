"""A hundred clips with a stub for the pictures: order, faults, resuming, bounded work."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from recordings import of_one_person, recording_of
from synthetic import simulate, with_appearance

from calibrate.data.clips import DataError
from calibrate.data.recording import ClipRecording
from calibrate.scoring import workers
from calibrate.scoring.inputs import ClipEntry
from calibrate.scoring.inspection import FileFacts
from calibrate.scoring.plan import ScoreOptions, ScorePlan
from calibrate.scoring.rows import Row
from calibrate.scoring.run import Execution, ScoredCorpus, judge_people, record_clips
from calibrate.scoring.work_store import WorkStore
from engines.bundle.bundle import DEFAULT_BUNDLE, Bundle

CLIPS, BAD = 100, 10
SEEN = with_appearance(simulate(2, 2, seed=0, emotions=("happiness",)))


@contextmanager
def silent(unit: str, total: int) -> Iterator[Callable[[], None]]:
    yield lambda: None


class Stub:
    """Reader of clips: every tenth is bad; interrupts a run after some clips, as Ctrl-C does."""

    def __init__(self, interrupt_after: int | None = None) -> None:
        self.read: list[str] = []
        self.interrupt_after = interrupt_after

    def __call__(self, path: Path, key: str, options: ScoreOptions) -> ClipRecording | str:
        if len(self.read) == self.interrupt_after:
            raise KeyboardInterrupt
        self.read.append(path.name)
        number = int(path.stem)
        if number % (CLIPS // BAD) == 0:
            return f"{path} broke off"
        short = of_one_person(SEEN[number % len(SEEN)]).part(slice(0, 40))
        return recording_of(replace(short, clip=replace(short.clip, name=key)))


def score(
    folder: Path, bundle: Bundle, stub: Stub, patch: pytest.MonkeyPatch, **how: object
) -> tuple[list[Row], ScoredCorpus]:
    patch.setattr(workers, "_recorded", stub)
    entries = [
        ClipEntry(Path(f"{n}.mp4"), "" if n < 50 else f"P{n % 5}", "fear") for n in range(CLIPS)
    ]
    facts = {entry.file: FileFacts(entry.file.stem) for entry in entries}
    options = ScoreOptions(DEFAULT_BUNDLE, "any", 2)
    plan = ScorePlan(tuple(entries), facts, options, bundle, "1.0")
    store = WorkStore(folder)
    store.make()
    execution = Execution(1, store, silent, **how)  # type: ignore[arg-type]
    corpus = record_clips(plan, execution)
    judge_people(corpus, execution)
    return list(corpus.rows()), corpus


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, bundle: Bundle) -> list[Row]:
    with pytest.MonkeyPatch.context() as patch:
        return score(tmp_path_factory.mktemp("parts"), bundle, Stub(), patch)[0]


def test_bad_clips_are_rows_with_their_reason(undisturbed: list[Row]) -> None:
    assert [row["file"] for row in undisturbed] == [f"{n}.mp4" for n in range(CLIPS)]
    bad = [row for row in undisturbed if row["error"]]
    assert [row["error"] for row in bad] == [f"{n}.mp4 broke off" for n in range(0, CLIPS, BAD)]
    assert all(row["state"] is None for row in bad)
    good = [row for row in undisturbed if not row["error"]]
    assert {row["known_clips"] for row in good} == {0, 2}
    assert sum(row["p_forced"] is not None for row in good) == CLIPS - BAD


@pytest.mark.parametrize("after", [7, 60])
def test_an_interrupted_run_goes_on_and_gives_the_same_rows(
    after: int,
    undisturbed: list[Row],
    tmp_path: Path,
    bundle: Bundle,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first = Stub(after)
    with pytest.raises(KeyboardInterrupt):
        score(tmp_path, bundle, first, monkeypatch)
    second = Stub()
    rows, _ = score(tmp_path, bundle, second, monkeypatch)
    assert rows == undisturbed
    bad = {f"{n}.mp4" for n in range(0, CLIPS, BAD)}
    assert not (set(first.read) - bad) & set(second.read)  # what was read well is not read again
    assert len(first.read) == after


def test_fail_fast_ends_at_the_first_bad_clip(
    tmp_path: Path, bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(DataError, match=r"50\.mp4 broke off"):  # known people come first
        score(tmp_path, bundle, Stub(), monkeypatch, fail_fast=True)
