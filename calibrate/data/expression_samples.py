"""Frames with what a teacher reads in them, from which the expression read-out is learned.

The teacher is MediaPipe's Face Landmarker. Its 52 blendshapes of each frame are in the file
`blendshapes_mediapipe.npz` beside the folder `clips`: `names` of the clips, `frames` of each, and
`blendshapes_u8`, all frames end to end, value * 254, 255 where it found no face.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from calibrate.data.clips import CLIPS, DataError, find_clips, labels_of
from calibrate.data.private_file import private_opener
from realtime.capture.file_types import is_video
from realtime.capture.video_file import VideoFile
from realtime.core.clock import SystemClock
from realtime.core.messages import Expression, Floats, Image
from realtime.faces.pyramid import Gray, pyramid_of
from realtime.landmarks.expression_features import FEATURES, measure_face
from realtime.landmarks.face_reader import FaceReader
from realtime.landmarks.predictor import LandmarkPredictor

TEACHER_FILE = "blendshapes_mediapipe.npz"
BLENDSHAPES, NO_FACE, SCALE = 52, 255, 254
# Actions that are read, and their numbers among MediaPipe's 52 blendshapes. Left out are gaze, and
# what the teacher hardly ever reports or a student does not learn (docs/RESULTS.md).
ACTIONS = {
    "brow_lower_left": 1,
    "brow_lower_right": 2,
    "inner_brow_raise": 3,
    "outer_brow_raise_left": 4,
    "outer_brow_raise_right": 5,
    "blink_left": 9,
    "blink_right": 10,
    "squint_left": 19,
    "squint_right": 20,
    "lid_raise_left": 21,
    "lid_raise_right": 22,
    "jaw_drop": 25,
    "lower_lip_down_left": 34,
    "lower_lip_down_right": 35,
    "smile_left": 44,
    "smile_right": 45,
    "upper_lip_raise_left": 48,
    "upper_lip_raise_right": 49,
}
NAMES = tuple(ACTIONS)
EVERY = 4  # frames: neighbours hardly differ
# Of dlib's 68 points, each one's counterpart on the other half of the face.
MIRRORED = np.r_[
    16:-1:-1,  # jaw
    26:16:-1,  # brows
    27:31,  # nose
    35:30:-1,
    [45, 44, 43, 42, 47, 46, 39, 38, 37, 36, 41, 40],  # eyes
    [54, 53, 52, 51, 50, 49, 48, 59, 58, 57, 56, 55, 64, 63, 62, 61, 60, 67, 66, 65],  # mouth
]


@dataclass(frozen=True, slots=True, eq=False)
class ExpressionSamples:
    """Features (n, 2, F) float16 of n frames, as seen and mirrored, and the teacher's values.

    `teacher` (n, 52) is from 0 to 1; `person` (n,) names who is seen, `labelled` (n,) whether by a
    labels file, that is in several clips.
    """

    features: NDArray[np.float16]
    teacher: Floats
    person: NDArray[np.str_]
    labelled: NDArray[np.bool_]

    def __post_init__(self) -> None:
        n = len(self.features)
        shapes = [part.shape for part in (self.features, self.teacher, self.person, self.labelled)]
        if not n or shapes != [(n, 2, FEATURES), (n, BLENDSHAPES), (n,), (n,)]:
            raise DataError(f"expression samples have shapes {shapes}; sample the clips again")


@dataclass(frozen=True, slots=True, eq=False)
class TaughtClip:
    """Clip of a person with the teacher's values (frames, 52) uint8."""

    path: Path
    person: str
    labelled: bool
    teacher: NDArray[np.uint8]


def find_taught_clips(data: Path) -> list[TaughtClip]:
    """Return the clips under `data` that the teacher has read; raises `DataError` without any."""
    path = data / TEACHER_FILE
    try:
        with np.load(path, allow_pickle=False) as file:
            names, frames, values = (file[k] for k in ("names", "frames", "blendshapes_u8"))
    except (OSError, EOFError, ValueError, KeyError, TypeError, BadZipFile) as error:
        raise DataError(
            f"{path} is no file of blendshapes ({error}); give a folder with one, and with clips/"
        ) from None
    if values.dtype != np.uint8 or values.shape != (frames.sum(), BLENDSHAPES):
        found = f"{values.dtype} {values.shape}"
        raise DataError(f"{path} holds {found}; want uint8 ({frames.sum()}, {BLENDSHAPES})")
    people = {clip.name: clip.subject for clip in find_clips(data)} if labels_of(data) else {}
    ends = np.cumsum(frames)
    taught = dict(zip(names.tolist(), np.split(values, ends[:-1]), strict=True))
    return [
        TaughtClip(video, people.get(name, name), name in people, taught[name])
        for video in sorted((data / CLIPS).iterdir())
        if is_video(video) and (name := video.stem) in taught
    ]


def sample_clip(clip: TaughtClip) -> ExpressionSamples | None:
    """Return samples of a clip, read as live; None where nothing is seen by us and the teacher."""
    pairs = list(_pairs(clip))
    if not pairs:
        return None
    features, teacher = (np.array(part) for part in zip(*pairs, strict=True))
    return ExpressionSamples(
        features.astype(np.float16),
        np.asarray(teacher / SCALE, np.float32),
        np.full(len(pairs), clip.person),
        np.full(len(pairs), clip.labelled),
    )


def _pairs(clip: TaughtClip) -> Iterator[tuple[Floats, NDArray[np.uint8]]]:
    """Yield features (2, F) and the teacher's values (52,) of every `EVERY`th frame."""
    probe = _FeatureProbe()
    reader = FaceReader(predictor=_predictor(), expressions=probe)
    with VideoFile(clip.path, paced=False, clock=SystemClock()) as source:
        while (frame := source.read()) is not None and frame.index < len(clip.teacher):
            if frame.index % EVERY:
                continue
            teacher = clip.teacher[frame.index]
            _, landmarks = reader.read(frame)
            if landmarks is not None and teacher.max() != NO_FACE:
                yield probe.features, teacher


class _FeatureProbe:
    """Reader that keeps the features of the newest face, as seen and mirrored (2, F)."""

    features: Floats

    def read(self, gray: Gray, points68_px: Floats) -> tuple[Expression | None, Floats | None]:
        picture: Image = pyramid_of(gray).gray
        mirrored = points68_px[MIRRORED] * (-1, 1) + (picture.shape[1] - 1, 0)
        flipped = np.ascontiguousarray(picture[:, ::-1])
        self.features = np.stack(
            (measure_face(gray, points68_px), measure_face(flipped, mirrored.astype(np.float32)))
        )
        return None, None


def join_samples(parts: Sequence[ExpressionSamples]) -> ExpressionSamples:
    """Return all samples in one."""
    columns = ("features", "teacher", "person", "labelled")
    joined = (np.concatenate([getattr(part, name) for part in parts]) for name in columns)
    return ExpressionSamples(*joined)


def save_samples(path: Path, samples: ExpressionSamples) -> None:
    """Write `samples` to `path`; mode 0600: they show how faces look."""
    with open(path, "wb", opener=private_opener) as file:
        np.savez_compressed(
            file,
            features=samples.features,
            teacher=samples.teacher,
            person=samples.person,
            labelled=samples.labelled,
        )


def load_samples(path: Path) -> ExpressionSamples:
    """Read what `save_samples` wrote; raises `DataError` for anything else."""
    try:
        with np.load(path, allow_pickle=False) as file:
            return ExpressionSamples(
                file["features"], file["teacher"], file["person"], file["labelled"]
            )
    except (OSError, EOFError, ValueError, KeyError, TypeError, BadZipFile) as error:
        raise DataError(
            f"{path} is no file of samples ({error}); make one with calibrate sample DATA -o {path}"
        ) from None


@cache
def _predictor() -> LandmarkPredictor:
    return LandmarkPredictor()
