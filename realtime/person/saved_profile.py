"""A saved person: their stats as numbers in a private file, without pictures.

The file identifies a person, so it has mode 0600; deleting it removes the person.
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
from realtime.person.stats import PersonStats

FORMAT = 2
# Largest plausible personal offset (log slope, intercept); beyond it the file is damaged.
MAX_PERSONAL_OFFSET = (3.0, 10.0)
MAX_BYTES = 64 << 10
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
DAMAGED = (
    ValueError,
    LookupError,
    TypeError,
    OverflowError,
    RecursionError,
)  # what a file of any content may raise
MEND = "Make it writable for you, or name another data folder in XDG_DATA_HOME"


@dataclass(frozen=True, slots=True, eq=False)
class SavedPerson:
    """Stats, person bias over `bias_clips` expressions, and personal offset of a saved person.

    Bias and offset are on the score scale of the bundle with the sha256.
    """

    stats: PersonStats
    bundle_sha256: str
    bias: float = 0.0
    bias_clips: float = 0.0
    personal_offset: tuple[float, float] | None = None
    labelled: int = 0  # expressions with a label behind `personal_offset`

    def __post_init__(self) -> None:
        known = self.stats
        if known.neutral.shape != (LANDMARKS,) or known.mean_square_movement.shape != (LANDMARKS,):
            raise ValueError(
                f"neutral {known.neutral.shape}, square {known.mean_square_movement.shape}; want ({LANDMARKS},) each"
            )
        numbers = (
            known.clips,
            known.expressions,
            self.bias,
            self.bias_clips,
            *(self.personal_offset or ()),
        )
        if (
            not np.isfinite([*known.neutral, *known.mean_square_movement, *numbers]).all()
            or known.mean_square_movement.min() < 0
        ):
            raise ValueError("a number is not finite, or a square below 0")
        far = any(
            abs(own) > most
            for own, most in zip(self.personal_offset or (), MAX_PERSONAL_OFFSET, strict=False)
        )
        if known.clips <= 0 or min(known.expressions, self.bias_clips) < 0 or far:
            raise ValueError(
                f"{known.clips} clips, {known.expressions} expressions, own map {self.personal_offset}"
            )


def people_folder() -> Path:
    """Return the folder of saved people, under XDG_DATA_HOME or its equivalent."""
    from platformdirs import user_data_path

    return user_data_path("genuine-gauge", appauthor=False) / "people"


def path_of(name: str) -> Path:
    """Return a person's file; raise `UsageError` for an invalid name."""
    if not NAME.fullmatch(name):
        raise UsageError(
            f"{name!r} is no name for a person; take up to 64 of a-z, A-Z, 0-9, - and _, a dash not first"
        )
    return people_folder() / f"{name}.json"


def saved_names() -> list[str]:
    """Return the names of all saved people; raise `SavedPersonError` if unreadable."""
    try:
        found = [Path(entry) for entry in os.listdir(people_folder())]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise SavedPersonError(
            f"{people_folder()} cannot be read: {error.strerror or error}"
        ) from error
    return sorted(
        path.stem for path in found if path.suffix == ".json" and NAME.fullmatch(path.stem)
    )


def check_writable() -> None:
    """Raise `SavedPersonError` if nothing can be saved. Creates no folder."""
    there = next(
        place for place in (people_folder(), *people_folder().parents) if os.path.exists(place)
    )
    if not (there.is_dir() and os.access(there, os.W_OK | os.X_OK)):
        raise SavedPersonError(
            f"nobody can be saved in {people_folder()}: {there} is not writable. {MEND}"
        )


def save(name: str, saved: SavedPerson) -> Path:
    """Write a person atomically, readable by the user alone."""
    path, known = path_of(name), saved.stats.capped()
    values = {
        "format": FORMAT,
        "clips": known.clips,
        "expressions": known.expressions,
        "neutral": [round(float(x), 6) for x in known.neutral],
        "square": [float(f"{x:.6g}") for x in known.mean_square_movement],
        "bundle_sha256": saved.bundle_sha256,
        "level": saved.bias,
        "level_clips": saved.bias_clips,
        "own": saved.personal_offset,
        "labelled": saved.labelled,
    }
    unfinished = _unfinished(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.parent.chmod(
            0o700
        )  # also where it was there before: the names of the files are those of people
        unfinished.unlink(missing_ok=True)
        with os.fdopen(
            os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w"
        ) as file:
            json.dump(values, file, indent=1, allow_nan=False)
        unfinished.replace(path)
    except OSError as error:
        with suppress(OSError):
            unfinished.unlink()
        raise SavedPersonError(
            f"cannot save {name} in {path.parent}: {error.strerror or error}. {MEND}"
        ) from error
    return path


def load(name: str) -> SavedPerson:
    """Read a person; raise `UsageError` if not saved, `SavedPersonError` if damaged."""
    path = path_of(name)
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise UsageError(
            f"{_nobody(name)}. Get to know them with calibrate personal {name}"
        ) from None
    except OSError as error:
        raise SavedPersonError(f"{path} cannot be read: {error.strerror or error}") from error
    try:
        return _saved(json.loads(raw))
    except DAMAGED as error:
        anew = f"calibrate personal --delete {name}, then calibrate personal {name}"
        raise SavedPersonError(
            f"{path} is no saved person ({error!r}). Make it anew: {anew}"
        ) from None


def delete(name: str) -> None:
    """Delete a person, and what an interrupted save left of them."""
    path = path_of(name)
    try:
        _unfinished(path).unlink(missing_ok=True)
        path.unlink()
    except FileNotFoundError:
        raise UsageError(_nobody(name)) from None
    except OSError as error:
        raise SavedPersonError(f"{path} cannot be deleted: {error.strerror or error}") from error


def _unfinished(path: Path) -> Path:
    return path.with_suffix(".tmp")


def _nobody(name: str) -> str:
    return f"nobody is saved as {name}; there is {', '.join(saved_names()) or 'nobody'}"


def _saved(values: dict[str, Any]) -> SavedPerson:
    if values["format"] != FORMAT:
        raise ValueError(f"format {values['format']!r}, this version reads {FORMAT}")
    neutral, square = (np.array(values[key], np.float32) for key in ("neutral", "square"))
    own = values["own"]
    return SavedPerson(
        PersonStats(float(values["clips"]), neutral, square, float(values["expressions"])),
        str(values["bundle_sha256"]),
        float(values["level"]),
        float(values["level_clips"]),
        (float(own[0]), float(own[1])) if own else None,
        int(values["labelled"]),
    )
