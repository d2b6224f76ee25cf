"""Landmark tracks of labelled clips in one `.npz` file: the output of `calibrate extract`."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from calibrate.data.clips import Clip, DataError
from calibrate.data.private_file import private_opener
from engines.model.shape import POINTS
from realtime.core.messages import CROP_PX, Floats, Image

FIELDS = ("name", "subject", "emotion", "label", "gender")
COLUMNS = ("rater_hit_pct", "seen", "frames", "times_s", "points_px", "looked", "patches")
UNSEEN = np.zeros((0, CROP_PX, CROP_PX), np.uint8)


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """Landmarks of one clip: times (n,) in s and points (n, 40, 2) in px of the frames with a face.

    `crops` (n, 24, 24) are the aligned crops; (0, 24, 24) for a synthetic face without pictures.
    """

    clip: Clip
    times_s: NDArray[np.float64]
    points_px: Floats
    frames: int  # of the clip, with or without a face
    crops: NDArray[np.uint8] = field(default_factory=lambda: UNSEEN)

    def __post_init__(self) -> None:
        if self.points_px.shape != (len(self.times_s), POINTS, 2):
            raise DataError(
                f"track {self.clip.name}: points {self.points_px.shape}, {len(self.times_s)} times"
            )
        if len(self.crops) not in (0, len(self.times_s)):
            raise DataError(
                f"track {self.clip.name}: {len(self.crops)} crops, {len(self.times_s)} times"
            )

    def part(self, frames: slice) -> Track:
        """Some of its frames."""
        return replace(
            self,
            times_s=self.times_s[frames],
            points_px=self.points_px[frames],
            crops=self.crops[frames],
        )

    def crop(self, frame: int) -> Image | None:
        """How the face looked in a frame, if it was seen as a picture."""
        return self.crops[frame] if len(self.crops) else None


def save_tracks(path: Path, tracks: list[Track]) -> None:
    """Write `tracks` to `path`, compressed; mode 0600, because the crops show faces."""
    columns: dict[str, Any] = {
        field: np.array([getattr(track.clip, field) for track in tracks]) for field in FIELDS
    }
    with open(path, "wb", opener=private_opener) as file:
        np.savez_compressed(
            file,
            **columns,
            rater_hit_pct=np.array([track.clip.rater_hit_pct for track in tracks]),
            seen=np.array([len(track.times_s) for track in tracks]),
            frames=np.array([track.frames for track in tracks]),
            times_s=np.concatenate([track.times_s for track in tracks]),
            points_px=np.concatenate([track.points_px for track in tracks]),
            looked=np.array([len(track.crops) for track in tracks]),
            patches=np.concatenate([track.crops for track in tracks]),
        )


def load_tracks(path: Path) -> list[Track]:
    """Read what `save` wrote; raises `DataError` for anything else."""
    try:
        with np.load(path, allow_pickle=False) as file:
            columns = {key: file[key] for key in (*FIELDS, *COLUMNS)}
    except (
        OSError,
        EOFError,  # an empty file
        ValueError,
        KeyError,
        TypeError,  # one bare array
        BadZipFile,
    ) as error:
        raise DataError(
            f"{path} is no tracks file ({error}); make one with calibrate extract DATA -o {path}"
        ) from None
    seen, looked = columns["seen"], columns["looked"]
    ends = zip(np.cumsum(seen), np.cumsum(looked), strict=True)
    return [
        _track(columns, i, slice(s - seen[i], s), slice(p - looked[i], p))
        for i, (s, p) in enumerate(ends)
    ]


def _track(columns: dict[str, NDArray[Any]], i: int, part: slice, patches: slice) -> Track:
    name, subject, emotion, label, gender = (str(columns[field][i]) for field in FIELDS)
    return Track(
        Clip(name, Path(), subject, emotion, label, gender, float(columns["rater_hit_pct"][i])),
        np.asarray(columns["times_s"][part], np.float64),
        np.asarray(columns["points_px"][part], np.float32),
        int(columns["frames"][i]),
        np.asarray(columns["patches"][patches], np.uint8),
    )
