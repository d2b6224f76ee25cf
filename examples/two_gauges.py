"""Two gauges at once: two people side by side in one picture, a gauge for each half.

    python examples/two_gauges.py [VIDEO] [--emotion NAME]

Without a video, the person of the packaged demo clip sits beside their mirror image.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import cv2
import numpy as np
from cv2.typing import MatLike

import realtime

DEMO = Path(realtime.__file__).parent / "capture" / "demo.mp4"
HZ = 30.0


def pictures(video: Path) -> Iterator[MatLike]:
    """Yield the pictures of `video`; of the demo clip, each beside its mirror image."""
    capture = cv2.VideoCapture(str(video))
    try:
        while (read := capture.read())[0]:
            yield np.hstack([read[1], read[1][:, ::-1]]) if video == DEMO else read[1]
    finally:
        capture.release()


def words(reading: realtime.Reading | None) -> str:
    """Return the state or the number of a reading; empty between two ticks."""
    if reading is None:
        return ""
    return str(reading.state) if reading.p_genuine is None else f"{reading.p_genuine:.0%} genuine"


def main() -> None:
    """Read the command line and print the readings."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("video", nargs="?", type=Path, default=DEMO)
    parser.add_argument("--emotion", default="surprise")
    options = parser.parse_args()

    with realtime.Gauge(options.emotion) as left, realtime.Gauge(options.emotion) as right:
        for number, picture in zip(count(), pictures(options.video), strict=False):
            at_s, middle = number / HZ, picture.shape[1] // 2
            readings = left.step(picture[:, :middle], at_s), right.step(picture[:, middle:], at_s)
            if any(readings):
                print(f"{at_s:6.2f} s  left: {words(readings[0]):16} right: {words(readings[1])}")


if __name__ == "__main__":
    main()
