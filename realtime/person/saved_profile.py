"""A saved person: their stats and their face as numbers in a private file, without pictures.

The face's descriptor is biometric data, so the file has mode 0600; deleting it removes the person.
"""

from __future__ import annotations

import json
import os
import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from engines.model.shape import LANDMARKS
from realtime.core.errors import SavedPersonError, UsageError
from realtime.core.user_folders import data_folder
from realtime.landmarks.appearance import APPEARANCE
from realtime.person.known_face import KnownFace
from realtime.person.stats import PersonStats

FORMAT = 3
WITHOUT_FACE = 2  # format of before faces were described
# Largest plausible personal offset (log slope, intercept); beyond it the file is damaged.
MAX_PERSONAL_OFFSET = (3.0, 10.0)
MAX_BYTES = 64 << 10
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
# Whatever a file of any content may raise.
DAMAGED = (ValueError, LookupError, TypeError, OverflowError, RecursionError)
HINT = "Make it writable for you, or name another data folder in XDG_DATA_HOME"


@dataclass(frozen=True, slots=True, eq=False)
class SavedPerson:
    """Stats, face, person bias over `bias_clips` expressions, and personal offset of a person.

    Bias and offset are on the score scale of the bundle with the sha256. `face` is None in a file
    of an older version: such a person cannot be recognised.
    """

    stats: PersonStats
    bundle_sha256: str
    bias: float = 0.0
    bias_clips: float = 0.0
    personal_offset: tuple[float, float] | None = None
    labelled: int = 0  # expressions with a label behind `personal_offset`
    face: KnownFace | None = None

    def __post_init__(self) -> None:
        stats, offset = self.stats, self.personal_offset or ()
        neutral, square = stats.neutral, stats.mean_square_movement
        widths = (LANDMARKS,), (LANDMARKS + APPEARANCE,)
        if neutral.shape not in widths or square.shape != neutral.shape:
            raise ValueError(
                f"neutral {neutral.shape}, square {square.shape}; want {widths[0]} or {widths[1]} "
                "for both"
            )
        numbers = (stats.clips, stats.expressions, self.bias, self.bias_clips, *offset)
        if not np.isfinite([*neutral, *square, *numbers]).all() or square.min() < 0:
            raise ValueError("a number is not finite, or a square below 0")
        implausible = any(
            abs(shift) > most for shift, most in zip(offset, MAX_PERSONAL_OFFSET, strict=False)
        )
        if stats.clips <= 0 or min(stats.expressions, self.bias_clips) < 0 or implausible:
            raise ValueError(
                f"{stats.clips} clips, {stats.expressions} expressions, "
                f"personal offset {self.personal_offset}"
            )


def people_folder() -> Path:
    """Return the folder of saved people, under XDG_DATA_HOME or its equivalent.

    Raises `SavedPersonError` where this user has no home folder.
    """
    folder = data_folder()
    if folder is None:
        raise SavedPersonError(
            "the system knows no home folder of this user, so there is no place for saved people. "
            "Set HOME, or XDG_DATA_HOME, to a folder of yours"
        )
    return folder / "people"


def path_of(name: str) -> Path:
    """Return a person's file; raise `UsageError` for an invalid name."""
    if not NAME.fullmatch(name):
        raise UsageError(
            f"invalid person name {name!r}; use up to 64 of a-z, A-Z, 0-9, - and _, "
            "starting with a letter or digit"
        )
    return people_folder() / f"{name}.json"


def saved_names() -> list[str]:
    """Return the names of all saved people; raise `SavedPersonError` if unreadable."""
    try:
        files = [Path(entry) for entry in os.listdir(people_folder())]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise SavedPersonError(
            f"{people_folder()} cannot be read: {error.strerror or error}"
        ) from error
    return sorted(
        path.stem for path in files if path.suffix == ".json" and NAME.fullmatch(path.stem)
    )


def check_writable() -> None:
    """Raise `SavedPersonError` if nothing can be saved. Creates no folder."""
    folder = people_folder()
    existing = next(path for path in (folder, *folder.parents) if os.path.exists(path))
    if not (existing.is_dir() and os.access(existing, os.W_OK | os.X_OK)):
        raise SavedPersonError(f"cannot save in {folder}: {existing} is not writable. {HINT}")


def save(name: str, saved: SavedPerson) -> Path:
    """Write a person atomically, readable by the user alone."""
    path, stats = path_of(name), saved.stats.capped()
    values = {
        "format": FORMAT,
        "clips": stats.clips,
        "expressions": stats.expressions,
        "neutral": [round(float(x), 6) for x in stats.neutral],
        "square": [float(f"{x:.6g}") for x in stats.mean_square_movement],
        "bundle_sha256": saved.bundle_sha256,
        "level": saved.bias,
        "level_clips": saved.bias_clips,
        "own": saved.personal_offset,
        "labelled": saved.labelled,
        **(_face_to_json(saved.face) if saved.face else {}),
    }
    unfinished = _unfinished(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Existing folders too: the file names are names of people.
        path.parent.chmod(0o700)
        unfinished.unlink(missing_ok=True)
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(values, file, indent=1, allow_nan=False)
        unfinished.replace(path)
    except OSError as error:
        with suppress(OSError):
            unfinished.unlink()
        raise SavedPersonError(
            f"cannot save {name} in {path.parent}: {error.strerror or error}. {HINT}"
        ) from error
    return path


def load(name: str) -> SavedPerson:
    """Read a person; raise `UsageError` if not saved, `SavedPersonError` if damaged."""
    commands = f"calibrate personal --delete {name}, then calibrate personal {name}"
    try:
        return _read(path_of(name), f"Enrol again: {commands}")
    except FileNotFoundError:
        raise UsageError(f"{_not_saved(name)}. Enrol with calibrate personal {name}") from None


def load_file(path: Path) -> SavedPerson:
    """Read a person from a file anywhere; raise as `load` does."""
    try:
        return _read(path, "Name another file, or enrol again with calibrate personal")
    except FileNotFoundError:
        raise UsageError(f"there is no saved person {path}. Check the path") from None


def _read(path: Path, remedy: str) -> SavedPerson:
    """Read a file of a person; `remedy` is for one that is damaged."""
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise SavedPersonError(f"{path} cannot be read: {error.strerror or error}") from error
    try:
        return _from_json(json.loads(raw))
    except DAMAGED as error:
        raise SavedPersonError(
            f"{path} is not a valid saved person ({error!r}). {remedy}"
        ) from None


def delete(name: str) -> None:
    """Delete a saved person and any unfinished save; raise `UsageError` if not saved."""
    path = path_of(name)
    try:
        _unfinished(path).unlink(missing_ok=True)
        path.unlink()
    except FileNotFoundError:
        raise UsageError(_not_saved(name)) from None
    except OSError as error:
        raise SavedPersonError(f"{path} cannot be deleted: {error.strerror or error}") from error


def _unfinished(path: Path) -> Path:
    return path.with_suffix(".tmp")


def _not_saved(name: str) -> str:
    return f"no saved person named {name}; saved: {', '.join(saved_names()) or 'none'}"


def _from_json(values: dict[str, Any]) -> SavedPerson:
    if values["format"] not in (FORMAT, WITHOUT_FACE):
        raise ValueError(f"format {values['format']!r}, this version reads {FORMAT}")
    neutral, square = (np.array(values[key], np.float32) for key in ("neutral", "square"))
    offset = values["own"]
    return SavedPerson(
        PersonStats(float(values["clips"]), neutral, square, float(values["expressions"])),
        str(values["bundle_sha256"]),
        float(values["level"]),
        float(values["level_clips"]),
        (float(offset[0]), float(offset[1])) if offset else None,
        int(values["labelled"]),
        _face_from_json(values) if "face" in values else None,
    )


def _face_to_json(face: KnownFace) -> dict[str, Any]:
    numbers = [round(float(x), 6) for x in face.mean]
    return {"face": numbers, "face_descriptors": face.count}


def _face_from_json(values: dict[str, Any]) -> KnownFace:
    return KnownFace(np.array(values["face"], np.float32), int(values["face_descriptors"]))
