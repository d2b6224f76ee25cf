from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from realtime.core.messages import State
from realtime.core.snapshot import Ghosts
from realtime.view.window.ghosts import HIGHLIGHTED, LIGHT, SIZE_PX, inset, most_different_points
from realtime.view.window.overlay import draw_overlay

STILL = np.zeros((40, 2), np.float32)


def face() -> np.ndarray:
    """Points whose eyes lie apart and whose other points lie around them."""
    points = np.random.default_rng(0).uniform(200, 300, (40, 2)).astype(np.float32)
    points[16:22], points[22:28] = (230, 140), (290, 140)
    return points


def ghosts(*numbers: int) -> Ghosts:
    """The genuine ghost raises some points, the fake one stays."""
    away = STILL.copy()
    for place, number in enumerate(numbers):
        away[number] = (0, -0.3 + 0.01 * place)
    return Ghosts(away, STILL)


def test_the_points_that_differ_most_are_lit_the_most_first() -> None:
    assert most_different_points(ghosts(30, 3, 35))[:3] == [30, 3, 35]
    assert len(most_different_points(ghosts(30))) == HIGHLIGHTED


def test_where_the_ghosts_differ_there_is_light() -> None:
    def light(picture: np.ndarray) -> int:
        return int((picture == LIGHT).all(axis=2).sum())

    apart = inset(face(), ghosts(*range(8)))
    assert apart.shape == (SIZE_PX[1], SIZE_PX[0], 3)
    assert light(apart) > light(inset(face(), ghosts())) + 50


@pytest.mark.parametrize(("shift_px", "right"), [(0, True), (260, False)])
def test_the_ghosts_stand_away_from_the_face(snapshot, shift_px: float, right: bool) -> None:
    seen = snapshot(State.JUDGING, 0.7)
    landmarks = replace(
        seen.landmarks, points_px=face() - np.float32([100, 0]) + np.float32([shift_px, 0])
    )
    plain, haunted = (
        draw_overlay(snapshot(State.JUDGING, 0.7, face=None, landmarks=landmarks, ghosts=which))
        for which in (None, ghosts(3))
    )
    columns = np.flatnonzero((plain != haunted).any(axis=(0, 2)))
    assert (columns.min() > 320) == right
    assert (columns.max() < 320) != right


def test_a_frame_smaller_than_the_ghosts_shows_what_fits(snapshot) -> None:
    tiny = replace(snapshot().frame, image=np.zeros((40, 60, 3), np.uint8))
    landmarks = replace(snapshot().landmarks, points_px=face())
    assert (
        draw_overlay(snapshot(frame=tiny, face=None, landmarks=landmarks, ghosts=ghosts(3))).shape[
            1
        ]
        >= 60
    )
    assert cv2.imencode(
        ".png", draw_overlay(snapshot(frame=tiny, ghosts=ghosts(3), landmarks=landmarks))
    )[0]
