"""Recording of what the gauge saw in one clip: enough to judge it again without the pictures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from calibrate.data.clips import Clip, DataError
from calibrate.data.replay_track import NO_IMAGE, RecordedDescriptors
from calibrate.data.tracks import Track, columns_of, save_columns, track_of, tracks_of
from realtime.capture.frame_counter import FrameCounter
from realtime.capture.source import Source
from realtime.core.messages import BoxSource, Face, Frame, Landmarks, Tick, ViewQuality
from realtime.person.descriptor_source import Described, DescriptorSource
from realtime.person.face_watch import FaceWatch
from realtime.runtime.gauge import Gauge, LandmarkSource
from realtime.runtime.gauge_group import GaugeGroup
from realtime.runtime.replay import mark_signal, ticks

SOURCES = tuple(BoxSource)
FRAMES = ("frame_times_s", "boxes_px", "psr", "box_source", "shows_points", "quality")


@dataclass(frozen=True, slots=True, eq=False)
class ClipRecording:
    """Landmarks of one clip, and what else the gauge read in each of its n frames.

    `times_s` (n,); `boxes_px` (n, 4) and `psr` (n,) are NaN without a face, whose `box_source` (n,)
    is a number in `SOURCES`; `shows_points` (n,) marks the frames of `track`, with the `quality`
    (m, 4) of each: sharpness, brightness, yaw and roll.
    """

    track: Track
    times_s: NDArray[np.float64]
    boxes_px: NDArray[np.float64]
    psr: NDArray[np.float64]
    box_source: NDArray[np.uint8]
    shows_points: NDArray[np.bool_]
    quality: NDArray[np.float64]
    hz: float  # declared by the file; 0 if unknown
    signal_error: str = ""

    def __post_init__(self) -> None:
        frames, shown = len(self.times_s), int(self.shows_points.sum())
        lengths = {len(each) for each in (self.boxes_px, self.psr, self.box_source)}
        if lengths != {frames} or not shown == len(self.track.times_s) == len(self.quality):
            raise DataError(
                f"recording {self.track.clip.name}: {frames} frames, {shown} of them with points; "
                f"{sorted(lengths)} faces, {len(self.quality)} qualities"
            )

    @property
    def face_share(self) -> float:
        """Return the share of frames that show a face, 0 to 1."""
        return float(np.isfinite(self.psr).mean()) if len(self.psr) else 0.0

    @property
    def mean_hz(self) -> float:
        """Return the frames per second between the first and the last frame; 0 for one frame."""
        if len(self.times_s) < 2:
            return 0.0
        return float((len(self.times_s) - 1) / (self.times_s[-1] - self.times_s[0]))

    def qualities(self) -> Iterator[tuple[ViewQuality, float]]:
        """Yield quality and PSR of every frame with points."""
        for row, psr in zip(self.quality, self.psr[self.shows_points], strict=True):
            yield ViewQuality(*map(float, row)), float(psr)


def record_clip(clip: Clip, source: Source, gauge: Gauge) -> ClipRecording:
    """Show every frame of `source` to a fresh `gauge`, and return what it read; judges nothing.

    The source is opened and closed. Raises `SourceError`.
    """
    reader = gauge.reader = _KeptFrames(gauge.reader)
    assert gauge.watch is not None, "a recording needs face descriptors"
    described = gauge.watch.source = _KeptDescriptors(gauge.watch.source)
    with source:
        for _ in ticks(source, GaugeGroup.alone(gauge), FrameCounter()):
            pass
    return reader.recording(clip, described, source)


def replay_recording(recording: ClipRecording, gauge: Gauge) -> Iterator[Tick]:
    """Yield the ticks of a recorded clip; `gauge` has a `RecordedReader` of it.

    The ticks are those of the clip itself: same motion code, same judge, descriptors from the file.
    """
    gauge.watch = FaceWatch(RecordedDescriptors(recording.track))
    for index, at_s in enumerate(recording.times_s.tolist()):
        tick = gauge.step(Frame(index, at_s, at_s, NO_IMAGE)).tick
        if tick is not None:
            yield mark_signal(tick, recording.signal_error)


class RecordedReader:
    """Face and landmarks of a recorded clip, in place of a `FaceReader`."""

    def __init__(self, recording: ClipRecording) -> None:
        self._recording = recording
        self._row = np.cumsum(recording.shows_points) - 1  # in the track, by frame

    def read(self, frame: Frame) -> tuple[Face | None, Landmarks | None]:
        """Return what the frame of this index showed."""
        recording, index = self._recording, frame.index
        if not np.isfinite(recording.psr[index]):
            return None, None
        x, y, width, height = recording.boxes_px[index].tolist()
        box_source = SOURCES[recording.box_source[index]]
        face = Face((x, y, width, height), float(recording.psr[index]), box_source)
        if not recording.shows_points[index]:
            return face, None
        row, track = int(self._row[index]), recording.track
        quality = ViewQuality(*map(float, recording.quality[row]))
        points, crop = track.points_px[row], track.crop(row)
        shown = track.expression(row)
        looks = track.appearance[row] if track.has_appearance else None
        return face, Landmarks(points, frame.captured_at_s, index, quality, crop, shown, looks)


def save_recording(path: Path, recording: ClipRecording) -> None:
    """Write a recording, mode 0600: its crops and descriptors show who it is."""
    frames = (
        recording.times_s,
        recording.boxes_px,
        recording.psr,
        recording.box_source,
        recording.shows_points,
        recording.quality,
    )
    columns = {**columns_of([recording.track]), **dict(zip(FRAMES, frames, strict=True))}
    columns |= {"hz": recording.hz, "signal_error": np.array(recording.signal_error)}
    save_columns(path, columns)


def load_recording(path: Path) -> ClipRecording:
    """Read what `save_recording` wrote; raises `DataError` for anything else."""
    try:
        with np.load(path, allow_pickle=False) as file:
            columns: dict[str, NDArray[Any]] = {key: file[key] for key in file.files}
        (track,) = tracks_of(columns)
        return ClipRecording(
            track,
            columns["frame_times_s"],
            columns["boxes_px"],
            columns["psr"],
            columns["box_source"],
            columns["shows_points"],
            columns["quality"],
            float(columns["hz"]),
            str(columns["signal_error"]),
        )
    except (OSError, EOFError, ValueError, KeyError, TypeError, BadZipFile) as error:
        raise DataError(f"{path} is no recording ({error}); delete it and run again") from None


class _KeptFrames:
    """Reader that keeps what another one reads."""

    def __init__(self, reader: LandmarkSource) -> None:
        self._reader = reader
        self._frames: list[tuple[float, Face | None, bool]] = []
        self._landmarks: list[Landmarks] = []

    def read(self, frame: Frame) -> tuple[Face | None, Landmarks | None]:
        """Return face and landmarks of `frame`."""
        face, landmarks = self._reader.read(frame)
        self._frames.append((frame.captured_at_s, face, landmarks is not None))
        if landmarks is not None:
            self._landmarks.append(landmarks)
        return face, landmarks

    def recording(self, clip: Clip, described: _KeptDescriptors, source: Source) -> ClipRecording:
        """Return everything read so far."""
        nothing, faces = (float("nan"),) * 4, [face for _, face, _ in self._frames]
        views = [each.quality for each in self._landmarks]
        return ClipRecording(
            track_of(clip, self._landmarks, len(self._frames), described.seen),
            np.array([at_s for at_s, _, _ in self._frames], np.float64),
            np.array([f.box_px if f else nothing for f in faces], np.float64).reshape(-1, 4),
            np.array([f.psr if f else np.nan for f in faces], np.float64),
            np.array([SOURCES.index(f.box_source) if f else 0 for f in faces], np.uint8),
            np.array([shown for _, _, shown in self._frames], bool),
            np.array([(v.sharpness, v.brightness, v.yaw, v.roll_deg) for v in views]).reshape(
                -1, 4
            ),
            source.hz,
            source.signal_error,
        )


class _KeptDescriptors:
    """Source of descriptors that keeps what another one describes at once, with the times."""

    def __init__(self, source: DescriptorSource) -> None:
        self._source, self._asked_s = source, 0.0
        self.seen: list[tuple[float, NDArray[np.float32]]] = []

    def submit(self, frame: Frame, landmarks: Landmarks, stretch: int) -> str:
        """Describe the face in `frame`; return why not, or ""."""
        self._asked_s = frame.captured_at_s
        return self._source.submit(frame, landmarks, stretch)

    def take(self) -> list[Described]:
        """Return the results so far, oldest first."""
        found = self._source.take()
        self.seen += [(self._asked_s, each.descriptor) for each in found]
        return found
