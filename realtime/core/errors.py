"""Error tree of the live gauge; each message is one line, each class has an exit code.

GaugeError (engines.errors)       1
├── UsageError                    2   a wrong option or value
├── SourceError                   1   capture cannot continue
│   ├── CameraNotFound                no such camera, or it delivers no picture
│   ├── FileUnreadable                missing, empty, or not a video
│   ├── StreamUnreachable             the address does not answer
│   └── SourceLost                    the source was open and disappeared
├── RecordError                   1   a record cannot be written
│   └── OutputInUse               2   another run is writing or reading it
├── SavedPersonError              1   a saved person cannot be read or written
├── WebServerError                1   the web server cannot listen
└── StageDied                     1   a worker raised; the cause carries its traceback
"""

from __future__ import annotations

from engines.errors import GaugeError


class UsageError(GaugeError):
    """Invalid option or option value."""

    exit_code = 2


class SourceError(GaugeError):
    """A source of frames cannot be opened or cannot continue."""


class CameraNotFound(SourceError):
    """The camera does not exist, or opens without delivering a picture."""


class FileUnreadable(SourceError):
    """A file is missing, is not a video, or has no decodable frame."""


class StreamUnreachable(SourceError):
    """A network address does not answer in time, or does not send video."""


class SourceLost(SourceError):
    """An open source stopped delivering frames."""


class RecordError(GaugeError):
    """A record cannot be written to the requested path."""


class OutputInUse(RecordError):
    """Another run is writing, or reading, the requested output."""

    exit_code = 2

    used = "written"

    @classmethod
    def of(cls, path: object, used: str = "written") -> OutputInUse:
        """Return the error for a path that is `used` (written, read) by another run."""
        error = cls(
            f"{path} is being {used} by another run. Wait until that ends, or choose another name"
        )
        error.used = used
        return error


class SavedPersonError(GaugeError):
    """A saved person cannot be read, written or deleted; the message names the file."""


class WebServerError(GaugeError):
    """The web server cannot listen on its address."""


class StageDied(GaugeError):
    """A stage of the pipeline raised; `__cause__` is the original exception with its traceback."""
