"""Landmark tracks of labelled clips: what `extract` writes and every later command reads, one `.npz` file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from calibrate.clips import Clip, DataError
from engines.shape import POINTS
from realtime.values import Floats

FIELDS = ("name", "subject", "emotion", "label", "gender")


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """One clip as the live code saw it: times (n,) in s and points (n, 40, 2) in px of the frames with a face."""

    clip: Clip
    times_s: NDArray[np.float64]
    points_px: Floats
    frames: int  # of the clip, with or without a face

    def __post_init__(self) -> None:
        if self.points_px.shape != (len(self.times_s), POINTS, 2):
            raise DataError(f"track {self.clip.name} has {self.points_px.shape} points for {len(self.times_s)} times")


def save(path: Path, tracks: list[Track]) -> None:
    """Write `tracks` to `path` as one compressed file of plain arrays."""
    columns: dict[str, Any] = {field: np.array([getattr(track.clip, field) for track in tracks]) for field in FIELDS}
    with path.open("wb") as file:
        np.savez_compressed(
            file,
            **columns,
            rater_hit_pct=np.array([track.clip.rater_hit_pct for track in tracks]),
            seen=np.array([len(track.times_s) for track in tracks]),
            frames=np.array([track.frames for track in tracks]),
            times_s=np.concatenate([track.times_s for track in tracks]),
            points_px=np.concatenate([track.points_px for track in tracks]),
        )


def load(path: Path) -> list[Track]:
    """Read what `save` wrote; raises `DataError` for anything else."""
    try:
        with np.load(path, allow_pickle=False) as file:
            columns = {key: file[key] for key in (*FIELDS, "rater_hit_pct", "seen", "frames", "times_s", "points_px")}
    except (OSError, ValueError, KeyError, TypeError, BadZipFile) as error:  # TypeError: one bare array
        raise DataError(f"{path} is no tracks file ({error}); make one with calibrate extract DATA -o {path}") from None
    ends = np.cumsum(columns["seen"])
    return [_track(columns, i, slice(end - columns["seen"][i], end)) for i, end in enumerate(ends)]


def _track(columns: dict[str, NDArray[Any]], i: int, part: slice) -> Track:
    name, subject, emotion, label, gender = (str(columns[field][i]) for field in FIELDS)
    return Track(
        Clip(name, Path(), subject, emotion, label, gender, float(columns["rater_hit_pct"][i])),
        np.asarray(columns["times_s"][part], np.float64),
        np.asarray(columns["points_px"][part], np.float32),
        int(columns["frames"][i]),
    )
