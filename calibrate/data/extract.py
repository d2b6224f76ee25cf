"""Extract landmark tracks from clips with the capture, face and landmark code that runs live."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path

import numpy as np

from calibrate.data.clips import Clip, DataError, find_clips
from calibrate.data.tracks import UNDESCRIBED, UNSEEN, Track, load_tracks, save_tracks
from calibrate.parallel import atomic_write, run_tasks
from realtime.capture.video_file import VideoFile
from realtime.core.clock import SystemClock
from realtime.core.errors import SourceError
from realtime.landmarks.face_reader import FaceReader
from realtime.landmarks.predictor import LandmarkPredictor
from realtime.person.descriptor_source import InlineDescriptors
from realtime.person.face_network import FaceNetwork

DESCRIBE_EVERY_S = 0.4  # of a clip: a replay takes the descriptor that is nearest in time


@dataclass(frozen=True, slots=True)
class SkippedClip:
    """A clip that gave no track, and why."""

    name: str
    reason: str


def extract_tracks(
    data: Path, out: Path, jobs: int, progress: Callable[[int, int], None]
) -> tuple[list[Track], list[SkippedClip]]:
    """Extract every clip under `data` into `out`, `jobs` at a time; resume an interrupted run.

    Calls `progress(done, total)` after every clip. Returns the tracks and the unreadable clips.
    """
    clips = find_clips(data)
    parts = out.with_name(out.name + ".parts")
    parts.mkdir(parents=True, exist_ok=True)
    left = []
    for done, found in enumerate(_extracted(clips, parts, jobs), start=1):
        progress(done, len(clips))
        if isinstance(found, SkippedClip):
            left.append(found)
    found_in = {clip: parts / f"{clip.name}.npz" for clip in clips}
    tracks = [
        replace(track, clip=clip)
        for clip, part in found_in.items()
        if part.exists()
        for track in load_tracks(part)
    ]
    if not tracks:
        first = min(left, key=lambda item: item.name)
        raise DataError(
            f"none of the {len(clips)} clips in {data} shows a face; {first.name}: {first.reason}"
        )
    save_tracks(out, tracks)
    for part in parts.iterdir():
        part.unlink()
    parts.rmdir()
    return tracks, sorted(left, key=lambda item: item.name)


def _extracted(clips: list[Clip], parts: Path, jobs: int) -> Iterator[SkippedClip | None]:
    todo = [clip for clip in clips if not (parts / f"{clip.name}.npz").exists()]
    yield from (None for _ in range(len(clips) - len(todo)))
    for _, skipped in run_tasks(partial(_extract_one, parts=parts), todo, jobs):
        yield skipped


def _extract_one(clip: Clip, parts: Path) -> SkippedClip | None:
    try:
        track = track_clip(clip)
    except SourceError as error:
        return SkippedClip(clip.name, str(error))
    if not len(track.times_s):
        return SkippedClip(clip.name, f"no face in {track.frames} frames")
    with atomic_write(parts / f"{clip.name}.npz") as unfinished:
        save_tracks(unfinished, [track])
    return None


def track_clip(clip: Clip) -> Track:
    """The landmarks of one clip, frame by frame, as the live gauge sees them."""
    reader = FaceReader(predictor=predictor())
    times, points, patches, frames = [], [], [], 0
    descriptors, described_s, due_s = InlineDescriptors(face_network()), [], float("-inf")
    with VideoFile(clip.path, paced=False, clock=SystemClock()) as source:
        while (frame := source.read()) is not None:
            frames += 1
            _, landmarks = reader.read(frame)
            if landmarks is not None:
                times.append(landmarks.captured_at_s)
                points.append(landmarks.points_px)
                patches.append(landmarks.crop)
                at_s = landmarks.captured_at_s
                if at_s >= due_s and not descriptors.submit(frame, landmarks, 0):
                    described_s.append(at_s)
                    due_s = at_s + DESCRIBE_EVERY_S
    shaped = (
        np.array(points, np.float32).reshape(len(points), -1, 2)
        if points
        else np.zeros((0, 40, 2), np.float32)
    )
    return Track(
        clip,
        np.array(times, np.float64),
        shaped,
        frames,
        np.array(patches, np.uint8) if patches else UNSEEN,
        np.array(described_s, np.float64),
        np.array([one.descriptor for one in descriptors.take()]) if described_s else UNDESCRIBED,
    )


@cache
def face_network() -> FaceNetwork:
    """Return the network that describes faces, loaded once a process."""
    return FaceNetwork()


@cache
def predictor() -> LandmarkPredictor:
    """Return the landmark predictor, loaded once a process."""
    return LandmarkPredictor()
