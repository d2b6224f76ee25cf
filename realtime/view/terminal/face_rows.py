"""Rows of `--faces`: for each face a small needle, its reading, and what is known of the person."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from realtime.core.snapshot import FaceSnapshot
from realtime.view import phrases
from realtime.view.terminal.emotion_rows import render_gauge_row
from realtime.view.words.catalogue import text


def render_face_rows(faces: Sequence[FaceSnapshot], width: int) -> list[Text]:
    """Return one line per face; the first, which the panel is about, is marked."""
    labels = [phrases.face_label(face.id) for face in faces]
    column = max(map(len, labels), default=0)
    return [
        render_gauge_row(
            label.ljust(column), face.verdict, width, _known(face), marked=face is faces[0]
        )
        for label, face in zip(labels, faces, strict=True)
    ]


def _known(face: FaceSnapshot) -> str:
    """Return such as "3 expressions known"."""
    if face.person is None:
        return ""
    return text("known", expressions=phrases.expressions(face.person.known_expressions))
