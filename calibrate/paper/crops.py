"""Clips as the paper sees them: 40 points scaled to [-1, 1] in the face's box, read anew in every pass.

The face is found in the first frame and followed by MOSSE, whose box keeps its size (paper, section 2.1). In each pass
some pixels are cut off the box's edges, one draw for the whole clip, and the points are read in what is left (section
2.4). Departures, for the live code does so: Haar's box is mapped to dlib's and has to look like a face, the points are
the mean of three looks, and a frame in which MOSSE is not sure of the face is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
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
from realtime.motion.resample import WindowTiming, resample

MOST_PX = (20, 10, 20, 10)  # that a pass cuts off the left, top, right and bottom of the face's box
SMALLEST_PX = 2 * (MOST_PX[0] + MOST_PX[2])  # of a face's side: half of it is left in any pass
UNSMOOTHED_S = 1e-3  # the paper smooths nothing

Cuts = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class TrackedFrame:
    """A frame's gray picture (h, w), its time, and where the face is in it."""

    at_s: float
    gray: Image
    box: Box


def jittered_crops(clip: str, passes: int, seed: int) -> Cuts:
    """What each pass over the clip of that name cuts off, px (passes, 4): left, top, right, bottom."""
    rng = np.random.default_rng((seed, *clip.encode()))
    return rng.integers(0, MOST_PX, (passes, len(MOST_PX)), endpoint=True)


def motion_of(clip: Clip, cut: Cuts, hz: float | None) -> Floats:
    """The movement in a clip, (passes, frames, 80), for the `cut` (passes, 4) of each pass.

    Every frame of the clip is one of the movement, or it is resampled to `hz`. Raises `SourceError` where the file
    cannot be read, and `DataError` where it shows no face to be used.
    """
    times, shapes = [], []
    with VideoFile(clip.path, paced=False, clock=SystemClock()) as source:
        for frame in followed(source):
            times.append(frame.at_s)
            shapes.append([_looked(frame, one) for one in cut])
    if len(times) < 2:
        raise DataError(f"{len(times)} frames with a face; want 2 or more")
    motion = np.array(shapes, np.float32).swapaxes(0, 1)
    at_s = np.array(times)
    return np.ascontiguousarray(
        motion if hz is None else [_resampled(at_s, one, hz) for one in motion]
    )


def followed(source: Source) -> Iterator[TrackedFrame]:
    """The frames of `source` from the first face on in which MOSSE is sure of it; belongs to one thread."""
    detector, mosse, found = HaarDetector(), MosseTracker(), False
    while (frame := source.read()) is not None:
        gray = np.asarray(cv2.cvtColor(frame.image, cv2.COLOR_BGR2GRAY), np.uint8)
        if not found:
            first = next((box for box in detector.find(gray) if _face_like(gray, box)), None)
            if first is None:
                continue
            found = True
            mosse.start(gray, _large_enough(first))
        box, psr = mosse.track(gray)
        if psr >= GOOD_PSR:
            yield TrackedFrame(frame.captured_at_s, gray, box)


def cropped(box: Box, cut: Cuts) -> Box:
    """`box` without the pixels `cut` (4,) off its left, top, right and bottom."""
    x, y, width, height = box
    left, top, right, bottom = (float(px) for px in cut)
    return (x + left, y + top, width - left - right, height - top - bottom)


def scaled(points_px: Floats, box: Box) -> Floats:
    """Points (40, 2) as 40 x, then 40 y (80,), scaled so that the box's edges are at -1 and 1."""
    x, y, width, height = box
    places = 2 * (points_px - (x, y)) / (width, height) - 1
    return np.asarray(places.T.reshape(-1), np.float32)


def _looked(frame: TrackedFrame, cut: Cuts) -> Floats:
    crop = cropped(frame.box, cut)
    return scaled(select_40_points(predictor().predict(frame.gray, crop).points_px), crop)


def _face_like(gray: Image, box: Box) -> bool:
    """Haar takes other things for faces, too; what the points say of it is what the live reader goes by."""
    rough = predictor().predict(gray, box)
    return predictor().predict(gray, dlib_box_of(rough.points_px)).disagreement <= FACE_LIKE


def _large_enough(box: Box) -> Box:
    if min(box[2:]) < SMALLEST_PX:
        raise DataError(
            f"the face is {min(box[2:]):.0f} px wide; want {SMALLEST_PX} or more, for up to {MOST_PX[0]} are cut off"
        )
    return box


def _resampled(times_s: NDArray[np.float64], shapes: Floats, hz: float) -> Floats:
    return resample(times_s, shapes, WindowTiming(hz, 60.0, 2 / hz, 1 / hz, UNSMOOTHED_S))[1]
