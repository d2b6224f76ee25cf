from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from realtime.core.messages import BoxSource, Face, State
from realtime.core.snapshot import FaceSnapshot
from realtime.view import phrases
from realtime.view.window.dial import EDGE_PX, PANEL_PX, WHITE, text_width_px
from realtime.view.window.face_rows import ROW_PX, WORDS_PX, name_px, rows_height_px
from realtime.view.window.overlay import NUMBER, draw_overlay
from realtime.view.words.catalogue import TABLES, choose_language

BLUE, ORANGE = (233, 180, 86), (0, 159, 230)  # BGR
DARK = (24, 24, 24)


def _is(pixel: np.ndarray, colour: tuple[int, int, int]) -> bool:
    return tuple(int(value) for value in pixel) == colour


def seen(number: int, x: float, verdict) -> FaceSnapshot:
    return FaceSnapshot(
        number, Face((x, 60.0, 100.0, 100.0), 20.0, BoxSource.MOSSE), None, None, verdict
    )


@pytest.fixture
def two(snapshot, verdict, setting):
    """Snapshot of up to three faces, of which the first and the third are there."""
    faces = (
        seen(1, 100.0, verdict(State.JUDGING, 0.9)),
        seen(3, 400.0, verdict(State.JUDGING, 0.1)),
    )
    shot = snapshot(State.JUDGING, 0.9, setting=replace(setting, faces=3), faces=faces)
    return replace(shot, face=faces[0].face, landmarks=None)


def test_each_face_has_its_box_in_the_colour_of_its_reading_and_its_number(two) -> None:
    picture = draw_overlay(two)
    assert _is(picture[110, 200], BLUE)
    assert _is(picture[110, 500], ORANGE)
    for x in (100, 400):
        assert picture[62:80, x + 3 : x + 20].max() > 200


def test_each_face_has_a_row_whose_needle_points_to_its_side(two) -> None:
    picture = draw_overlay(two)
    left, right = EDGE_PX + name_px(), 640 - EDGE_PX - WORDS_PX
    for number, p in enumerate((0.9, 0.1)):
        row = picture[360 + PANEL_PX + ROW_PX * number + ROW_PX // 2]
        assert _is(row[round(left + p * (right - left))], WHITE)
        assert not _is(row[round(left + (1 - p) * (right - left))], WHITE)


def test_the_height_is_that_of_all_faces_that_may_come(two, snapshot) -> None:
    assert draw_overlay(two).shape[0] == 360 + PANEL_PX + rows_height_px(two)
    alone = replace(two, faces=two.faces[:1])
    assert draw_overlay(alone).shape == draw_overlay(two).shape
    assert rows_height_px(snapshot()) == 0


def test_a_face_without_a_reading_has_no_needle(two, verdict) -> None:
    faces = (replace(two.faces[0], verdict=verdict(State.NEUTRAL)), FaceSnapshot(2))
    picture = draw_overlay(replace(two, faces=faces))
    rows = picture[360 + PANEL_PX :, EDGE_PX + name_px() : 640 - EDGE_PX - WORDS_PX]
    assert not (rows == WHITE).all(axis=2).any()


@pytest.mark.parametrize("language", TABLES)
def test_each_name_ends_before_its_needle(language: str) -> None:
    choose_language(language, {})
    assert max(text_width_px(phrases.face_label(number)) for number in (1, 12, 888)) < name_px()
    readings = (phrases.reading(percent / 100) for percent in range(101))
    assert max(map(text_width_px, readings)) < WORDS_PX - EDGE_PX


@pytest.mark.parametrize("number", [1, 12, 888])
def test_the_tag_of_a_face_is_as_wide_as_its_number(two, verdict, number: int) -> None:
    face = seen(number, 400.0, verdict(State.JUDGING, 0.1))
    row = draw_overlay(replace(two, faces=(two.faces[0], face)))[75]
    digits_px = text_width_px(str(number), NUMBER)
    assert _is(row[407 + digits_px], DARK)
