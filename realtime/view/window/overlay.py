"""Picture of the window: the frame with the face's box and points, and the dial below it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from realtime.core.messages import Face, Floats, Image, Landmarks, Verdict
from realtime.core.snapshot import FaceSnapshot, Snapshot
from realtime.view import phrases
from realtime.view.answers import answers_of
from realtime.view.window.dial import (
    FONT,
    PANEL_PX,
    SMALL,
    WHITE,
    Colour,
    ascii_text,
    colour_of,
    draw_dial,
    text_width_px,
    wrap,
    write_text,
)
from realtime.view.window.face_rows import draw_face_rows, rows_height_px
from realtime.view.window.ghosts import Area, draw_ghosts
from realtime.view.words.catalogue import text

_EMPTY_PX = (640, 360)
_SMALL_PX, _LARGEST_PX = (640, 480), (1280, 720)
_NARROWEST_PX = 560  # the dial's text needs this width
_HEAD = 0.15  # of the face's box: hair, ears and chin beyond its edges
_CAPTION_PX, _LINE_PX = (8, 18), 18
_DARK: Colour = (24, 24, 24)
NUMBER = 0.6  # font scale of a face's number


@dataclass(frozen=True, slots=True)
class Placement:
    """Position of a frame on the canvas: scaled by `scale`, moved right by `left_px`."""

    scale: float
    left_px: int
    width_px: int
    height_px: int
    canvas_px: int

    def point(self, x: float, y: float) -> tuple[int, int]:
        """Return the canvas pixel of a point in the frame."""
        return round(x * self.scale) + self.left_px, round(y * self.scale)


def fit_frame(width_px: int, height_px: int) -> Placement:
    """Fit a frame to a screen, and centre a narrow one on a canvas as wide as the dial.

    Large frames are shrunk; small ones are enlarged by a whole number, so that the face is larger
    than its markers.
    """
    enlarged = max(1, min(_SMALL_PX[0] // width_px, _SMALL_PX[1] // height_px))
    scale = min(enlarged, _LARGEST_PX[0] / width_px, _LARGEST_PX[1] / height_px)
    width, height = max(1, round(width_px * scale)), max(1, round(height_px * scale))
    canvas = max(width, _NARROWEST_PX)
    return Placement(scale, (canvas - width) // 2, width, height, canvas)


def draw_overlay(snapshot: Snapshot) -> Image:
    """Return a new uint8 BGR picture: the frame, the dial below it, and rows of several faces."""
    size = _EMPTY_PX if snapshot.frame is None else snapshot.frame.size_px
    placement = fit_frame(*size)
    canvas: Image = np.full(
        (placement.height_px + PANEL_PX + rows_height_px(snapshot), placement.canvas_px, 3),
        _DARK,
        np.uint8,
    )
    if snapshot.frame is not None:
        picture = cv2.resize(
            snapshot.frame.image,
            (placement.width_px, placement.height_px),
            interpolation=cv2.INTER_AREA if placement.scale < 1 else cv2.INTER_CUBIC,
        )
        canvas[
            : placement.height_px, placement.left_px : placement.left_px + placement.width_px
        ] = picture
    above = canvas[: placement.height_px]
    if snapshot.faces:
        _draw_faces(above, snapshot.faces, placement)
    elif snapshot.face is not None:
        _box(above, snapshot.face, placement, colour_of(snapshot.verdict))
    note = ""
    if snapshot.landmarks is not None:
        points_px = snapshot.landmarks.points_px
        _points(above, snapshot.landmarks, placement, WHITE)
        if snapshot.ghosts is not None:
            heads = _heads(snapshot, placement)
            note = (
                ""
                if draw_ghosts(above, points_px, snapshot.ghosts, *heads)
                else text("ghosts.no_room")
            )
    _draw_captions(above, snapshot)
    panel = canvas[placement.height_px :]
    draw_dial(panel[:PANEL_PX], snapshot, note)
    draw_face_rows(panel[PANEL_PX:], snapshot)
    return canvas


def _draw_captions(canvas: Image, snapshot: Snapshot) -> None:
    """Write what the picture shows at its top, and what to do or to see at its bottom."""
    height_px, width_px = canvas.shape[0], canvas.shape[1] - 2 * _CAPTION_PX[0]
    below = wrap(snapshot.caption, width_px) if snapshot.caption else []
    last = (height_px - 2 * _CAPTION_PX[1]) // _LINE_PX
    for number, line in enumerate(below):
        _caption(canvas, line, last - len(below) + 1 + number)
    above = [part for line in _captions(snapshot) for part in wrap(line, width_px) if part]
    for number, line in enumerate(above):
        _caption(canvas, line, number)


def _heads(snapshot: Snapshot, placement: Placement) -> list[Area]:
    """Return the canvas area of every head whose points are known."""
    seen = [(each.face, each.landmarks) for each in snapshot.faces]
    return [
        head_area(face, landmarks.points_px, placement)
        for face, landmarks in seen or [(snapshot.face, snapshot.landmarks)]
        if landmarks is not None
    ]


def _draw_faces(canvas: Image, faces: Sequence[FaceSnapshot], placement: Placement) -> None:
    """Draw box and number of each face, and the points of all but the first, which has its own."""
    for face in faces:
        if face.face is None:
            continue
        _box(canvas, face.face, placement, colour_of(face.verdict))
        if face.landmarks is not None and face is not faces[0]:
            _points(canvas, face.landmarks, placement, WHITE)
        _number(canvas, face, placement)


def _number(canvas: Image, face: FaceSnapshot, placement: Placement) -> None:
    """Draw the face's number on a tag inside the upper left corner of its box."""
    assert face.face is not None
    x, y = placement.point(*face.face.box_px[:2])
    left, top = max(0, x), max(0, y)
    right = left + max(22, text_width_px(str(face.id), NUMBER) + 10)
    cv2.rectangle(canvas, (left, top), (right, top + 22), _DARK, cv2.FILLED)
    write_text(canvas, str(face.id), (left + 5, top + 17), WHITE, NUMBER)


def head_area(face: Face | None, points_px: Floats, placement: Placement) -> Area:
    """Return the canvas area of the head, around the face's box and its points (40, 2)."""
    first, last = points_px.min(axis=0), points_px.max(axis=0)
    if face is not None:
        x, y, width, height = face.box_px
        first = np.minimum(first, (x - _HEAD * width, y - _HEAD * height))
        last = np.maximum(last, (x + (1 + _HEAD) * width, y + (1 + _HEAD) * height))
    left_top, right_bottom = (placement.point(*map(float, corner)) for corner in (first, last))
    return *left_top, *right_bottom


def _box(canvas: Image, face: Face, placement: Placement, colour: Colour) -> None:
    x, y, width, height = face.box_px
    corners = placement.point(x, y), placement.point(x + width, y + height)
    cv2.rectangle(canvas, *corners, _DARK, 4)  # dark edge, visible on any picture
    cv2.rectangle(canvas, *corners, colour, 2)


def _captions(snapshot: Snapshot) -> list[str]:
    """Return what is written on the picture: what the face shows; with details the figures."""
    landmarks, verdict = snapshot.landmarks, snapshot.verdict
    expression = None if landmarks is None or snapshot.faces else landmarks.expression
    if not snapshot.details:
        return [answers_of(snapshot).shows] if expression is not None else []
    ages = snapshot.ages
    return [
        "" if expression is None else phrases.expression_line(expression),
        "" if verdict is None else phrases.reason(verdict),
        "" if snapshot.face is None else phrases.tracking_line(snapshot.face),
        "" if landmarks is None else phrases.view_quality_line(landmarks.quality),
        _onset(verdict),
        phrases.frames_line(snapshot.counts),
        "" if ages is None else text("speed.age", p50=f"{ages.p50:.0f}", p95=f"{ages.p95:.0f}"),
    ]


def _onset(verdict: Verdict | None) -> str:
    line = "" if verdict is None else phrases.onset_line(verdict)
    return f"{text('label.onset')} {line}" if line else ""


def _caption(canvas: Image, line: str, number: int) -> None:
    """Write line `number` from the picture's upper edge, with a rim that shows on any picture."""
    at = _CAPTION_PX[0], _CAPTION_PX[1] + _LINE_PX * number
    for colour, thickness in ((_DARK, 3), (WHITE, 1)):
        cv2.putText(canvas, ascii_text(line), at, FONT, SMALL, colour, thickness, cv2.LINE_AA)


def _points(canvas: Image, landmarks: Landmarks, placement: Placement, colour: Colour) -> None:
    for x, y in landmarks.points_px:
        centre = placement.point(float(x), float(y))
        cv2.circle(canvas, centre, 3, _DARK, cv2.FILLED, cv2.LINE_AA)
        cv2.circle(canvas, centre, 2, colour, cv2.FILLED, cv2.LINE_AA)
