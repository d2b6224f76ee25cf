"""Clips to learn from: those of a corpus with a person, an emotion and a label."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from calibrate.data.clips import Clip, DataError, find_clips
from calibrate.data.label_check import listed
from calibrate.scoring.inputs import ClipEntry, ManifestWords, find_entries
from realtime.core.labels import ALL, ANY, AUTO

NEEDED = ("person", "emotion", "label")


def find_labelled(
    data: Path, words: ManifestWords, emotion: str = ""
) -> tuple[list[Clip], list[str]]:
    """Return the clips in a manifest, or in a folder as `calibrate extract` reads it, and notes.

    A row without an emotion shows `emotion`. Clips that lack what learning needs are left out by a
    note. Raises `DataError` if none is left.
    """
    if data.is_dir():
        return find_clips(data), []
    entries = find_entries([data], words)
    return labelled_clips([replace(each, emotion=each.emotion or emotion) for each in entries])


def labelled_clips(entries: Sequence[ClipEntry]) -> tuple[list[Clip], list[str]]:
    """Return `entries` as clips with names of their own, and a note on those left out."""
    used = [each for each in entries if each.person and each.emotion and each.label]
    missing = {
        name: len(without)
        for name in NEEDED
        if (without := [each for each in entries if not getattr(each, name)])
    }
    said = ", ".join(f"{count} without {name}" for name, count in missing.items())
    if not used:
        raise DataError(
            f"no clip has a person, an emotion and a label ({said} of {len(entries)}); name the "
            "columns: --columns person=NAME,emotion=NAME,label=NAME (or --emotion, if all show one)"
        )
    _check_emotions(used)
    names = _names(used)
    clips = [
        Clip(name, each.file, each.person, each.emotion, each.label)
        for name, each in zip(names, used, strict=True)
    ]
    left = len(entries) - len(used)
    return clips, [f"{left} of {len(entries)} clips are left out: {said}"] if left else []


def entries_of(clips: Sequence[Clip]) -> list[ClipEntry]:
    """Return `clips` as the data check takes them."""
    return [ClipEntry(clip.path, clip.subject, clip.emotion, clip.label) for clip in clips]


def _check_emotions(entries: Sequence[ClipEntry]) -> None:
    for entry in entries:
        if entry.emotion in (ANY, ALL, AUTO):
            raise DataError(
                f"{entry.file} has the emotion {entry.emotion!r}; want the name of one emotion"
            )


def _names(entries: Sequence[ClipEntry]) -> list[str]:
    """Return a name for each entry: of its file, with folders where several have one name.

    Raises `DataError` for a clip that is named twice.
    """
    files = [Path(os.path.abspath(entry.file)) for entry in entries]
    twice = [file for file, count in Counter(files).items() if count > 1]
    if twice:
        raise DataError(f"named more than once: {listed(map(str, twice))}; want each clip once")
    for name_of in (lambda file: file.stem, _in_folders(files)):
        names = [name_of(file) for file in files]
        if len(set(names)) == len(names):
            break
    return names


def _in_folders(files: Sequence[Path]) -> Callable[[Path], str]:
    """Return what names a file by the folders below those that all `files` share."""
    base = os.path.commonpath([file.parent for file in files])
    return lambda file: "_".join(file.relative_to(base).parts)
