"""Inset with two ghosts of the face: the next shapes predicted by the two prototypes.

The points where the ghosts differ most are highlighted and joined. The ghosts differ in colour and
in markers, rings against crosses; the present face is drawn in gray below them.
"""

from __future__ import annotations

import cv2
import numpy as np

from realtime.core.messages import Floats, Image
from realtime.core.snapshot import Ghosts
from realtime.landmarks.points40 import FACE_LINES
from realtime.motion.align import align_to_eyes, points_of_shape
from realtime.view.phrases import FAKE_HEX, GENUINE_HEX
from realtime.view.words.catalogue import text

Colour = tuple[int, int, int]
Legend = tuple[tuple[str, str], ...]  # text, colour
Area = tuple[int, int, int, int]  # left, top, right, bottom in pixels

HIGHLIGHTED = 8  # points
SIZE_PX = (230, 218)  # width and height of the drawn faces at scale 1; the legend is below them
SCALES = (1.0, 0.75, 0.55, 0.4)  # the largest that fits; steps, so that the size rarely changes
EYES_PX, MIDDLE_PX = 92.0, (115.0, 78.0)  # interocular distance; the point midway between the eyes
GROUND, PALE, LIGHT = (24, 24, 24), (110, 110, 110), (255, 255, 255)
SIDES = ("side.genuine", "side.fake")  # the legend where it is narrow
MARGIN_PX = 8
_SUBPIXEL_BITS = 4


def most_different_points(ghosts: Ghosts) -> list[int]:
    """Return the points where the ghosts differ most, the largest difference first."""
    return [int(number) for number in np.argsort(-ghosts.difference, kind="stable")[:HIGHLIGHTED]]


def draw_ghosts(canvas: Image, points_px: Floats, ghosts: Ghosts, *heads: Area) -> bool:
    """Draw the inset into a corner of `canvas`, off the areas `heads`; return whether it has room.

    `points_px` are the face's points (40, 2).
    """
    place = place_inset((canvas.shape[1], canvas.shape[0]), *heads)
    if place is None:
        return False
    scale, left, top = place
    picture = inset(points_px, ghosts, scale)
    canvas[top : top + picture.shape[0], left : left + picture.shape[1]] = picture
    return True


def place_inset(canvas_px: tuple[int, int], *heads: Area) -> tuple[float, int, int] | None:
    """Return scale, left and top of the largest inset that fits beside `heads`, or None.

    `canvas_px` is width and height. If a scale fits anywhere around one head, it fits in a corner;
    the order of the corners is fixed, so that the inset moves only if the head comes near.
    """
    for scale in SCALES:
        width, height = inset_px(scale)
        right, bottom = canvas_px[0] - width - MARGIN_PX, canvas_px[1] - height - MARGIN_PX
        if right < MARGIN_PX or bottom < MARGIN_PX:
            continue
        for top in (MARGIN_PX, bottom):
            for left in (right, MARGIN_PX):
                inset_area = (left, top, left + width, top + height)
                if not any(_overlap(inset_area, head) for head in heads):
                    return scale, left, top
    return None


def inset_px(scale: float) -> tuple[int, int]:
    """Return width and height of the inset."""
    legend, _, line_px = _legend(scale)
    return round(SIZE_PX[0] * scale), round(SIZE_PX[1] * scale) + line_px * len(legend) + 8


def inset(points_px: Floats, ghosts: Ghosts, scale: float = 1.0) -> Image:
    """Return the face, its two ghosts and the legend: uint8 BGR of `inset_px(scale)`."""
    width, height = inset_px(scale)
    picture: Image = np.full((height, width, 3), GROUND, np.uint8)
    face = points_of_shape(align_to_eyes(points_px))
    genuine, fake = (
        (face + moved) * EYES_PX * scale + np.multiply(MIDDLE_PX, scale)
        for moved in (ghosts.genuine, ghosts.fake)
    )
    _draw_lines(picture, face * EYES_PX * scale + np.multiply(MIDDLE_PX, scale), PALE)
    _draw_lines(picture, genuine, bgr(GENUINE_HEX))
    _draw_lines(picture, fake, bgr(FAKE_HEX))
    for number in most_different_points(ghosts):
        _draw_difference(picture, genuine[number], fake[number], scale)
    _draw_legend(picture, scale)
    return picture


def bgr(colour_hex: str) -> Colour:
    """Return an HTML colour as BGR."""
    red, green, blue = bytes.fromhex(colour_hex.removeprefix("#"))
    return blue, green, red


def _overlap(one: Area, other: Area) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _legend(scale: float) -> tuple[Legend, float, int]:
    """Return the legend, its font scale and the height of its lines; short where it is narrow."""
    genuine, fake = ("page.if_genuine", "page.if_fake") if scale == 1 else SIDES
    legend = ((f"o {text(genuine)}", GENUINE_HEX), (f"x {text(fake)}", FAKE_HEX))
    return (legend, 0.45, 18) if scale == 1 else (legend, 0.4, 14)


def _draw_legend(picture: Image, scale: float) -> None:
    legend, size, line_px = _legend(scale)
    for row, (line, colour_hex) in enumerate(reversed(legend)):
        origin = (8, picture.shape[0] - 10 - line_px * row)
        font, colour = cv2.FONT_HERSHEY_DUPLEX, bgr(colour_hex)
        cv2.putText(picture, line, origin, font, size, colour, 1, cv2.LINE_AA)


def _draw_lines(picture: Image, shape_px: Floats, colour: Colour) -> None:
    places = np.round(shape_px * (1 << _SUBPIXEL_BITS)).astype(np.int32)
    lines = [places[line] for line in FACE_LINES]
    cv2.polylines(picture, lines, False, colour, 1, cv2.LINE_AA, _SUBPIXEL_BITS)


def _draw_difference(picture: Image, genuine_px: Floats, fake_px: Floats, scale: float) -> None:
    one, other = (tuple(round(float(n)) for n in place) for place in (genuine_px, fake_px))
    bold, ring_px, cross_px = (2, 4, 9) if scale >= 0.75 else (1, 3, 6)
    cv2.line(picture, one, other, LIGHT, bold, cv2.LINE_AA)
    cv2.circle(picture, one, ring_px, bgr(GENUINE_HEX), bold, cv2.LINE_AA)
    marker = cv2.MARKER_TILTED_CROSS
    cv2.drawMarker(picture, other, bgr(FAKE_HEX), marker, cross_px, bold, cv2.LINE_AA)
