"""What users name: a gauge by its emotion, a source by whatever they have."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable
from operator import index
from pathlib import Path
from typing import Any, SupportsIndex, TypedDict

import numpy as np
from numpy.typing import NDArray

from engines.bundle.bundle import DEFAULT_BUNDLE, Bundle
from realtime.app.suggestions import is_address
from realtime.capture.factory import SourceSpec, create_source
from realtime.capture.frame_sequence import FrameSequence
from realtime.capture.source import Source
from realtime.core.clock import Clock
from realtime.core.errors import UsageError
from realtime.person import saved_profile
from realtime.person.saved_profile import SavedPerson
from realtime.runtime.gauge_spec import GaugeSpec

AnyPath = str | os.PathLike[str]
TimedFrames = Iterable[tuple[NDArray[Any], float]]
AnySource = AnyPath | SupportsIndex | TimedFrames
WARN_AT = 4  # the user's line: above `warn`, `choose_gauge` and the public function


class GaugeOptions(TypedDict, total=False):
    """What `watch`, `Gauge` and `score` take by name, beside the emotion.

    person: who is expected, by the name or the path of a saved profile.
    engine: the engine that runs the networks; "auto" is the fastest here.
    bundle: the folder of a model bundle; None is the packaged one.
    faces: how many people are followed at once, 1 to 8.
    neutral_at_s: when the face is at rest, in the time of a file or of your frames; None where that
        is not known. It helps with people who smile a little at rest.
    """

    person: AnyPath | None
    engine: str
    bundle: AnyPath | None
    faces: int
    neutral_at_s: float | None


def choose_gauge(
    emotion: str,
    person: AnyPath | None = None,
    engine: str = "auto",
    bundle: AnyPath | None = None,
    faces: int = 1,
    neutral_at_s: float | None = None,
) -> GaugeSpec:
    """Return the gauge that is asked for, checked, with nothing heavy loaded.

    Raises `UsageError`, `BundleRefused` and `SavedPersonError`; warns where another emotion answers
    for the one asked for, where the bundle reads no expression, and where only part of the person's
    profile is used.
    """
    loaded = Bundle.load(DEFAULT_BUNDLE if bundle is None else path_of("bundle", bundle))
    expected = None if person is None else _load_person(person)
    spec = GaugeSpec.of(loaded, emotion, engine, expected, faces, neutral_at_s)
    if spec.notice:
        warn(spec.notice, WARN_AT)
    if expected is not None and expected.bundle_sha256 != loaded.sha256:
        text = f"{person} was saved with another bundle: person bias and offset are not used"
        warn(text, WARN_AT)
    if expected is not None and expected.face is None:
        text = f"{person} was saved without a face descriptor and cannot be recognised: enrol again"
        warn(text, WARN_AT)
    return spec


def _load_person(person: AnyPath) -> SavedPerson:
    """Return the profile saved under a name, or in a file: a `Path`, or a text that holds one."""
    path = path_of("person", person)
    if isinstance(person, os.PathLike) or path.name != person or path.suffix == ".json":
        return saved_profile.load_file(path)
    return saved_profile.load(person)


def choose_source(source: AnySource, paced: bool, clock: Clock) -> Source:
    """Return the unopened source; raises `UsageError` for what is none."""
    if isinstance(source, str) and is_address(source):
        spec = SourceSpec(url=source)
    elif isinstance(source, str) and source.startswith("/dev/"):
        spec = SourceSpec(camera=source)
    elif isinstance(source, str | os.PathLike):
        spec = SourceSpec(replay=path_of("source", source))
        return create_source(spec, clock, lossless=True, fast=not paced)
    elif isinstance(source, SupportsIndex) and not isinstance(source, bool | np.ndarray):
        spec = SourceSpec(camera=index(source))
    elif isinstance(source, Iterable) and not isinstance(source, bytes | np.ndarray):
        _refuse_pace(paced)
        return FrameSequence(source, clock)
    else:
        raise UsageError(
            f"the source is a {type(source).__name__}; want a path, an address, a camera's number, "
            "or pairs of a picture and its time"
        )
    _refuse_pace(paced)
    return create_source(spec, clock)


def _refuse_pace(paced: bool) -> None:
    if paced:
        raise UsageError("paced=True is for files; all else has a pace of its own. Leave it out")


def path_of(argument: str, value: object) -> Path:
    """Return `value` as a path; raises `UsageError` where no file can have that name."""
    if not isinstance(value, str | os.PathLike):
        raise UsageError(f"the {argument} is a {type(value).__name__}; want a path")
    text = os.fspath(value)
    if not isinstance(text, str) or not text or "\0" in text:
        raise UsageError(f"the {argument} is named {text!r}; want the path of a file or folder")
    return Path(text)


def warn(line: str, stacklevel: int) -> None:
    """Issue a warning for the user; `stacklevel` 2 is the caller of the caller of this."""
    warnings.warn(line, UserWarning, stacklevel=stacklevel)
