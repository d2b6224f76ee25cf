"""Two ghosts of the face, enlarged: what the genuine and the fake prototype expect it to do next.

Where they differ most the points are lit and joined: there the movement tells one from the other. The ghosts differ in
colour and in their points, rings against crosses; the face as it is lies pale beneath.
"""

from __future__ import annotations

import cv2
import numpy as np

from engines.model.shape import POINTS
from realtime.core.messages import Floats, Image
from realtime.core.snapshot import Ghosts
from realtime.landmarks.points40 import FACE_LINES
from realtime.motion.align import align_to_eyes
from realtime.view.phrases import FAKE_HEX, GENUINE_HEX

Colour = tuple[int, int, int]

LIT = 8  # points
SIZE_PX = (230, 262)  # width and height of the inset
EYES_PX, MIDDLE_PX = (
    92.0,
    (115.0, 78.0),
)  # the distance of the eyes, and the place of the middle between them
GROUND, PALE, LIGHT = (24, 24, 24), (110, 110, 110), (255, 255, 255)
LEGEND = (("o the genuine expects", GENUINE_HEX), ("x the fake expects", FAKE_HEX))
_MARGIN_PX = 8
_FINE = 4  # binary digits after the point that lines are drawn with


def lit(ghosts: Ghosts) -> list[int]:
    """The points where the ghosts differ most, the most first."""
    return [int(number) for number in np.argsort(-ghosts.difference, kind="stable")[:LIT]]


def draw_ghosts(canvas: Image, points_px: Floats, ghosts: Ghosts, face_px: float) -> None:
    """Draw both ghosts of the face with these points (40, 2) into the upper corner of `canvas` away from the face.

    `face_px` is the column of the canvas where the face is.
    """
    picture = inset(points_px, ghosts)
    high, wide = min(picture.shape[0], canvas.shape[0]), min(picture.shape[1], canvas.shape[1])
    top, last = min(_MARGIN_PX, canvas.shape[0] - high), canvas.shape[1] - wide
    left = max(0, last - _MARGIN_PX) if face_px <= canvas.shape[1] / 2 else min(_MARGIN_PX, last)
    canvas[top : top + high, left : left + wide] = picture[:high, :wide]


def inset(points_px: Floats, ghosts: Ghosts) -> Image:
    """The face, its two ghosts and what the signs mean: uint8 BGR of `SIZE_PX`."""
    picture: Image = np.full((SIZE_PX[1], SIZE_PX[0], 3), GROUND, np.uint8)
    face = align_to_eyes(points_px).reshape(2, POINTS).T
    genuine, fake = face + ghosts.genuine, face + ghosts.fake
    _lines(picture, face, PALE)
    _lines(picture, genuine, bgr(GENUINE_HEX))
    _lines(picture, fake, bgr(FAKE_HEX))
    for number in lit(ghosts):
        _joined(picture, genuine[number], fake[number])
    for row, (text, colour_hex) in enumerate(LEGEND):
        at = (10, SIZE_PX[1] - 28 + 18 * row)
        cv2.putText(
            picture, text, at, cv2.FONT_HERSHEY_DUPLEX, 0.45, bgr(colour_hex), 1, cv2.LINE_AA
        )
    return picture


def bgr(colour_hex: str) -> Colour:
    """An HTML colour as OpenCV wants it."""
    red, green, blue = bytes.fromhex(colour_hex.removeprefix("#"))
    return blue, green, red


def _lines(picture: Image, shape: Floats, colour: Colour) -> None:
    places = np.round((shape * EYES_PX + MIDDLE_PX) * (1 << _FINE)).astype(np.int32)
    cv2.polylines(picture, [places[line] for line in FACE_LINES], False, colour, 1, cv2.LINE_AA, _FINE)


def _joined(picture: Image, genuine: Floats, fake: Floats) -> None:
    one, other = (
        tuple(round(float(n)) for n in place * EYES_PX + MIDDLE_PX) for place in (genuine, fake)
    )
    cv2.line(picture, one, other, LIGHT, 2, cv2.LINE_AA)
    cv2.circle(picture, one, 4, bgr(GENUINE_HEX), 2, cv2.LINE_AA)
    cv2.drawMarker(picture, other, bgr(FAKE_HEX), cv2.MARKER_TILTED_CROSS, 9, 2, cv2.LINE_AA)
