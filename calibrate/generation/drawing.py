"""Animated line drawings of 40-point faces, with the neutral face pale underneath."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np

from realtime.core.labels import FAKE, GENUINE
from realtime.core.messages import Floats, Image
from realtime.landmarks.points40 import FACE_LINES, FIRST_MIDPOINT
from realtime.view.records.mp4_file import open_mp4

FRAMES_HZ = 20.0  # GIF delays are multiples of 10 ms
HELD_S = 0.4  # hold the first and last frame, so that they can be seen in a loop
SIZE_PX = (320, 360)  # width and height of one face
EYES_PX, MIDDLE_PX = 120.0, (160.0, 155.0)  # interocular distance; point between the eyes
GROUND, PALE, TEXT = (250, 250, 250), (215, 215, 215), (60, 60, 60)
COLOURS = {GENUINE: (178, 114, 0), FAKE: (0, 94, 213)}  # BGR; safe for colour-blind viewers
SUBPIXEL_BITS = 4  # fractional bits of the coordinates that OpenCV draws with


def animate(faces: Mapping[str, Floats], emotion: str, rate_hz: float) -> list[Image]:
    """Draw faces by label side by side at `FRAMES_HZ`, each (T, 40, 2) at `rate_hz`."""
    strips = [
        _strip(_smooth(points, rate_hz), f"{emotion}, {label}", COLOURS[label])
        for label, points in faces.items()
    ]
    return [np.concatenate(beside, axis=1) for beside in zip(*strips, strict=True)]


def save_mp4(out: Path, pictures: Sequence[Image]) -> None:
    """Write `pictures` (BGR) as an MP4; raises `RecordError` if it cannot."""
    video = open_mp4(out, FRAMES_HZ)
    try:
        for picture in pictures:
            video.write(picture)
    finally:
        video.close()


def gif_bytes(pictures: Sequence[Image]) -> bytes:
    """Return `pictures` (BGR) as a looping GIF."""
    from PIL import Image as Gif

    plain = [Gif.fromarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)) for picture in pictures]
    # One palette for all frames, so that parts that do not move are stored once.
    colours = plain[-1].quantize(32)
    first, *rest = (picture.quantize(palette=colours, dither=Gif.Dither.NONE) for picture in plain)
    delay_ms, file = round(1000 / FRAMES_HZ), io.BytesIO()
    first.save(file, "GIF", save_all=True, append_images=rest, duration=delay_ms, loop=0)
    return file.getvalue()


def _smooth(points: Floats, rate_hz: float) -> Floats:
    """Interpolate `points` (T, 40, 2) linearly to `FRAMES_HZ` and hold both ends for `HELD_S`."""
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
    drawn = np.round((points * EYES_PX + MIDDLE_PX) * (1 << SUBPIXEL_BITS)).astype(np.int32)
    lines = [drawn[line] for line in FACE_LINES]
    cv2.polylines(picture, lines, False, colour, 2, cv2.LINE_AA, SUBPIXEL_BITS)
    for x, y in drawn[FIRST_MIDPOINT:]:
        radius = 3 << SUBPIXEL_BITS
        cv2.circle(picture, (int(x), int(y)), radius, colour, -1, cv2.LINE_AA, SUBPIXEL_BITS)
