"""Root of the error tree: each message is one line with what failed, the value seen and a remedy.

A message may quote untrusted text, such as a file name, so control characters are replaced.

GaugeError                    exit code 1
├── EngineUnavailable         a named engine cannot run here
├── EngineInputError          windows, lengths or PBs of the wrong shape, type or range
├── BundleRefused             a model file is missing, changed, too large or too new or old
└── realtime.core.errors      sources, records, stages, usage (see there)
"""

from __future__ import annotations


class GaugeError(Exception):
    """Error that a user can understand and fix; `exit_code` is that of the command line."""

    exit_code = 1

    def __str__(self) -> str:
        line = " ".join(super().__str__().split())
        return "".join(char if char.isprintable() else "?" for char in line)


class EngineUnavailable(GaugeError):
    """The requested engine cannot run on this machine; the message gives the remedy."""


class EngineInputError(GaugeError, ValueError):
    """An engine received arrays of the wrong shape, type or range; the message shows both."""


class BundleRefused(GaugeError):
    """A bundle or a file in it does not match its manifest; the message names the file."""
