"""Landmark tracks of labelled clips in one `.npz` file: the output of `calibrate extract`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from calibrate.data.clips import Clip, DataError
from calibrate.data.private_file import private_opener
from engines.model.shape import POINTS
from realtime.core.messages import CROP_PX, Expression, Floats, Image, Landmarks
from realtime.landmarks.appearance import APPEARANCE
from realtime.person.face_network import DESCRIPTOR

FIELDS = ("name", "subject", "emotion", "label", "gender")
COLUMNS = ("rater_hit_pct", "seen", "frames", "times_s", "points_px", "looked", "patches")
DESCRIBED = ("described", "described_s", "descriptors")  # missing in files of older versions
LOOKS = ("with_appearance", "appearance")  # missing in files of older versions, too
SHOWN = ("with_expression", "expressions", "expression_names", "read_out")  # these, too
UNSEEN = np.zeros((0, CROP_PX, CROP_PX), np.uint8)
NEVER_S, UNDESCRIBED = np.zeros(0), np.zeros((0, DESCRIPTOR), np.float32)
WITHOUT_APPEARANCE = np.zeros((0, APPEARANCE), np.float32)
WITHOUT_EXPRESSION = np.zeros((0, 0), np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """Landmarks of one clip: times (n,) in s and points (n, 40, 2) in px of the frames with a face.

    `crops` (n, 24, 24) are the aligned crops; (0, 24, 24) for a synthetic face without pictures.
    `descriptors` (m, 128) are those of the frames at `described_s` (m,). `appearance` (n, 32) is
    that of the same frames as the points; (0, 32) where it was not seen. `expressions` (n, k) are
    the read-outs by `expression_names`, NaN for a frame without one; (0, k) where there is none.
    `read_out` is the digest of the network that they are from, "" where nothing compares them.
    """

    clip: Clip
    times_s: NDArray[np.float64]
    points_px: Floats
    frames: int  # of the clip, with or without a face
    crops: NDArray[np.uint8] = field(default_factory=lambda: UNSEEN)
    described_s: NDArray[np.float64] = field(default_factory=lambda: NEVER_S)
    descriptors: Floats = field(default_factory=lambda: UNDESCRIBED)
    appearance: Floats = field(default_factory=lambda: WITHOUT_APPEARANCE)
    expressions: Floats = field(default_factory=lambda: WITHOUT_EXPRESSION)
    expression_names: tuple[str, ...] = ()
    read_out: str = ""

    def __post_init__(self) -> None:
        if self.points_px.shape != (len(self.times_s), POINTS, 2):
            raise DataError(
                f"track {self.clip.name}: points {self.points_px.shape}, {len(self.times_s)} times"
            )
        if len(self.crops) not in (0, len(self.times_s)):
            raise DataError(
                f"track {self.clip.name}: {len(self.crops)} crops, {len(self.times_s)} times"
            )
        if self.appearance.shape not in ((0, APPEARANCE), (len(self.times_s), APPEARANCE)):
            raise DataError(
                f"track {self.clip.name}: appearance {self.appearance.shape}, "
                f"{len(self.times_s)} times"
            )
        names = len(self.expression_names)
        if self.expressions.shape not in ((0, names), (len(self.times_s), names)):
            raise DataError(
                f"track {self.clip.name}: expressions {self.expressions.shape}, "
                f"{len(self.times_s)} times and {names} names"
            )
        if self.descriptors.shape != (len(self.described_s), DESCRIPTOR):
            raise DataError(
                f"track {self.clip.name}: descriptors {self.descriptors.shape}, "
                f"{len(self.described_s)} times"
            )

    def part(self, frames: slice) -> Track:
        """Some of its frames."""
        times_s = self.times_s[frames]
        inside = np.isin(self.described_s, times_s)
        return replace(
            self,
            times_s=times_s,
            points_px=self.points_px[frames],
            crops=self.crops[frames],
            described_s=self.described_s[inside],
            descriptors=self.descriptors[inside],
            appearance=self.appearance[frames],
            expressions=self.expressions[frames],
        )

    @property
    def has_appearance(self) -> bool:
        """Whether the appearance was seen in every frame."""
        return len(self.appearance) == len(self.times_s)

    def crop(self, frame: int) -> Image | None:
        """How the face looked in a frame, if it was seen as a picture."""
        return self.crops[frame] if len(self.crops) else None

    def expression(self, frame: int) -> Expression | None:
        """Return the read-out of a frame; None where there was none."""
        if not len(self.expressions) or np.isnan(self.expressions[frame]).any():
            return None
        return Expression(self.expression_names, self.expressions[frame])


def track_of(
    clip: Clip,
    seen: Sequence[Landmarks],
    frames: int,
    described: Sequence[tuple[float, Floats]],
    read_out: str = "",
) -> Track:
    """Return the track of a clip of `frames` frames, from the landmarks `seen` in some of them.

    `described` are times and descriptors.
    """
    crops = [each.crop for each in seen if each.crop is not None]
    looks = [each.appearance for each in seen if each.appearance is not None]
    return Track(
        clip,
        np.array([each.captured_at_s for each in seen], np.float64),
        np.array([each.points_px for each in seen], np.float32).reshape(len(seen), POINTS, 2),
        frames,
        np.array(crops, np.uint8) if crops else UNSEEN,
        np.array([at_s for at_s, _ in described], np.float64),
        np.array([row for _, row in described], np.float32) if described else UNDESCRIBED,
        np.array(looks, np.float32) if looks else WITHOUT_APPEARANCE,
        *_expressions(seen),
        read_out,
    )


def _expressions(seen: Sequence[Landmarks]) -> tuple[Floats, tuple[str, ...]]:
    """Return the read-outs of all landmarks, and their names; none where there is none at all."""
    names = next((each.expression.names for each in seen if each.expression is not None), None)
    if names is None:
        return WITHOUT_EXPRESSION, ()
    nothing = np.full(len(names), np.nan, np.float32)
    rows = [each.expression.values if each.expression else nothing for each in seen]
    return np.array(rows, np.float32), names


def save_tracks(path: Path, tracks: list[Track]) -> None:
    """Write `tracks` to `path`, compressed; mode 0600: the crops and descriptors show who it is."""
    save_columns(path, columns_of(tracks))


def save_columns(path: Path, columns: Mapping[str, Any]) -> None:
    """Write arrays to `path`, compressed, readable by their owner alone."""
    with open(path, "wb", opener=private_opener) as file:
        np.savez_compressed(file, **columns)


def columns_of(tracks: Sequence[Track]) -> dict[str, Any]:
    """Return the content of `tracks` as arrays that `tracks_of` reads.

    Raises `DataError` for tracks with the read-outs of different networks.
    """
    names, read_out = kind_of_read_out(tracks)
    without = np.zeros((0, len(names)), np.float32)
    shown = [track.expressions if len(track.expressions) else without for track in tracks]
    return {
        **{field: np.array([getattr(track.clip, field) for track in tracks]) for field in FIELDS},
        "rater_hit_pct": np.array([track.clip.rater_hit_pct for track in tracks]),
        "seen": np.array([len(track.times_s) for track in tracks]),
        "frames": np.array([track.frames for track in tracks]),
        "times_s": np.concatenate([track.times_s for track in tracks]),
        "points_px": np.concatenate([track.points_px for track in tracks]),
        "looked": np.array([len(track.crops) for track in tracks]),
        "patches": np.concatenate([track.crops for track in tracks]),
        "described": np.array([len(track.described_s) for track in tracks]),
        "described_s": np.concatenate([track.described_s for track in tracks]),
        "descriptors": np.concatenate([track.descriptors for track in tracks]),
        "with_appearance": np.array([len(track.appearance) for track in tracks]),
        "appearance": np.concatenate([track.appearance for track in tracks]),
        "with_expression": np.array([len(track.expressions) for track in tracks]),
        "expressions": np.concatenate(shown),
        "expression_names": np.array(names, np.str_),
        "read_out": np.array(read_out),
    }


def load_tracks(path: Path) -> list[Track]:
    """Read what `save` wrote; raises `DataError` for anything else.

    Tracks in a file of an older version have no descriptors, no appearance or no read-out.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            columns = {key: file[key] for key in (*FIELDS, *COLUMNS)}
            columns |= {key: file[key] for key in (*DESCRIBED, *LOOKS, *SHOWN) if key in file}
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
    return tracks_of(columns)


def tracks_of(columns: dict[str, NDArray[Any]]) -> list[Track]:
    """Return the tracks in arrays of `columns_of`."""
    columns.setdefault("described", np.zeros(len(columns["seen"]), int))
    columns.setdefault("described_s", NEVER_S)
    columns.setdefault("descriptors", UNDESCRIBED)
    columns.setdefault("with_appearance", np.zeros(len(columns["seen"]), int))
    columns.setdefault("appearance", WITHOUT_APPEARANCE)
    columns.setdefault("with_expression", np.zeros(len(columns["seen"]), int))
    columns.setdefault("expressions", WITHOUT_EXPRESSION)
    columns.setdefault("expression_names", np.zeros(0, np.str_))
    columns.setdefault("read_out", np.array(""))
    counts = ("seen", "looked", "described", "with_appearance", "with_expression")
    slices = zip(*(_slices(columns[key]) for key in counts), strict=True)
    return [
        _track(columns, i, dict(zip(counts, parts, strict=True))) for i, parts in enumerate(slices)
    ]


def have_appearance(tracks: Sequence[Track]) -> bool:
    """Return whether `tracks` hold the appearance; raises `DataError` where only some do."""
    found = [track.has_appearance for track in tracks if len(track.times_s)]
    if any(found) and not all(found):
        raise DataError(
            f"{found.count(False)} of {len(found)} tracks hold no appearance; extract them again"
        )
    return bool(found) and all(found)


def kind_of_read_out(tracks: Sequence[Track]) -> tuple[tuple[str, ...], str]:
    """Return names and digest of the read-outs in `tracks`, ((), "") where none has one.

    Raises `DataError` where they are from different networks.
    """
    kinds = {(t.expression_names, t.read_out) for t in tracks if len(t.expressions)}
    if len(kinds) > 1:
        raise DataError(
            f"tracks with the read-outs of {len(kinds)} bundles; extract all clips with one version"
        )
    return next(iter(kinds), ((), ""))


def _slices(counts: NDArray[np.int64]) -> list[slice]:
    ends = np.cumsum(counts).tolist()
    return [slice(start, end) for start, end in zip([0, *ends], ends, strict=False)]


def _track(columns: dict[str, NDArray[Any]], i: int, parts: Mapping[str, slice]) -> Track:
    seen, described = parts["seen"], parts["described"]
    name, subject, emotion, label, gender = (str(columns[field][i]) for field in FIELDS)
    return Track(
        Clip(name, Path(), subject, emotion, label, gender, float(columns["rater_hit_pct"][i])),
        np.asarray(columns["times_s"][seen], np.float64),
        np.asarray(columns["points_px"][seen], np.float32),
        int(columns["frames"][i]),
        np.asarray(columns["patches"][parts["looked"]], np.uint8),
        np.asarray(columns["described_s"][described], np.float64),
        np.asarray(columns["descriptors"][described], np.float32),
        np.asarray(columns["appearance"][parts["with_appearance"]], np.float32),
        np.asarray(columns["expressions"][parts["with_expression"]], np.float32),
        tuple(map(str, columns["expression_names"])),
        str(columns["read_out"]),
    )
