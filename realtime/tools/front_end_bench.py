"""Time of faces and landmarks by picture size: `python -m realtime.tools.front_end_bench`.

The same pictures go in turn through MediaPipe's FaceMesh if `--mediapipe` names a Python that has
it, for instance that of a virtual environment of its own (`pip install mediapipe==0.10.21`).

`--faces N` measures what further faces cost instead, in pictures that show the clip up to N times
side by side: all readers take the same pictures in turn, frame by frame.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

import cv2
import numpy as np

from engines.bundle.bundle import DEFAULT_BUNDLE, Bundle
from realtime.capture.demo import DemoClip
from realtime.capture.video_file import VideoFile
from realtime.core.clock import SystemClock
from realtime.core.messages import Expression, Floats, Frame, Image
from realtime.faces.pyramid import Gray
from realtime.landmarks.face_reader import ExpressionSource, FaceReader
from realtime.landmarks.group_reader import GroupReader
from realtime.landmarks.predictor import LandmarkPredictor
from realtime.runtime.stages_from_bundle import create_expression_reader

HEIGHTS_PX = {"360p": 360, "480p": 480, "720p": 720, "1080p": 1080, "4K": 2160}
FRAMES = 90
MESH_LIMIT_S = 600.0  # of MediaPipe's process, for one size
TimeMesh = Callable[[int], list[float]]
# Reads numbers of pictures; answers each with the ms of FaceMesh, plain and refined.
MEDIAPIPE = """
import sys, time
import cv2, mediapipe, numpy
cv2.setNumThreads(1)
pictures = numpy.load(sys.argv[1])
FaceMesh = mediapipe.solutions.face_mesh.FaceMesh
meshes = [FaceMesh(refine_landmarks=refined) for refined in (False, True)]
for line in sys.stdin:
    took = []
    for mesh in meshes:
        start = time.perf_counter()
        mesh.process(pictures[int(line)])
        took.append(1e3 * (time.perf_counter() - start))
    print("took_ms", *took, flush=True)
"""


def main() -> None:
    """Print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clip", type=Path, help="video with one face (the demo clip)")
    parser.add_argument("--frames", type=int, default=FRAMES, help=f"of the clip ({FRAMES})")
    parser.add_argument("--mediapipe", metavar="PYTHON", help="interpreter that has MediaPipe")
    parser.add_argument("--faces", metavar="N", type=int, help="measure up to N faces instead")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    pictures = read_pictures(options.clip, options.frames)
    predictor = LandmarkPredictor()
    if options.faces is not None:
        print_faces_table(pictures, predictor, options.faces)
        return
    print("| size | ours, p50 ms | FaceMesh, p50 ms | refined, p50 ms | ours / refined |")
    print("|---|---|---|---|---|")
    for name, height_px in HEIGHTS_PX.items():
        scaled = [scaled_to(picture, height_px) for picture in pictures]
        with mediapipe_beside(scaled, options.mediapipe) as time_mesh_ms:
            print(row(name, measure(scaled, predictor, time_mesh_ms)), flush=True)
    expressions = create_expression_reader(Bundle.load(DEFAULT_BUNDLE))
    if expressions is not None:
        took_ms = measure_expression(pictures, predictor, expressions)
        print(f"The expression read-out, beside it: {took_ms:.3f} ms of processor time a frame")


class TimedExpressions:
    """Expression reader that measures the processor time of each call, in s.

    A call is shorter than a busy machine's other work, which would make up most of its duration.
    """

    def __init__(self, expressions: ExpressionSource) -> None:
        self._expressions, self.took_s = expressions, list[float]()

    def read(self, gray: Gray, points68_px: Floats) -> tuple[Expression | None, Floats | None]:
        """Return the read-out and the appearance at points (68, 2) of a picture."""
        start_s = time.thread_time()
        read = self._expressions.read(gray, points68_px)
        self.took_s.append(time.thread_time() - start_s)
        return read


def measure_expression(
    pictures: list[Image], predictor: LandmarkPredictor, expressions: ExpressionSource
) -> float:
    """Return the median processor time of the read-out in ms, crop and features included."""
    timed = TimedExpressions(expressions)
    reader = FaceReader(predictor=predictor, expressions=timed)
    for index, picture in enumerate(pictures):
        reader.read(Frame(index, index / 30, 0.0, picture))
    return 1e3 * float(np.median(timed.took_s))


def read_pictures(clip: Path | None, count: int) -> list[Image]:
    """Return the first `count` pictures of a video, uint8 BGR (h, w, 3)."""
    clock = SystemClock()
    source = DemoClip(False, clock) if clip is None else VideoFile(clip, False, clock)
    with source:
        frames = (frame for frame, _ in zip(iter(source.read, None), range(count), strict=False))
        return [frame.image for frame in frames]


def scaled_to(picture: Image, height_px: int) -> Image:
    """Return the picture, uint8 (h, w, 3), at another height and the same aspect."""
    height, width = picture.shape[:2]
    size = (round(width * height_px / height), height_px)
    how = cv2.INTER_AREA if height_px < height else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(picture, size, interpolation=how), np.uint8)


def measure(
    pictures: list[Image], predictor: LandmarkPredictor, time_mesh_ms: TimeMesh
) -> list[float]:
    """Return the median ms of a frame: ours, and what `time_mesh_ms` returns for each picture.

    All take a picture before the next one, since the speed of a shared machine changes. Our gray
    picture is made before, as a decoder makes it. Raises RuntimeError if a frame shows no face:
    its time would be that of a search.
    """
    reader, took_ms = FaceReader(predictor=predictor), []
    reader.warm_up()
    for index, picture in enumerate(pictures):
        frame = Frame(index, index / 30, 0.0, picture)
        _ = frame.gray
        start_s = time.perf_counter()
        _, landmarks = reader.read(frame)
        ours_ms = 1e3 * (time.perf_counter() - start_s)
        if landmarks is None and index > 0:
            raise RuntimeError(f"no face in frame {index} at {frame.size_px}; name another --clip")
        took_ms.append([ours_ms, *time_mesh_ms(index)])
    return [float(ms) for ms in np.median(took_ms, axis=0)]


@contextmanager
def mediapipe_beside(pictures: list[Image], python: str | None) -> Iterator[TimeMesh]:
    """Yield what returns the ms of FaceMesh, plain and refined, for the picture of a number.

    Another interpreter runs it; without one nothing is returned.
    """
    if python is None:
        yield lambda number: []
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pictures.npy"
        np.save(path, np.stack([picture[:, :, ::-1] for picture in pictures]))
        pipe = subprocess.PIPE
        with subprocess.Popen(
            [python, "-c", MEDIAPIPE, str(path)],
            stdin=pipe,
            stdout=pipe,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as mesh:
            limit = threading.Timer(MESH_LIMIT_S, mesh.kill)
            limit.start()
            try:
                yield partial(_asked, mesh)
            finally:
                limit.cancel()


def _asked(mesh: subprocess.Popen[str], number: int) -> list[float]:
    """Return what MediaPipe's process answers; raises RuntimeError if it has ended."""
    assert mesh.stdin is not None
    assert mesh.stdout is not None
    with suppress(BrokenPipeError):  # it has ended, which the next line finds
        mesh.stdin.write(f"{number}\n")
        mesh.stdin.flush()
    for line in mesh.stdout:
        if line.startswith("took_ms"):
            return [float(word) for word in line.split()[1:]]
    raise RuntimeError(f"--mediapipe ended with {mesh.wait()}; want a Python with MediaPipe")


def print_faces_table(pictures: list[Image], predictor: LandmarkPredictor, most: int) -> None:
    """Print the times of 1 to `most` followed faces, where all are there and where one is."""
    print("| faces asked for | all there, mean CPU ms | p50 | one there, mean CPU ms | p50 |")
    print("|---|---|---|---|---|")
    crowd = [np.asarray(np.hstack([picture] * most)) for picture in pictures]
    one = [framed(picture, crowd[0].shape) for picture in pictures]
    counts = range(1, most + 1)
    there, rarely = (measure_groups(each, predictor, counts) for each in (crowd, one))
    for count in counts:
        figures = (*there[count], *rarely[count])
        print(f"| {count} | {' | '.join(f'{figure:.2f}' for figure in figures)} |")


def framed(picture: Image, shape: tuple[int, ...]) -> Image:
    """Return the picture at the left of a gray one of `shape`."""
    canvas = np.full(shape, 120, np.uint8)
    canvas[:, : picture.shape[1]] = picture
    return canvas


def measure_groups(
    pictures: list[Image], predictor: LandmarkPredictor, counts: Sequence[int]
) -> dict[int, tuple[float, float]]:
    """Return mean and median ms of CPU a frame for each count of faces to follow."""
    readers = {count: GroupReader(count, predictor) for count in counts}
    took_s: dict[int, list[float]] = {count: [] for count in counts}
    for index, picture in enumerate(pictures):
        frame = Frame(index, index / 30, 0.0, picture)
        _ = frame.gray
        for count, reader in readers.items():
            start_s = time.thread_time()  # whatever else the machine does
            reader.read(frame)
            took_s[count].append(time.thread_time() - start_s)
    warm = {count: 1e3 * np.array(times[len(times) // 5 :]) for count, times in took_s.items()}
    return {count: (float(ms.mean()), float(np.median(ms))) for count, ms in warm.items()}


def row(name: str, took_ms: list[float]) -> str:
    """Return a line of the table from our ms and, with MediaPipe, its two."""
    ours_ms, *mesh_ms = took_ms
    if not mesh_ms:
        return f"| {name} | {ours_ms:.2f} | - | - | - |"
    plain_ms, refined_ms = mesh_ms
    ratio = ours_ms / refined_ms
    return f"| {name} | {ours_ms:.2f} | {plain_ms:.2f} | {refined_ms:.2f} | {ratio:.2f} |"


if __name__ == "__main__":
    main()
