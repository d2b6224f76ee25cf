"""Find labelled clips on disk in the two layouts that `calibrate` reads, without decoding them.

PEDFE-like: `labels.csv` (clip, subject, gender, emotion, label, ...) beside `clips/<clip>.avi`.
SASE-FE: a folder per person with a folder or file per code, such as N2S for genuine and H2N2S for
fake sadness.
"""

from __future__ import annotations

import csv
import math
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from engines.errors import GaugeError
from realtime.core.labels import FAKE, GENUINE

VIDEOS = {".avi", ".mp4", ".mov", ".mkv", ".webm"}

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
        if self.label not in (GENUINE, FAKE):
            raise DataError(
                f"clip {self.name} has the label {self.label!r}; want {GENUINE} or {FAKE}"
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
    labels = data / "labels.csv"
    clips = _from_labels(labels) if labels.exists() else _from_codes(data)
    if not clips:
        raise DataError(
            f"no labelled clip in {data}; want labels.csv and clips/, or folders like N2S, H2N2S"
        )
    name, count = Counter(clip.name for clip in clips).most_common(1)[0]
    if count > 1:
        raise DataError(f"{count} clips in {data} are named {name}; want each name once")
    return sorted(clips, key=lambda clip: clip.name)


def _from_labels(labels: Path) -> list[Clip]:
    files = {
        path.stem: path
        for path in (labels.parent / "clips").glob("*")
        if path.suffix.lower() in VIDEOS
    }
    with labels.open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    missing = {"clip", "subject", "emotion", "label"} - set(rows[0] if rows else ())
    if missing:
        raise DataError(
            f"{labels} has no column {', '.join(sorted(missing))};"
            " want clip, subject, emotion, label"
        )
    return [
        _clip(row, files.get(row["clip"], labels.parent / "clips" / row["clip"])) for row in rows
    ]


def _clip(row: dict[str, str], path: Path) -> Clip:
    try:
        hit_pct = float(row.get("rater_label_hit_rate_pct") or math.nan)
    except ValueError:
        hit_pct = math.nan
    return Clip(
        row["clip"],
        path,
        row["subject"],
        row["emotion"],
        row["label"],
        row.get("gender", ""),
        hit_pct,
    )


def _from_codes(data: Path) -> list[Clip]:
    clips = []
    for path in sorted(data.rglob("*")):
        code = next((part for part in (path.stem, path.parent.name) if part in SASE_FE), None)
        if path.suffix.lower() in VIDEOS and code is not None:
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
