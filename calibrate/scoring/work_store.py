"""Finished work of a scoring run, kept until its table is complete.

Recordings and scores are found again by the content of the clips, the options and the bundle, so a
run that was interrupted goes on where it was, and one with other options finds nothing. Recordings
are biometric data: the folder is readable by its owner alone.
"""

from __future__ import annotations

import json
import shutil
from contextlib import suppress
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from calibrate.data.private_file import private_opener
from calibrate.data.recording import ClipRecording, load_recording, save_recording
from calibrate.parallel import atomic_write
from calibrate.scoring.inspection import FileFacts

FORMAT = 3  # of what is stored
FACTS = "files.jsonl"


def key_of(*parts: object) -> str:
    """Return the key of some work: what it depends on, as one name."""
    return sha256("\n".join(map(str, (FORMAT, *parts))).encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class WorkStore:
    """Folder of finished work."""

    folder: Path

    def make(self) -> None:
        """Make the folder."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def remove(self) -> None:
        """Remove the folder and all that is in it."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def recording(self, key: str) -> Path:
        """Return where the recording with `key` is, or will be."""
        return self._path(key, "npz")

    def save_recording(self, key: str, recording: ClipRecording) -> None:
        """Keep a recording; raises `OSError`."""
        with atomic_write(self._made(self.recording(key))) as unfinished:
            save_recording(unfinished, recording)

    def load_recording(self, key: str) -> ClipRecording:
        """Return a recording; raises `DataError` for a damaged one."""
        return load_recording(self.recording(key))

    def has_scores(self, key: str) -> bool:
        """Return whether the scores with `key` are kept."""
        return self._path(key, "json").exists()

    def save_scores(self, key: str, scores: dict[str, Any]) -> None:
        """Keep the scores of some clips; raises `OSError`."""
        with (
            atomic_write(self._made(self._path(key, "json"))) as unfinished,
            open(unfinished, "w", encoding="utf-8", opener=private_opener) as file,
        ):
            json.dump(scores, file)

    def load_scores(self, key: str) -> dict[str, Any]:
        """Return the scores with `key`."""
        scores: dict[str, Any] = json.loads(self._path(key, "json").read_text(encoding="utf-8"))
        return scores

    def load_facts(self) -> dict[str, FileFacts]:
        """Return the facts of files by `file_mark`; the last line of a killed run may be torn."""
        found: dict[str, FileFacts] = {}
        with suppress(FileNotFoundError):
            for line in (self.folder / FACTS).read_text(encoding="utf-8").splitlines():
                with suppress(ValueError, TypeError, KeyError):
                    values = json.loads(line)
                    mark = values.pop("mark")
                    found[mark] = FileFacts(**values)
        return found

    def add_facts(self, mark: str, facts: FileFacts) -> None:
        """Keep the facts of one file."""
        line = json.dumps({"mark": mark, **asdict(facts)})
        with open(self.folder / FACTS, "a", encoding="utf-8", opener=private_opener) as file:
            file.write(f"\n{line}\n")

    def _path(self, key: str, kind: str) -> Path:
        return self.folder / key[:2] / f"{key}.{kind}"

    def _made(self, path: Path) -> Path:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        return path


def file_mark(path: Path) -> str:
    """Return what changes with the content of a file, without reading it; empty without a file."""
    try:
        info = path.stat()
    except OSError:
        return ""
    return f"{path} {info.st_size} {info.st_mtime_ns}"


def work_folder_of(out: Path) -> Path:
    """Return the folder for the unfinished work of a table."""
    return out.with_name(out.name + ".parts")
