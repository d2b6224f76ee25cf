"""Genuine gauge: is the emotion on a face genuine or fake? Live, from frames of any kind.

    import realtime

    for reading in realtime.watch("clip.mp4", emotion="surprise"):
        print(reading.at_s, reading.p_genuine, reading.state)

docs/API.md explains it. The names in `__all__` are public and follow semantic versioning; all other
modules are private. Nothing heavy is imported before a name is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engines.errors import BundleRefused, EngineUnavailable, GaugeError
    from realtime.api.gauge import Gauge
    from realtime.api.reading import Reading
    from realtime.api.scoring import score
    from realtime.api.watching import watch
    from realtime.core.errors import (
        CameraNotFound,
        FileUnreadable,
        SavedPersonError,
        SourceError,
        SourceLost,
        StageDied,
        StreamUnreachable,
        UsageError,
    )
    from realtime.core.messages import State

    __version__: str

__all__ = [
    "BundleRefused",
    "CameraNotFound",
    "EngineUnavailable",
    "FileUnreadable",
    "Gauge",
    "GaugeError",
    "Reading",
    "SavedPersonError",
    "SourceError",
    "SourceLost",
    "StageDied",
    "State",
    "StreamUnreachable",
    "UsageError",
    "__version__",
    "score",
    "watch",
]

_HOMES = {
    "Gauge": "realtime.api.gauge",
    "Reading": "realtime.api.reading",
    "State": "realtime.core.messages",
    "score": "realtime.api.scoring",
    "watch": "realtime.api.watching",
    "BundleRefused": "engines.errors",
    "EngineUnavailable": "engines.errors",
    "GaugeError": "engines.errors",
}
_ERRORS = "realtime.core.errors"  # the home of all other names


def __getattr__(name: str) -> object:
    """Import a public name when it is first used (PEP 562)."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name == "__version__":
        from importlib.metadata import version

        value: object = version("genuine-gauge")
    else:
        from importlib import import_module

        value = getattr(import_module(_HOMES.get(name, _ERRORS)), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
