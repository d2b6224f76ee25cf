"""The window's picture: what the camera sees with the face's box and points, and the gauge below it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from realtime.core.messages import Face, Image, Landmarks
from realtime.core.snapshot import Snapshot
from realtime.view.window.dial import PANEL_PX, WHITE, Colour, colour_of, draw_dial
from realtime.view.window.ghosts import draw_ghosts

_EMPTY_PX = (640, 360)
_LARGEST_PX = (1280, 720)
_NARROWEST_PX = 560  # the dial's words need this much
_DARK: Colour = (24, 24, 24)


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a frame lies on the canvas: scaled by `scale`, moved right by `left_px`."""

    scale: float
    left_px: int
    width_px: int
    height_px: int
    canvas_px: int

    def point(self, x: float, y: float) -> tuple[int, int]:
        """A place in the frame as a pixel of the canvas."""
        return round(x * self.scale) + self.left_px, round(y * self.scale)


def placement(width_px: int, height_px: int) -> Placement:
    """Shrink large frames to fit a screen; narrow ones stand in the middle of a canvas wide enough for the dial."""
    scale = min(1.0, _LARGEST_PX[0] / width_px, _LARGEST_PX[1] / height_px)
    wide, high = max(1, round(width_px * scale)), max(1, round(height_px * scale))
    canvas = max(wide, _NARROWEST_PX)
    return Placement(scale, (canvas - wide) // 2, wide, high, canvas)


def draw_overlay(snapshot: Snapshot) -> Image:
    """The picture of `snapshot`: uint8 BGR, the frame above and `PANEL_PX` rows of dial below. Changes nothing."""
    size = _EMPTY_PX if snapshot.frame is None else snapshot.frame.image.shape[1::-1]
    spot = placement(*size)
    canvas: Image = np.full((spot.height_px + PANEL_PX, spot.canvas_px, 3), _DARK, np.uint8)
    if snapshot.frame is not None:
        picture = cv2.resize(
            snapshot.frame.image, (spot.width_px, spot.height_px), interpolation=cv2.INTER_AREA
        )
        canvas[: spot.height_px, spot.left_px : spot.left_px + spot.width_px] = picture
    above = canvas[: spot.height_px]
    if snapshot.face is not None:
        _box(above, snapshot.face, spot, colour_of(snapshot.verdict))
    if snapshot.landmarks is not None:
        _points(above, snapshot.landmarks, spot, WHITE)
        if snapshot.ghosts is not None:
            points_px = snapshot.landmarks.points_px
            face_px, _ = spot.point(*(float(middle) for middle in points_px.mean(axis=0)))
            draw_ghosts(above, points_px, snapshot.ghosts, face_px)
    draw_dial(canvas[spot.height_px :], snapshot)
    return canvas


def _box(canvas: Image, face: Face, spot: Placement, colour: Colour) -> None:
    x, y, width, height = face.box_px
    corners = spot.point(x, y), spot.point(x + width, y + height)
    cv2.rectangle(canvas, *corners, _DARK, 4)  # a dark edge, to be seen on any picture
    cv2.rectangle(canvas, *corners, colour, 2)


def _points(canvas: Image, landmarks: Landmarks, spot: Placement, colour: Colour) -> None:
    for x, y in landmarks.points_px:
        at = spot.point(float(x), float(y))
        cv2.circle(canvas, at, 3, _DARK, cv2.FILLED, cv2.LINE_AA)
        cv2.circle(canvas, at, 2, colour, cv2.FILLED, cv2.LINE_AA)
