"""Extract landmark tracks from clips with the capture, face and landmark code that runs live."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from calibrate.data.clips import Clip, DataError, find_clips
from calibrate.data.tracks import Track, load_tracks, save_tracks, track_of
from calibrate.parallel import MAX_DEATHS, Jobs, atomic_write, run_tasks
from engines.bundle.bundle import DEFAULT_BUNDLE, Bundle
from realtime.capture.video_file import VideoFile
from realtime.core.clock import SystemClock
from realtime.core.errors import SourceError
from realtime.core.messages import Landmarks
from realtime.landmarks.appearance import appearance_basis
from realtime.landmarks.expression_reader import ExpressionNetwork, ExpressionReader
from realtime.landmarks.face_reader import FaceReader
from realtime.landmarks.predictor import LandmarkPredictor
from realtime.person.descriptor_source import InlineDescriptors
from realtime.person.face_network import FaceNetwork
from realtime.runtime.stages_from_bundle import expression_network

DESCRIBE_EVERY_S = 0.4  # of a clip: a replay takes the descriptor that is nearest in time


@dataclass(frozen=True, slots=True)
class SkippedClip:
    """A clip that gave no track, and why."""

    name: str
    reason: str


def extract_tracks(
    data: Path, out: Path, jobs: Jobs, progress: Callable[[int, int], None]
) -> tuple[list[Track], list[SkippedClip]]:
    """Extract every clip under `data` into `out`, `jobs` at a time; resume an interrupted run.

    Calls `progress(done, total)` after every clip. Returns the tracks and the unreadable clips.
    """
    clips = find_clips(data)
    parts = out.with_name(out.name + ".parts")
    # Of another read-out, what an interrupted run has left is made again.
    files = {clip: parts / f"{clip.name}-{expression_network_digest()}.npz" for clip in clips}
    tracks, left = extract_clips(files, jobs, progress)
    save_tracks(out, tracks)
    for part in parts.iterdir():
        part.unlink()
    parts.rmdir()
    return tracks, left


def extract_clips(
    files: Mapping[Clip, Path], jobs: Jobs, progress: Callable[[int, int], None]
) -> tuple[list[Track], list[SkippedClip]]:
    """Extract every clip into its file, unless that exists; clips of one content may share it.

    Calls `progress(done, total)` after every file. Returns the tracks and the unreadable clips, in
    the order of `files`; raises `DataError` if no clip shows a face.
    """
    first: dict[Path, Clip] = {}
    for clip, file in files.items():
        first.setdefault(file, clip)
    for folder in {file.parent for file in first}:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    todo = [(clip, file) for file, clip in first.items() if not file.exists()]
    done = len(first) - len(todo)
    for count in range(1, done + 1):
        progress(count, len(first))
    reasons: dict[Path, str] = {}
    for (_, file), reason in run_tasks(_extract_one, todo, jobs, on_death=_died):
        if reason:
            reasons[file] = reason
        done += 1
        progress(done, len(first))
    skipped = [
        SkippedClip(clip.name, reasons[file]) for clip, file in files.items() if file in reasons
    ]
    if len(skipped) == len(files):
        raise DataError(
            f"none of the {len(files)} clips in {_folder_of(files)} shows a face; "
            f"{skipped[0].name}: {skipped[0].reason}"
        )
    loaded = {file: load_tracks(file)[0] for file in first if file not in reasons}
    tracks = [replace(loaded[file], clip=clip) for clip, file in files.items() if file in loaded]
    return tracks, skipped


def _folder_of(clips: Iterable[Clip]) -> str:
    return os.path.commonpath([os.path.abspath(clip.path.parent) for clip in clips])


def _extract_one(task: tuple[Clip, Path]) -> str:
    """Write the track of a clip into a file; return why there is none, or ""."""
    clip, file = task
    try:
        track = track_clip(clip)
    except SourceError as error:
        return str(error)
    except (OSError, MemoryError):
        raise
    except Exception as error:  # one damaged clip must not end the work on all others
        return f"{clip.path} cannot be read: {type(error).__name__}: {error}"
    if not len(track.times_s):
        return f"no face in {track.frames} frames"
    with atomic_write(file) as unfinished:
        save_tracks(unfinished, [track])
    return ""


def _died(task: tuple[Clip, Path]) -> str:
    return f"{task[0].path}: the process that read it died {MAX_DEATHS} times"


def track_clip(clip: Clip) -> Track:
    """The landmarks of one clip, frame by frame, as the live gauge sees them.

    The expression read-out is that of the packaged bundle.
    """
    reader = FaceReader(predictor=predictor(), expressions=expression_reader())
    seen, frames = list[Landmarks](), 0
    descriptors, described_s, due_s = InlineDescriptors(face_network()), [], float("-inf")
    with VideoFile(clip.path, paced=False, clock=SystemClock()) as source:
        while (frame := source.read()) is not None:
            frames += 1
            _, landmarks = reader.read(frame)
            if landmarks is not None:
                seen.append(landmarks)
                at_s = landmarks.captured_at_s
                if at_s >= due_s and not descriptors.submit(frame, landmarks, 0):
                    described_s.append(at_s)
                    due_s = at_s + DESCRIBE_EVERY_S
    rows = [one.descriptor for one in descriptors.take()]
    described = list(zip(described_s, rows, strict=True))
    return track_of(clip, seen, frames, described, expression_network_digest())


@cache
def packaged_read_out() -> ExpressionNetwork | None:
    """Return the network of the packaged bundle's read-out, loaded once a process."""
    return expression_network(Bundle.load(DEFAULT_BUNDLE))


def expression_network_digest() -> str:
    """Return the digest of the packaged read-out, "" without one."""
    network = packaged_read_out()
    return network.digest if network is not None else ""


@cache
def expression_reader() -> ExpressionReader:
    """Return the reader of packaged read-out and appearance, loaded once a process."""
    return ExpressionReader(packaged_read_out(), appearance_basis())


@cache
def face_network() -> FaceNetwork:
    """Return the network that describes faces, loaded once a process."""
    return FaceNetwork()


@cache
def predictor() -> LandmarkPredictor:
    """Return the landmark predictor, loaded once a process."""
    return LandmarkPredictor()
