"""Clips as in the paper: 40 points scaled to [-1, 1] in the face's box, read again in every pass.

The face is detected in the first frame and tracked by MOSSE, whose box keeps its size (paper,
section 2.1). Each pass crops some pixels off the edges of the box, one draw for the whole clip, and
reads the points in the rest (section 2.4). Departures from the paper, as in the live code: the Haar
box is mapped to dlib's and must look like a face, the points are the mean of three predictions, and
frames with a low MOSSE PSR are dropped.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calibrate.data.clips import Clip, DataError
from calibrate.data.extract import predictor
from realtime.capture.source import Source
from realtime.capture.video_file import VideoFile
from realtime.core.clock import SystemClock
from realtime.core.messages import Box, Floats, Image
from realtime.faces.haar_detector import HaarDetector
from realtime.faces.mosse import GOOD_PSR, MosseTracker
from realtime.landmarks.face_reader import FACE_LIKE
from realtime.landmarks.points40 import select_40_points
from realtime.landmarks.predictor import dlib_box_of
from realtime.motion.resample import WindowTiming, resample_shapes

MAX_CROP_PX = (20, 10, 20, 10)  # off the left, top, right and bottom of the face's box
MIN_FACE_PX = 2 * (MAX_CROP_PX[0] + MAX_CROP_PX[2])  # half of the face remains in any pass
UNSMOOTHED_S = 1e-3  # the paper smooths nothing

Crops = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class TrackedFrame:
    """A gray frame (h, w), its time, and the box of the face."""

    at_s: float
    gray: Image
    box: Box


def jittered_crops(clip: str, passes: int, seed: int) -> Crops:
    """Draw the crop of each pass over a clip, px (passes, 4): left, top, right, bottom."""
    rng = np.random.default_rng((seed, *clip.encode()))
    return rng.integers(0, MAX_CROP_PX, (passes, len(MAX_CROP_PX)), endpoint=True)


def clip_motion(clip: Clip, crops: Crops, hz: float | None) -> Floats:
    """Return the movement in a clip, (passes, frames, 80), for `crops` (passes, 4).

    It keeps every frame, or is resampled to `hz`. Raises `SourceError` for an unreadable file and
    `DataError` if no usable face is found.
    """
    times, shapes = [], []
    with VideoFile(clip.path, paced=False, clock=SystemClock()) as source:
        for frame in tracked_frames(source):
            times.append(frame.at_s)
            shapes.append([_landmarks(frame, crop) for crop in crops])
    if len(times) < 2:
        raise DataError(f"{len(times)} frames with a face; want 2 or more")
    motion = np.array(shapes, np.float32).swapaxes(0, 1)
    at_s = np.array(times)
    return np.ascontiguousarray(
        motion if hz is None else [_resampled(at_s, one, hz) for one in motion]
    )


def tracked_frames(source: Source) -> Iterator[TrackedFrame]:
    """Yield the frames of `source` in which MOSSE tracks the face; used by one thread."""
    detector, mosse, tracking = HaarDetector(), MosseTracker(), False
    while (frame := source.read()) is not None:
        gray = frame.gray
        if not tracking:
            first = next((box for box in detector.find(gray) if _face_like(gray, box)), None)
            if first is None:
                continue
            tracking = True
            mosse.start(gray, _large_enough(first))
        box, psr = mosse.track(gray)
        if psr >= GOOD_PSR:
            yield TrackedFrame(frame.captured_at_s, gray, box)


def crop_box(box: Box, crop: Crops) -> Box:
    """Return `box` without the pixels `crop` (4,) at its left, top, right and bottom."""
    x, y, width, height = box
    left, top, right, bottom = (float(px) for px in crop)
    return (x + left, y + top, width - left - right, height - top - bottom)


def scale_to_box(points_px: Floats, box: Box) -> Floats:
    """Return points (40, 2) as 40 x, then 40 y (80,), with the edges of the box at -1 and 1."""
    x, y, width, height = box
    scaled = 2 * (points_px - (x, y)) / (width, height) - 1
    return np.asarray(scaled.T.reshape(-1), np.float32)


def _landmarks(frame: TrackedFrame, crop: Crops) -> Floats:
    box = crop_box(frame.box, crop)
    return scale_to_box(select_40_points(predictor().predict(frame.gray, box).points_px), box)


def _face_like(gray: Image, box: Box) -> bool:
    """Return whether the landmarks confirm a Haar detection, as in the live reader."""
    rough = predictor().predict(gray, box)
    return predictor().predict(gray, dlib_box_of(rough.points_px)).disagreement <= FACE_LIKE


def _large_enough(box: Box) -> Box:
    if min(box[2:]) < MIN_FACE_PX:
        raise DataError(
            f"the face is {min(box[2:]):.0f} px wide; want {MIN_FACE_PX} or more, because up to"
            f" {MAX_CROP_PX[0]} are cropped from each side"
        )
    return box


def _resampled(times_s: NDArray[np.float64], shapes: Floats, hz: float) -> Floats:
    return resample_shapes(times_s, shapes, WindowTiming(hz, 60.0, 2 / hz, 1 / hz, UNSMOOTHED_S))[1]
