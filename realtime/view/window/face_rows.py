"""Rows of `--faces` below the dial: number, small needle and reading of each face."""

from __future__ import annotations

import cv2

from realtime.core.messages import Image
from realtime.core.snapshot import FaceSnapshot, Snapshot
from realtime.view import phrases
from realtime.view.window.dial import (
    EDGE_PX,
    GRAY,
    SMALL,
    TRACK,
    WHITE,
    colour_of,
    text_width_px,
    write_text,
)

ROW_PX = 24
WORDS_PX = 250  # width of the column right of the needle's
WIDEST_ID = 888  # of a face whose name its column has room for
GAP_PX = 5
MARGIN_PX = 6  # below the last row


def rows_height_px(snapshot: Snapshot) -> int:
    """Return the height of the rows, for all faces that may come; 0 where one is followed.

    It stays the same during a run, as a video's pictures must.
    """
    faces = snapshot.setting.faces
    return 0 if faces == 1 else ROW_PX * faces + MARGIN_PX


def name_px() -> int:
    """Return the width of the column left of the needle's, in the chosen language."""
    return text_width_px(phrases.face_label(WIDEST_ID)) + GAP_PX


def draw_face_rows(strip: Image, snapshot: Snapshot) -> None:
    """Draw the rows onto `strip`, which is `rows_height_px` high."""
    for number, face in enumerate(snapshot.faces):
        _row(strip, face, ROW_PX * number + ROW_PX // 2)


def _row(strip: Image, face: FaceSnapshot, middle_px: int) -> None:
    verdict, baseline_px = face.verdict, middle_px + 5
    name = phrases.face_label(face.id)
    write_text(strip, name, (EDGE_PX, baseline_px), WHITE, SMALL)
    left, right = EDGE_PX + name_px(), strip.shape[1] - EDGE_PX - WORDS_PX
    p = None if verdict is None else verdict.p_genuine
    words = phrases.brief(verdict)
    colour = GRAY if p is None else colour_of(verdict)
    write_text(strip, words, (right + EDGE_PX, baseline_px), colour, SMALL)
    cv2.rectangle(
        strip, (left, middle_px - 3), (right, middle_px + 3), TRACK, 1 if p is None else -1
    )
    if p is not None:
        at, middle = (round(left + share * (right - left)) for share in (p, 0.5))
        first, last = (min(at, middle), middle_px - 4), (max(at, middle), middle_px + 4)
        cv2.rectangle(strip, first, last, colour, cv2.FILLED)
        cv2.rectangle(strip, (at - 2, middle_px - 7), (at + 2, middle_px + 7), WHITE, cv2.FILLED)
