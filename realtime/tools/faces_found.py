"""In how many frames of a folder of videos a face is found: `python -m realtime.tools.faces_found`.

Each video is read as `--lossless` reads it, so that the figures do not depend on the machine; with
`--late` the CNN's answers come as late as in a live run, and with `--without-cnn` not at all.
"""

from __future__ import annotations

import argparse
import csv
import math
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from realtime.capture.file_types import list_videos
from realtime.capture.video_file import VideoFile
from realtime.core.clock import SystemClock
from realtime.faces.face_search import FaceSearch
from realtime.faces.face_tracker import FaceTracker
from realtime.faces.pyramid import Pyramid
from realtime.faces.slow_detector import InlineDetector, SlowAnswer
from realtime.landmarks.face_reader import FaceReader
from realtime.landmarks.predictor import LandmarkPredictor

EVERY = 2
SLACK_S = 1e-6  # of sums of frame times
LARGE_PX = 70.0  # between the outer corners of the eyes, from which a face is called large


@dataclass(frozen=True, slots=True)
class Found:
    """Frames of a video that were read, those with a face, and those with its landmarks."""

    name: str
    frames: int
    faces: int
    landmarks: int


class LateDetector:
    """CNN whose answers come `late_s` of media time after the question; never with infinity."""

    def __init__(self, late_s: float) -> None:
        self._late_s, self._now_s = late_s, 0.0
        self._inline, self._answers = InlineDetector(), list[SlowAnswer]()

    def pass_to(self, at_s: float) -> None:
        """Set the time of the picture that is read next."""
        self._now_s = at_s

    def submit(self, picture: Pyramid, at_s: float) -> bool:
        """Find the faces in a picture, which replaces none."""
        if self._late_s < math.inf:
            self._inline.submit(picture, at_s)
        return False

    def take(self) -> list[SlowAnswer]:
        """Return the answers that have come by now."""
        self._answers += self._inline.take()
        due = [one for one in self._answers if self._now_s - one.at_s >= self._late_s - SLACK_S]
        self._answers = [one for one in self._answers if one not in due]
        return due


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the shares of frames with a face and with landmarks; return the exit code."""
    options = parser().parse_args(arguments)
    eyes_px = {} if options.eyes is None else read_eyes_px(options.eyes)
    late_s = math.inf if options.without_cnn else options.late
    predictor, found = LandmarkPredictor(), list[Found]()
    for path in list_videos(options.folder).videos:
        found.append(faces_in(path, options.every, predictor, late_s))
        if options.clips:
            print(clip_line(found[-1], eyes_px), flush=True)
    print(summary_line("all videos", found))
    if eyes_px:
        large = [one for one in found if eyes_px.get(one.name, 0.0) >= options.large]
        print(summary_line(f"eyes {options.large:g} px apart or more", large))
    return 0


def parser() -> argparse.ArgumentParser:
    """Return the parser of the tool's options."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="folder of videos that show a face throughout")
    parser.add_argument(
        "--eyes", type=Path, metavar="CSV", help="columns clip and eye_distance_px; see --large"
    )
    parser.add_argument(
        "--large", type=float, default=LARGE_PX, help=f"least eye distance, px ({LARGE_PX:g})"
    )
    parser.add_argument(
        "--every", type=int, default=EVERY, help=f"read every N-th frame only ({EVERY})"
    )
    parser.add_argument(
        "--late", type=float, default=0.0, metavar="SECONDS", help="the CNN answers so late (0)"
    )
    parser.add_argument("--without-cnn", action="store_true", help="never ask the CNN")
    parser.add_argument("--clips", action="store_true", help="print a line for each video, too")
    return parser


def read_eyes_px(path: Path) -> dict[str, float]:
    """Return the eye distance in px of each clip that a CSV file gives one for."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = [(row["clip"], row["eye_distance_px"]) for row in csv.DictReader(file)]
    return {clip: float(distance) for clip, distance in rows if distance}


def faces_in(path: Path, every: int, predictor: LandmarkPredictor, late_s: float = 0.0) -> Found:
    """Count the faces in every `every`-th frame of a video; the CNN answers `late_s` later."""
    detector = LateDetector(late_s)
    reader = FaceReader(FaceTracker(FaceSearch(slow=detector)), predictor)
    frames, faces, points = 0, 0, 0
    with VideoFile(path, False, SystemClock()) as source:
        for frame in iter(source.read, None):
            if frame.index % every:
                continue
            detector.pass_to(frame.captured_at_s)
            face, landmarks = reader.read(frame)
            frames, faces = frames + 1, faces + (face is not None)
            points += landmarks is not None
    return Found(path.stem, frames, faces, points)


def clip_line(found: Found, eyes_px: dict[str, float]) -> str:
    """Return a line of counts for one video; its eye distance is 0 where none is known."""
    eyes = f"{eyes_px.get(found.name, 0.0):.0f}"
    return f"{found.name},{eyes},{found.frames},{found.faces},{found.landmarks}"


def summary_line(what: str, found: Iterable[Found]) -> str:
    """Return the shares over the frames of all videos together."""
    found = list(found)
    frames = sum(one.frames for one in found)
    faces, landmarks = (sum(one.faces for one in found), sum(one.landmarks for one in found))
    if not frames:
        return f"{what}: no frame"
    shares = (
        f"a face in {100 * faces / frames:.2f} %, landmarks in {100 * landmarks / frames:.2f} %"
    )
    return f"{what}: {shares} of {frames} frames (videos: {len(found)})"


if __name__ == "__main__":
    sys.exit(main())
