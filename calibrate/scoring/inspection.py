"""Look into a file before any work: what it holds, by its content, and whether it can be read."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from realtime.capture.decoding.container import open_file
from realtime.capture.video_file import VideoFile
from realtime.core.clock import SystemClock
from realtime.core.errors import SourceError

MICROSECONDS = 1e6


@dataclass(frozen=True, slots=True)
class FileFacts:
    """Content of a file by its sha256, and what its container declares; 0 where unknown.

    `brightness` (0-255) is that of the first picture; `error` says why there is none, and
    `missing` whether that is because there is no file.
    """

    sha256: str
    duration_s: float = 0.0
    hz: float = 0.0
    width: int = 0
    height: int = 0
    brightness: float = 0.0
    error: str = ""
    missing: bool = False


def inspect_file(path: Path) -> FileFacts:
    """Return the facts of a file; an unreadable one has an `error`."""
    try:
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        sha256 = ""  # the source gives the reason
    source = VideoFile(path, paced=False, clock=SystemClock())
    try:
        with source:
            frame = source.read()
            brightness = float(frame.gray.mean()) if frame is not None else 0.0
            width, height = source.size_px
            return FileFacts(sha256, _duration_s(path), source.hz, width, height, brightness)
    except SourceError as error:
        return FileFacts(sha256, error=str(error), missing=not path.exists())
    except Exception as error:  # one damaged file must not end the work on all others
        return FileFacts(sha256, error=f"{path} cannot be read: {type(error).__name__}: {error}")


def _duration_s(path: Path) -> float:
    with open_file(path) as container:
        return max(0.0, (container.duration or 0) / MICROSECONDS)
