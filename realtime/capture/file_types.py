"""Videos by the endings of their names, and the videos in a folder; nothing is opened."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

# Every ending that a folder of videos may hold; a file that is named itself needs none of them.
ENDINGS = """
    3g2 3gp amv apng asf avi avif divx dv f4v flv gif gxf h264 h265 hevc ivf m1v m2t m2ts m2v m4v
    mjpeg mjpg mkv mod mov mp4 mpe mpeg mpg mpv mts mxf nut obu ogm ogv qt rm rmvb tod tp trp ts vob
    webm webp wmv wtv y4m
"""
VIDEO_SUFFIXES = frozenset(f".{ending}" for ending in ENDINGS.split())
NAMES_SHOWN = 3  # of the entries left out


@dataclass(frozen=True, slots=True)
class VideoListing:
    """Videos of a folder, sorted, and one line about the other entries; empty without any."""

    videos: tuple[Path, ...]
    left_out: str


def is_hidden(path: Path) -> bool:
    """Return whether the name begins with a dot, as of `._clip.mp4`, which a Mac adds to a clip."""
    return path.name.startswith(".")


def is_video(path: Path) -> bool:
    """Return whether the name is that of a video: a known ending in any case, and not hidden."""
    return path.suffix.lower() in VIDEO_SUFFIXES and not is_hidden(path)


def list_videos(folder: Path, recursive: bool = False) -> VideoListing:
    """List the videos in `folder`, and with `recursive` in its folders; links are not followed.

    Raises `OSError` for a folder that cannot be read, also inside `folder`.
    """
    videos: list[Path] = []
    others: list[Path] = []
    hidden: list[Path] = []
    folders: list[Path] = []
    for path, is_folder in _entries(folder, recursive):
        if is_hidden(path):
            hidden.append(path)
        elif is_folder:
            folders.append(path)
        else:
            (videos if is_video(path) else others).append(path)
    parts = [
        _counted(hidden, "hidden file", "hidden files"),
        _counted(others, "file without the ending of a video", "files without one of a video"),
        _counted(folders, "folder (--recursive reads it)", "folders (--recursive reads them)"),
    ]
    said = "; ".join(filter(None, parts))
    return VideoListing(tuple(sorted(videos)), f"left out of {folder}: {said}" if said else "")


def _entries(folder: Path, recursive: bool) -> Iterator[tuple[Path, bool]]:
    """Yield every entry, and whether it is a folder that is not read."""
    with os.scandir(folder) as entries:
        found = sorted(entries, key=lambda entry: entry.name)
    for entry in found:
        path = folder / entry.name
        if recursive and entry.is_dir(follow_symlinks=False) and not is_hidden(path):
            yield from _entries(path, recursive)
        else:
            yield path, _is_folder(entry)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that points to itself
        return False


def _counted(paths: Sequence[Path], one: str, several: str) -> str:
    """Return a count with the first names; empty without any."""
    if not paths:
        return ""
    names = [path.name for path in paths[:NAMES_SHOWN]]
    more = ", ..." if len(paths) > NAMES_SHOWN else ""
    return f"{len(paths)} {one if len(paths) == 1 else several}: {', '.join(names)}{more}"
