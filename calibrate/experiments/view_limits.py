"""Measure how sharp and how light a face must be for its landmarks to stay where they are.

    python -m calibrate.experiments.view_limits FOLDER [FOLDER ...]

Clear faces of each video are blurred, darkened (with a sensor's noise) and brightened step by step.
The limits of `calibrate.learning.gate_thresholds` are those that this prints, rounded.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from realtime.capture.file_types import list_videos
from realtime.capture.video_file import VideoFile
from realtime.core.clock import SystemClock
from realtime.core.messages import Floats, Image
from realtime.landmarks.face_reader import FaceReader
from realtime.landmarks.points40 import select_40_points
from realtime.landmarks.predictor import LandmarkPredictor, dlib_box_of
from realtime.landmarks.quality import LEFT_EYE_CORNER, RIGHT_EYE_CORNER, WIDTH_PX, measure_quality

FIRST, EVERY, FACES = 10, 25, 4  # frames of a video whose faces are used, and how many of them
MARGIN = 1.0  # around a face's box, in boxes
MOVED = 0.03  # mean distance of the points that counts as moved, in distances of the eyes' corners
STAY, LEAST_FACES = 0.9, 100  # share of a bin's faces that must stay; a smaller bin decides nothing
SENSOR_NOISE = 4.0  # standard deviation in gray levels of a camera in a dim room
# Blurs in pixels of a face `WIDTH_PX` wide, and factors of the light.
BLURS_PX = (0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0, 4.0, 6.0)
DARK = (0.7, 0.5, 0.35, 0.25, 0.18, 0.12, 0.09, 0.06, 0.04, 0.03, 0.02)
BRIGHT = (1.3, 1.6, 2.0, 2.5, 3.0, 4.0, 5.0, 7.0, 10.0, 15.0)
SHARPNESS_BINS = (0, 1, 2, 4, 6, 8, 10, 12, 15, 20, 25, 30, 40, 60, 100, 200, np.inf)
DARK_BINS = (0, 2, 4, 6, 8, 10, 12, 15, 20, 25, 30, 40, 60, 256)
BRIGHT_BINS = (256, 253, 250, 245, 240, 235, 230, 225, 220, 210, 200, 190, 180, 150, 0)


@dataclass(frozen=True, slots=True, eq=False)
class ClearFace:
    """Gray surroundings uint8 (h, w) of a face, and its points (68, 2) in them."""

    gray: Image
    points68_px: Floats


@dataclass(frozen=True, slots=True)
class DegradedFace:
    """Quality of a degraded face, and how far its points moved, in distances of the eyes."""

    quality: float
    moved: float


def main(arguments: Sequence[str] | None = None) -> int:
    """Print how many faces stay in place by sharpness and light, and the limits; return 0."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folders", type=Path, nargs="+", help="folders of videos of faces")
    parser.add_argument("--videos", type=int, default=100, help="most videos of a folder (100)")
    options = parser.parse_args(arguments)
    predictor, rng = LandmarkPredictor(), np.random.default_rng(0)
    faces = [
        face
        for folder in options.folders
        for path in evenly(list_videos(folder).videos, options.videos)
        for face in clear_faces(path, predictor)
    ]
    print(f"{len(faces)} clear faces; as they are, 1 % to 99 % of them have")
    for name in ("sharpness", "brightness"):
        clear = [read(face, _as_it_is, name, predictor).quality for face in faces]
        print(f"  {name} {np.percentile(clear, 1):.0f} to {np.percentile(clear, 99):.0f}")
    for name, bins, steps in (
        ("sharpness", SHARPNESS_BINS, [blurred(px) for px in BLURS_PX]),
        ("brightness", DARK_BINS, [lit(factor, rng) for factor in DARK]),
        ("brightness", BRIGHT_BINS, [lit(factor, rng) for factor in BRIGHT]),
    ):
        readings = [read(face, step, name, predictor) for face in faces for step in steps]
        report(name, readings, bins)
    return 0


def evenly(paths: Sequence[Path], most: int) -> list[Path]:
    """Return at most `most` of the paths, evenly spread."""
    return [paths[i] for i in np.unique(np.linspace(0, len(paths) - 1, most).astype(int))]


def clear_faces(path: Path, predictor: LandmarkPredictor) -> Iterator[ClearFace]:
    """Yield some faces of a video with the picture around them."""
    reader, found = FaceReader(predictor=predictor), 0
    with VideoFile(path, False, SystemClock()) as source:
        for frame in iter(source.read, None):
            face, landmarks = reader.read(frame)
            if frame.index % EVERY != FIRST or face is None or landmarks is None:
                continue
            yield _cut(frame.gray, face.box_px, predictor)
            found += 1
            if found == FACES:
                return


def _as_it_is(face: ClearFace) -> Image:
    return face.gray


def blurred(blur_px: float) -> Callable[[ClearFace], Image]:
    """Return what blurs a face by a Gaussian of `blur_px` pixels of a face `WIDTH_PX` wide."""

    def blur(face: ClearFace) -> Image:
        sigma_px = blur_px * float(np.ptp(face.points68_px[:, 0])) / WIDTH_PX
        return np.asarray(cv2.GaussianBlur(face.gray, (0, 0), sigma_px), np.uint8)

    return blur


def lit(factor: float, rng: np.random.Generator) -> Callable[[ClearFace], Image]:
    """Return what scales the light of a face by `factor` and adds the noise of a sensor."""

    def light(face: ClearFace) -> Image:
        noise = rng.normal(0, SENSOR_NOISE, face.gray.shape)
        return np.clip(np.round(factor * face.gray + noise), 0, 255).astype(np.uint8)

    return light


def read(
    face: ClearFace, degrade: Callable[[ClearFace], Image], name: str, predictor: LandmarkPredictor
) -> DegradedFace:
    """Return the quality of the degraded face and how far its points went."""
    picture = degrade(face)
    fit = predictor.predict(picture, dlib_box_of(face.points68_px))
    before, after = select_40_points(face.points68_px), select_40_points(fit.points_px)
    eyes_px = float(np.linalg.norm(before[LEFT_EYE_CORNER] - before[RIGHT_EYE_CORNER]))
    moved = float(np.linalg.norm(after - before, axis=1).mean()) / eyes_px
    return DegradedFace(float(getattr(measure_quality(picture, before), name)), moved)


def report(name: str, readings: Sequence[DegradedFace], bins: Sequence[float]) -> None:
    """Print the share of faces that stay by bins of quality, from the worst on, and the limit."""
    print(f"\n{name:>16}   faces  stay   median")
    stayed: list[float] = []
    for worse, better in pairwise(bins):
        low, high = min(worse, better), max(worse, better)
        moved: NDArray[np.float64] = np.array(
            [one.moved for one in readings if low <= one.quality < high]
        )
        stay = float((moved <= MOVED).mean()) if len(moved) else float("nan")
        stayed.append(stay if len(moved) >= LEAST_FACES else float("nan"))
        median = float(np.median(moved)) if len(moved) else float("nan")
        print(f"{low:7g} - {high:6g} {len(moved):7d} {stay:6.2f} {100 * median:6.2f} %")
    print(f"limit: {limit(stayed, bins):g}")


def limit(shares: Sequence[float], bins: Sequence[float]) -> float:
    """Return the worst bound from which on every bin keeps at least `STAY` of its faces."""
    for number in range(len(shares), 0, -1):
        if shares[number - 1] < STAY:
            return bins[number]
    return bins[0]


def _cut(gray: Image, box: tuple[float, float, float, float], by: LandmarkPredictor) -> ClearFace:
    """Return the face in `box` with its surroundings, fitted there."""
    x, y, width, height = box
    left, top = max(0, int(x - MARGIN * width)), max(0, int(y - MARGIN * height))
    right, bottom = int(x + (1 + MARGIN) * width), int(y + (1 + MARGIN) * height)
    cut = np.ascontiguousarray(gray[top:bottom, left:right])
    fit = by.predict(cut, (x - left, y - top, width, height))
    return ClearFace(cut, by.predict(cut, dlib_box_of(fit.points_px)).points_px)


if __name__ == "__main__":
    sys.exit(main())
