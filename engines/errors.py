"""Every error that a user can meet derives from `GaugeError` and reads as one line: what, the value seen, what to do.

What it names may come from anywhere, such as a file's name, so its line holds no control characters.

GaugeError                    exit code 1
├── EngineUnavailable         a named engine cannot run here
├── EngineInputError          windows, lengths or PBs of the wrong shape, type or range
├── BundleRefused             a model file is missing, changed, too large or of another version
└── realtime.core.errors           sources, records, stages, usage (see there)
"""

from __future__ import annotations


class GaugeError(Exception):
    """Something a user can understand and mend; `exit_code` is what the command line ends with."""

    exit_code = 1

    def __str__(self) -> str:
        line = " ".join(super().__str__().split())
        return "".join(letter if letter.isprintable() else "?" for letter in line)


class EngineUnavailable(GaugeError):
    """The engine that was asked for cannot run on this machine; the message says what mends it."""


class EngineInputError(GaugeError, ValueError):
    """An engine was called with arrays it cannot take; the message shows the shape seen and the shape wanted."""


class BundleRefused(GaugeError):
    """A bundle, or a file in it, is not what its manifest says; the message names the file."""
