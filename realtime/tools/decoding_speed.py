"""Frames a second of PyAV and OpenCV side by side: `python -m realtime.tools.decoding_speed`."""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import cv2  # before av, or windows hang (display_check)

# isort: split
import av
import numpy as np

from realtime.capture.opencv import silence_opencv
from realtime.capture.video_file import VideoFile
from realtime.core.clock import SystemClock

SIZES_PX = {"360p": (640, 360), "1080p": (1920, 1080), "4K": (3840, 2160)}
ROUNDS = 5
FRAMES = 300


def main() -> None:
    """Print a Markdown table; each round runs all three readers one after the other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=FRAMES, help=f"of each clip ({FRAMES})")
    frames = parser.parse_args().frames
    print("| size | OpenCV, BGR and gray | PyAV, luma | PyAV, luma and colour | luma / OpenCV |")
    print("|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for name, size_px in SIZES_PX.items():
            clip = Path(folder) / f"{name}.mp4"
            write_clip(clip, size_px, frames)
            rates_hz = measure(clip, frames)
            shown = " | ".join(f"{rate_hz:.0f}" for rate_hz in rates_hz)
            print(f"| {name} | {shown} | {rates_hz[1] / rates_hz[0]:.2f} |", flush=True)


def write_clip(path: Path, size_px: tuple[int, int], frames: int) -> None:
    """Write an H.264 clip of a textured picture that moves, at 30 frames a second."""
    width_px, height_px = size_px
    texture = np.random.default_rng(0).integers(
        0, 256, (height_px // 8, width_px // 8, 3), np.uint8
    )
    wide = cv2.resize(texture, (width_px + 2 * frames, height_px), interpolation=cv2.INTER_CUBIC)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=30, options={"preset": "veryfast"})
        stream.width, stream.height, stream.pix_fmt = width_px, height_px, "yuv420p"
        for index in range(frames):
            moved = np.asarray(wide[:, 2 * index : 2 * index + width_px], np.uint8, order="C")
            container.mux(stream.encode(av.VideoFrame.from_ndarray(moved, format="bgr24")))
        container.mux(stream.encode(None))


def measure(clip: Path, frames: int) -> tuple[float, float, float]:
    """Return the median frames a second of OpenCV, PyAV's luma, PyAV's luma and colour."""
    readers: tuple[Callable[[Path], int], ...] = (read_opencv, read_luma, read_colour)
    took_s: tuple[list[float], ...] = ([], [], [])
    for _ in range(ROUNDS):
        for reader, times in zip(readers, took_s, strict=True):
            began_s = time.perf_counter()
            read = reader(clip)
            times.append(time.perf_counter() - began_s)
            if read != frames:
                raise RuntimeError(f"{reader.__name__} read {read} of {frames} frames")
    first, second, third = (frames / median(times) for times in took_s)
    return first, second, third


def read_opencv(clip: Path) -> int:
    """Read `clip` as before PyAV: BGR by OpenCV, gray from it; return the number of frames."""
    silence_opencv()
    device, count = cv2.VideoCapture(str(clip), cv2.CAP_FFMPEG), 0
    while True:
        ok, image = device.read()
        if not ok:
            return count
        cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
        count += 1


def read_luma(clip: Path) -> int:
    """Read `clip` as the gauge does without a view; return the number of frames."""
    with VideoFile(clip, False, SystemClock()) as source:
        return sum(frame.gray.size > 0 for frame in iter(source.read, None))


def read_colour(clip: Path) -> int:
    """Read `clip` as the gauge does when every frame is shown; return the number of frames."""
    with VideoFile(clip, False, SystemClock()) as source:
        return sum(
            frame.gray.size > 0 and frame.image.size > 0 for frame in iter(source.read, None)
        )


if __name__ == "__main__":
    main()
