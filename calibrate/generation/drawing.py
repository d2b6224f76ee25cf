"""Faces of 40 points as moving line drawings: brows, nose, eyes and mouth, with the neutral face pale beneath."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np

from realtime.core.errors import RecordError
from realtime.core.messages import Floats, Image
from realtime.landmarks.points40 import FACE_LINES, FIRST_MIDPOINT

FRAMES_HZ = 20.0  # a GIF counts in hundredths of a second
HELD_S = (
    0.4  # the neutral face at the beginning, and the last one, so that the eye finds them in a loop
)
SIZE_PX = (320, 360)  # width and height of one face
EYES_PX, MIDDLE_PX = (
    120.0,
    (160.0, 155.0),
)  # the distance of the eyes, and the place of the middle between them
GROUND, PALE, TEXT = (250, 250, 250), (215, 215, 215), (60, 60, 60)
COLOURS = {
    "genuine": (178, 114, 0),
    "fake": (0, 94, 213),
}  # BGR; told apart by the colour-blind too
FINE = 4  # binary digits after the point that lines are drawn with


def film(faces: Mapping[str, Floats], emotion: str, rate_hz: float) -> list[Image]:
    """Pictures at `FRAMES_HZ` of faces by label, each (T, 40, 2) at `rate_hz` in eye coordinates, side by side."""
    strips = [
        _strip(_smooth(points, rate_hz), f"{emotion}, {label}", COLOURS[label])
        for label, points in faces.items()
    ]
    return [np.concatenate(beside, axis=1) for beside in zip(*strips, strict=True)]


def save(out: Path, pictures: Sequence[Image]) -> None:
    """Write `pictures` (BGR) as a GIF that loops or as an MP4; raises `RecordError` where that fails."""
    if out.suffix == ".gif":
        from PIL import Image as Gif

        plain = [Gif.fromarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)) for picture in pictures]
        colours = plain[-1].quantize(
            32
        )  # one palette for all: what stands still is then written once
        first, *rest = (
            picture.quantize(palette=colours, dither=Gif.Dither.NONE) for picture in plain
        )
        first.save(out, save_all=True, append_images=rest, duration=round(1000 / FRAMES_HZ), loop=0)
        return
    height, width = pictures[0].shape[:2]
    writer = cv2.VideoWriter(str(out), cv2.VideoWriter.fourcc(*"mp4v"), FRAMES_HZ, (width, height))
    if not writer.isOpened():
        raise RecordError(f"{out}: this OpenCV writes no MP4; take .gif")
    for picture in pictures:
        writer.write(picture)
    writer.release()


def _smooth(points: Floats, rate_hz: float) -> Floats:
    """`points` (T, 40, 2) drawn more often than the model's frames, between them straight, with both ends held."""
    frames = np.arange(len(points))
    end_s = frames[-1] / rate_hz
    at = np.arange(-HELD_S, end_s + HELD_S + 1e-6, 1 / FRAMES_HZ).clip(0, end_s) * rate_hz
    below = at.astype(int).clip(max=len(points) - 2)
    share = (at - below)[:, None, None]
    return np.asarray((1 - share) * points[below] + share * points[below + 1], np.float32)


def _strip(points: Floats, title: str, colour: tuple[int, int, int]) -> list[Image]:
    return [_picture(face, points[0], title, colour) for face in points]


def _picture(points: Floats, neutral: Floats, title: str, colour: tuple[int, int, int]) -> Image:
    width, height = SIZE_PX
    picture = np.full((height, width, 3), GROUND, np.uint8)
    _face(picture, neutral, PALE)
    _face(picture, points, colour)
    cv2.putText(picture, title, (16, 32), cv2.FONT_HERSHEY_SIMPLEX, 0.6, TEXT, 1, cv2.LINE_AA)
    return picture


def _face(picture: Image, points: Floats, colour: tuple[int, int, int]) -> None:
    places = np.round((points * EYES_PX + MIDDLE_PX) * (1 << FINE)).astype(np.int32)
    cv2.polylines(picture, [places[line] for line in FACE_LINES], False, colour, 2, cv2.LINE_AA, FINE)
    for x, y in places[FIRST_MIDPOINT:]:
        cv2.circle(picture, (int(x), int(y)), 3 << FINE, colour, -1, cv2.LINE_AA, FINE)
