"""Your own frames: OpenCV reads them, the gauge takes them one by one in the same thread.

    python examples/own_frames.py [VIDEO] [--emotion NAME]

Anything that gives pictures will do: an industrial camera, a simulator, a folder of images.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import cv2
from cv2.typing import MatLike

import realtime

DEMO = Path(realtime.__file__).parent / "capture" / "demo.mp4"


def frames(video: Path) -> Iterator[tuple[MatLike, float]]:
    """Yield each picture, BGR uint8 (height, width, 3), and its time in seconds."""
    capture = cv2.VideoCapture(str(video))
    hz = capture.get(cv2.CAP_PROP_FPS) or 30.0
    try:
        number = 0
        while True:
            found, picture = capture.read()
            if not found:
                return
            yield picture, number / hz
            number += 1
    finally:
        capture.release()


def main() -> None:
    """Read the command line and print the readings."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("video", nargs="?", type=Path, default=DEMO)
    parser.add_argument("--emotion", default="surprise")
    options = parser.parse_args()

    with realtime.Gauge(emotion=options.emotion) as gauge:
        for picture, at_s in frames(options.video):
            reading = gauge.step(picture, at_s)
            if reading is None:  # between two ticks
                continue
            if reading.p_genuine is None:
                print(f"{at_s:6.2f} s  {reading.state}: {reading.reason}")
            else:
                print(f"{at_s:6.2f} s  {reading.state}: {reading.p_genuine:.0%} genuine")


if __name__ == "__main__":
    main()
