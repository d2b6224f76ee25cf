"""Inset with two ghosts of the face: the next shapes predicted by the two prototypes.

The points where the ghosts differ most are highlighted and joined. The ghosts differ in colour and
in markers, rings against crosses; the present face is drawn in gray below them.
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

HIGHLIGHTED = 8  # points
SIZE_PX = (230, 262)  # width and height of the inset
EYES_PX, MIDDLE_PX = 92.0, (115.0, 78.0)  # interocular distance; the point midway between the eyes
GROUND, PALE, LIGHT = (24, 24, 24), (110, 110, 110), (255, 255, 255)
LEGEND = (("o predicted if genuine", GENUINE_HEX), ("x predicted if fake", FAKE_HEX))
_MARGIN_PX = 8
_SUBPIXEL_BITS = 4


def most_different_points(ghosts: Ghosts) -> list[int]:
    """Return the points where the ghosts differ most, the largest difference first."""
    return [int(number) for number in np.argsort(-ghosts.difference, kind="stable")[:HIGHLIGHTED]]


def draw_ghosts(canvas: Image, points_px: Floats, ghosts: Ghosts, face_px: float) -> None:
    """Draw the inset into the upper corner of `canvas` away from the face.

    `points_px` are the face's points (40, 2), `face_px` is the face's column on the canvas.
    """
    picture = inset(points_px, ghosts)
    height, width = (min(pair) for pair in zip(picture.shape[:2], canvas.shape[:2], strict=True))
    top, last = min(_MARGIN_PX, canvas.shape[0] - height), canvas.shape[1] - width
    left = max(0, last - _MARGIN_PX) if face_px <= canvas.shape[1] / 2 else min(_MARGIN_PX, last)
    canvas[top : top + height, left : left + width] = picture[:height, :width]


def inset(points_px: Floats, ghosts: Ghosts) -> Image:
    """Return the face, its two ghosts and the legend: uint8 BGR of `SIZE_PX`."""
    picture: Image = np.full((SIZE_PX[1], SIZE_PX[0], 3), GROUND, np.uint8)
    face = align_to_eyes(points_px).reshape(2, POINTS).T
    genuine, fake = face + ghosts.genuine, face + ghosts.fake
    _draw_lines(picture, face, PALE)
    _draw_lines(picture, genuine, bgr(GENUINE_HEX))
    _draw_lines(picture, fake, bgr(FAKE_HEX))
    for number in most_different_points(ghosts):
        _draw_difference(picture, genuine[number], fake[number])
    for row, (text, colour_hex) in enumerate(LEGEND):
        origin = (10, SIZE_PX[1] - 28 + 18 * row)
        font, colour = cv2.FONT_HERSHEY_DUPLEX, bgr(colour_hex)
        cv2.putText(picture, text, origin, font, 0.45, colour, 1, cv2.LINE_AA)
    return picture


def bgr(colour_hex: str) -> Colour:
    """Return an HTML colour as BGR."""
    red, green, blue = bytes.fromhex(colour_hex.removeprefix("#"))
    return blue, green, red


def _draw_lines(picture: Image, shape: Floats, colour: Colour) -> None:
    places = np.round((shape * EYES_PX + MIDDLE_PX) * (1 << _SUBPIXEL_BITS)).astype(np.int32)
    cv2.polylines(
        picture,
        [places[line] for line in FACE_LINES],
        False,
        colour,
        1,
        cv2.LINE_AA,
        _SUBPIXEL_BITS,
    )


def _draw_difference(picture: Image, genuine: Floats, fake: Floats) -> None:
    one, other = (
        tuple(round(float(n)) for n in place * EYES_PX + MIDDLE_PX) for place in (genuine, fake)
    )
    cv2.line(picture, one, other, LIGHT, 2, cv2.LINE_AA)
    cv2.circle(picture, one, 4, bgr(GENUINE_HEX), 2, cv2.LINE_AA)
    cv2.drawMarker(picture, other, bgr(FAKE_HEX), cv2.MARKER_TILTED_CROSS, 9, 2, cv2.LINE_AA)
