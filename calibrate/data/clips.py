"""Find labelled clips on disk in the two layouts that `calibrate` reads, without decoding them.

PEDFE-like: `labels.csv` (clip, subject, gender, emotion, label, ...) beside `clips/<clip>.avi`; its
column `clip` may also hold paths.
SASE-FE: a folder per person with a folder or file per code, such as N2S for genuine and H2N2S for
fake sadness.
"""

from __future__ import annotations

import math
import os
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath, PurePosixPath

from calibrate.data.label_file import LabelRow, find_labels_file, nearest, read_label_rows
from engines.errors import GaugeError
from realtime.capture.file_types import VIDEO_SUFFIXES, is_video
from realtime.core.labels import ALL, ANY, AUTO, FAKE, GENUINE, LABELS

CLIPS = "clips"  # folder of the videos, beside the labels file
DRIVE = re.compile(r"[A-Za-z]:/")

# Code of a SASE-FE recording -> emotion and label.
SASE_FE = {
    "N2A": ("anger", GENUINE),
    "H2N2A": ("anger", FAKE),
    "N2C": ("contempt", GENUINE),
    "H2N2C": ("contempt", FAKE),
    "N2D": ("disgust", GENUINE),
    "H2N2D": ("disgust", FAKE),
    "N2H": ("happiness", GENUINE),
    "S2N2H": ("happiness", FAKE),
    "N2S": ("sadness", GENUINE),
    "H2N2S": ("sadness", FAKE),
    "N2Sur": ("surprise", GENUINE),
    "D2N2Sur": ("surprise", FAKE),
}


class DataError(GaugeError):
    """Labelled data that cannot be read; the message names the file and the fault."""


@dataclass(frozen=True, slots=True)
class Clip:
    """Labelled recording; `rater_hit_pct` of the human raters chose its label, NaN if unknown."""

    name: str
    path: Path
    subject: str
    emotion: str
    label: str
    gender: str = ""
    rater_hit_pct: float = math.nan

    def __post_init__(self) -> None:
        if self.label not in LABELS:
            meant = nearest(self.label, LABELS)
            raise DataError(
                f"clip {self.name} has the label {self.label!r}; want {GENUINE} or {FAKE}"
                + (f" (did you mean {meant}?)" if meant else "")
            )
        if not self.name or Path(self.name).name != self.name:
            raise DataError(
                f"clip name {self.name!r} is not a file name in clips/ without its suffix"
            )
        if not self.subject or not self.emotion:
            raise DataError(f"clip {self.name} has no subject or no emotion; both are needed")


def find_clips(data: Path) -> list[Clip]:
    """All labelled clips under `data`, sorted by name; raises `DataError` where there are none."""
    if not data.is_dir():
        raise DataError(
            f"no folder {data}; give the folder with labels.csv and clips/, or the SASE-FE folders"
        )
    labels = labels_of(data)
    clips = _from_labels(labels) if labels else _from_codes(data)
    if not clips:
        raise DataError(
            f"no labelled clip in {data}; want labels.csv and clips/, or folders like N2S, H2N2S"
        )
    name, count = Counter(clip.name for clip in clips).most_common(1)[0]
    if count > 1:
        raise DataError(f"{count} clips in {data} are named {name}; want each name once")
    return sorted(clips, key=lambda clip: clip.name)


def labels_of(data: Path) -> Path | None:
    """Return the labels file in the folder `data`, None without one.

    Raises `DataError` for labels in another format.
    """
    try:
        return find_labels_file(data)
    except ValueError as error:
        raise DataError(str(error)) from None


def missing_files(clips: Sequence[Clip]) -> list[Clip]:
    """Return the clips whose video does not exist."""
    return [clip for clip in clips if not clip.path.is_file()]


def _from_labels(labels: Path) -> list[Clip]:
    files = clips_beside(labels)
    try:
        rows = read_label_rows(labels)
    except ValueError as error:
        raise DataError(str(error)) from None
    people: dict[str, LabelRow] = {}
    clips: dict[str, LabelRow] = {}
    found = []
    for row in rows:
        try:
            clip = _clip(row, labels.parent, files)
            _check_spelling(row, people.setdefault(clip.subject.casefold(), row))
        except DataError as error:
            raise DataError(f"{labels}, row {row.number}: {error}") from None
        if (first := clips.setdefault(clip.name, row)) is not row:
            raise DataError(
                f"2 clips in {labels} are named {clip.name}, in rows {first.number} and"
                f" {row.number}; want each name once"
            )
        found.append(clip)
    return found


def clips_beside(labels: Path) -> dict[str, Path]:
    """Return the videos in clips/ beside a labels file, by name without suffix."""
    return {
        unicodedata.normalize("NFC", path.stem): path
        for path in (labels.parent / CLIPS).glob("*")
        if is_video(path)
    }


def _clip(row: LabelRow, folder: Path, files: Mapping[str, Path]) -> Clip:
    cells = row.cells
    name, path = locate_clip(cells["clip"], folder, files)
    emotion = cells["emotion"].casefold()
    if emotion in (ANY, ALL, AUTO) or not re.fullmatch(r"[\w -]*", emotion):
        raise DataError(f"clip {name} has the emotion {emotion!r}; want the name of one emotion")
    return Clip(
        name,
        path,
        cells["subject"],
        emotion,
        cells["label"].casefold(),
        cells.get("gender", ""),
        _percent(cells.get("rater_label_hit_rate_pct", "")),
    )


def locate_clip(cell: str, folder: Path, files: Mapping[str, Path]) -> tuple[str, Path]:
    """Return name and file of the clip in `cell`: a name in clips/, or a path of any system.

    Of a path that leads nowhere here, the file of that name in clips/ is taken.
    """
    if cell in files:
        return cell, files[cell]
    path = PurePosixPath(cell.replace("\\", "/"))
    name = _without_suffix(path)
    for file in (folder / path, folder / CLIPS / path):  # an absolute path stays as it is
        if file.is_file():
            return _name_of(file, folder), file
    if len(path.parts) <= 1:
        return name, files.get(name, folder / CLIPS / path)
    if name in files or path.is_absolute() or DRIVE.match(str(path)):
        return name, files.get(name, folder / path)
    return _name_of(folder / path, folder), folder / path


def _name_of(file: Path, folder: Path) -> str:
    """Return the name of a clip by its path: its folders below the data, and its stem."""
    here = Path(os.path.abspath(file))  # `resolve` would follow links to other names
    for base in (folder / CLIPS, folder):
        if here.is_relative_to(os.path.abspath(base)):
            folders = here.relative_to(os.path.abspath(base)).parent.parts
            return "_".join((*folders, _without_suffix(here)))
    return _without_suffix(here)


def _without_suffix(path: PurePath) -> str:
    return path.stem if path.suffix.lower() in VIDEO_SUFFIXES else path.name


def _check_spelling(row: LabelRow, first: LabelRow) -> None:
    """Raise `DataError` for a person in other capitals: as two, they could be in two folds."""
    one, other = row.cells["subject"], first.cells["subject"]
    if one != other:
        raise DataError(f"person {one!r} is {other!r} in row {first.number}; want one spelling")


def _percent(cell: str) -> float:
    try:
        return float(cell.rstrip("% ").replace(",", ".") or math.nan)
    except ValueError:
        return math.nan


def _from_codes(data: Path) -> list[Clip]:
    clips = []
    for path in sorted(data.rglob("*")):
        code = next((part for part in (path.stem, path.parent.name) if part in SASE_FE), None)
        if is_video(path) and code is not None:
            subject = _subject(path, data)
            clips.append(Clip(f"{subject}_{code}", path, subject, *SASE_FE[code]))
    return clips


def _subject(path: Path, data: Path) -> str:
    """Return the folder directly under `data`, or else the first number in the path."""
    parts = path.relative_to(data).parts
    if len(parts) > 1 and parts[0] not in SASE_FE:
        return parts[0]
    number = re.search(r"\d+", path.stem)
    return number.group() if number else path.stem
