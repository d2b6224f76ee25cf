from __future__ import annotations

from dataclasses import replace

from realtime.core.messages import PersonStatus, State
from realtime.core.snapshot import FaceSnapshot
from realtime.view.terminal.face_rows import render_face_rows
from realtime.view.terminal.plain_lines import PlainLines


def faces(verdict) -> list[FaceSnapshot]:
    return [
        FaceSnapshot(2, verdict=verdict(State.JUDGING, 0.7), person=PersonStatus(0, 1, 1)),
        FaceSnapshot(3, verdict=verdict(State.POOR_VIEW), person=PersonStatus(0, 4, 1)),
        FaceSnapshot(5),
    ]


def test_each_face_has_a_row_with_its_reading_or_state(verdict) -> None:
    lines = [line.plain for line in render_face_rows(faces(verdict), 78)]
    assert [line[:8].strip() for line in lines] == ["▸face 2", "face 3", "face 5"]
    for line, words in zip(lines, ("70 % genuine", "poor view", "waiting"), strict=True):
        assert words in line
    assert [line[-20:].strip() for line in lines[:2]] == [
        "1 expression known",
        "4 expressions known",
    ]
    assert max(map(len, lines)) <= 78


def test_without_numbered_faces_there_is_no_row() -> None:
    assert render_face_rows((), 78) == []


def test_plain_lines_name_the_face_and_each_changes_on_its_own(snapshot, verdict) -> None:
    plain, shot = PlainLines(), snapshot()
    lines = list(plain.lines(replace(shot, faces=tuple(faces(verdict))), 100.0))
    assert lines == [
        "    8.00 s  face 2  judging        70 % genuine, leans genuine",
        "    8.00 s  face 3  poor_view      the face cannot be seen well enough",
    ]
    later = [replace(each, verdict=verdict(State.NEUTRAL)) for each in faces(verdict)[1:2]]
    now = replace(shot, faces=(*faces(verdict)[:1], *later))
    assert list(plain.lines(now, 102.0)) == [
        "    8.00 s  face 3  neutral        no expression to judge"
    ]
