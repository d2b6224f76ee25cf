"""Plan of a scoring run: which files are read once, and which clips are judged together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from calibrate.scoring.inputs import ClipEntry
from calibrate.scoring.inspection import FileFacts
from calibrate.scoring.work_store import key_of
from engines.bundle.bundle import Bundle
from realtime.core.labels import ALL, ANY, AUTO
from realtime.runtime.stages_from_bundle import EmotionChoice, choose_emotion


@dataclass(frozen=True, slots=True)
class ScoreOptions:
    """What decides the scores of clips. `emotion` is judged where an entry names none.

    `most_known` other clips of a person are known at most.
    """

    bundle: Path
    emotion: str
    most_known: int
    with_ticks: bool = False


@dataclass(frozen=True, slots=True)
class RecordTask:
    """A file whose recording is to be made, under `key`."""

    path: Path
    key: str

    def __str__(self) -> str:
        return str(self.path)


@dataclass(frozen=True, slots=True)
class JudgeTask:
    """Recordings of one person by key, each with an emotion asked for; scores go under `key`.

    The only clip of a stranger is read from `path` at once, without a recording on disk.
    """

    key: str
    clips: tuple[tuple[str, str], ...]
    path: Path | None = None

    def __str__(self) -> str:
        return str(self.path or f"{len(self.clips)} clips of a person")


@dataclass(frozen=True, eq=False)
class ScorePlan:
    """Entries with the facts of their files; those of one person are judged together."""

    entries: tuple[ClipEntry, ...]
    facts: Mapping[Path, FileFacts]
    options: ScoreOptions
    bundle: Bundle
    version: str

    def record_tasks(self) -> tuple[RecordTask, ...]:
        """Return every readable content once of entries with a person, in their order."""
        tasks: dict[str, RecordTask] = {}
        for entry in self.entries:
            if entry.person and not self.facts[entry.file].error:
                key = self.recording_key(entry)
                tasks.setdefault(key, RecordTask(entry.file, key))
        return tuple(tasks.values())

    def recording_key(self, entry: ClipEntry) -> str:
        """Return the key of an entry's recording: content, bundle and version."""
        return key_of(self.facts[entry.file].sha256, self.bundle.sha256, self.version)

    def emotion_of(self, entry: ClipEntry) -> str:
        """Return the emotion to ask for: the entry's, or that of the options."""
        return entry.emotion or self.options.emotion

    def judge_task(self, entries: Sequence[ClipEntry], unreadable: Mapping[str, str]) -> JudgeTask:
        """Return the task of one person's `entries`, without the recordings in `unreadable`.

        Its `clips` are empty where none can be read.
        """
        readable = [entry for entry in entries if not self.facts[entry.file].error]
        pairs = {(self.recording_key(each), self.emotion_of(each)) for each in readable}
        clips = tuple(sorted(pair for pair in pairs if pair[0] not in unreadable))
        options = self.options
        settings = (options.most_known, options.with_ticks, options.emotion)
        path = None if entries[0].person else entries[0].file
        return JudgeTask(key_of(*settings, bool(path), *clips), clips, path)

    def persons(self) -> list[list[ClipEntry]]:
        """Return the entries of each person; without one, those of each content."""
        groups: dict[tuple[str, str], list[ClipEntry]] = {}
        for entry in self.entries:
            facts = self.facts[entry.file]
            content = "" if entry.person else facts.sha256 or str(entry.file)
            groups.setdefault((entry.person, content), []).append(entry)
        return list(groups.values())


def judged_emotion(bundle: Bundle, asked: str) -> EmotionChoice:
    """Return the emotion that is judged where `asked` is named: `any` for one without data."""
    if asked in (ALL, AUTO, *bundle.emotions):
        return choose_emotion(bundle, asked if asked not in (ALL, AUTO) else ANY)
    return EmotionChoice(asked, ANY)
