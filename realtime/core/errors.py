"""The errors of the live gauge, in one tree; each reads as one line and carries the command line's exit code.

GaugeError (engines.errors)       1
├── UsageError                    2   a wrong option or value
├── SourceError                   1   capture cannot go on
│   ├── CameraNotFound                no such camera, or it gives no picture
│   ├── FileUnreadable                missing, empty, or not a video
│   ├── StreamUnreachable             nobody answers at the address
│   └── SourceLost                    it was there and went away
├── RecordError                   1   a record cannot be written
├── ProfileError                  1   a saved person cannot be read or written
└── StageDied                     1   a worker raised; the cause carries its traceback
"""

from __future__ import annotations

from engines.errors import GaugeError


class UsageError(GaugeError):
    """The command line asks for something that does not exist."""

    exit_code = 2


class SourceError(GaugeError):
    """A source of frames cannot be opened or cannot go on."""


class CameraNotFound(SourceError):
    """There is no such camera, or it opens and gives no picture."""


class FileUnreadable(SourceError):
    """A file is missing, is no video, or has no frame that can be decoded."""


class StreamUnreachable(SourceError):
    """A network address does not answer in time, or answers with something that is no video."""


class SourceLost(SourceError):
    """A source that was open stopped giving frames."""


class RecordError(GaugeError):
    """A record cannot be written where the user asked for it."""


class SavedPersonError(GaugeError):
    """A saved person cannot be read, written or deleted; the message names the file."""


class StageDied(GaugeError):
    """A stage of the pipeline raised; `__cause__` is what it raised, with its traceback."""
