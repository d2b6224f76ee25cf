from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from realtime.core.messages import (
    BoxSource,
    Expression,
    Face,
    Frame,
    Landmarks,
    Onset,
    State,
    ViewQuality,
)
from realtime.core.snapshot import RunSetting, Snapshot
from realtime.view.window.dial import PANEL_PX, WHITE, colour_of, needle_px
from realtime.view.window.overlay import draw_overlay, fit_frame

BLUE, ORANGE = (233, 180, 86), (0, 159, 230)  # BGR


def _blank(height: int, width: int) -> Frame:
    return Frame(0, 0.0, 0.0, np.full((height, width, 3), 90, np.uint8))


def _is(pixel: np.ndarray, colour: tuple[int, int, int]) -> bool:
    return tuple(int(value) for value in pixel) == colour


def test_box_and_points_are_drawn_at_their_pixels(snapshot) -> None:
    shot = snapshot(State.JUDGING, 0.9)
    image = draw_overlay(shot)
    assert image.shape == (360 + PANEL_PX, 640, 3)
    for x, y in ((200, 140), (360, 140), (280, 60), (280, 220)):
        assert _is(image[y, x], BLUE)
    for x, y in shot.landmarks.points_px:
        assert _is(image[round(float(y)), round(float(x))], WHITE)
    assert _is(image[300, 100], (90, 90, 90))


@pytest.mark.parametrize(("p", "colour"), [(0.9, BLUE), (0.1, ORANGE)])
def test_the_needle_runs_from_fake_on_the_left_to_genuine_on_the_right(
    snapshot, p: float, colour
) -> None:
    row = draw_overlay(snapshot(State.SETTLED, p))[360 + 76]
    assert _is(row[needle_px(p, 640)], WHITE)
    assert _is(row[(needle_px(p, 640) + needle_px(0.5, 640)) // 2], colour)
    assert not _is(row[needle_px(1 - p, 640)], WHITE)
    assert needle_px(0.0, 640) < needle_px(0.5, 640) < needle_px(1.0, 640)


@pytest.mark.parametrize("state", [state for state in State if not state.has_number])
def test_without_a_reading_the_dial_has_no_needle_and_no_colour(snapshot, state: State) -> None:
    image = draw_overlay(snapshot(state))
    panel = image[360:].astype(int)
    assert (np.ptp(panel, axis=2) == 0).all()  # gray only
    assert (panel[64:70] == 24).all()  # where the needle would be
    without_past = draw_overlay(snapshot(state, run_verdict=None, history=()))
    assert (image == without_past).all()  # earlier readings are not shown


def test_the_box_is_gray_without_a_reading(snapshot) -> None:
    assert len(set(colour_of(snapshot(State.NEUTRAL).verdict))) == 1
    assert colour_of(None) == colour_of(snapshot(State.NEUTRAL).verdict)


def test_what_the_face_shows_is_written_on_the_picture(snapshot) -> None:
    shot = snapshot(State.JUDGING, 0.9)
    smile = Expression(("smile",), np.ones(1, np.float32))
    shown = draw_overlay(replace(shot, landmarks=replace(shot.landmarks, expression=smile)))
    changed = np.argwhere((shown != draw_overlay(shot)).any(axis=2))
    assert len(changed) > 100
    assert (changed.max(axis=0) < (30, 320)).all()


@pytest.mark.parametrize(("height", "width"), [(360, 640), (480, 640), (370, 640), (720, 1280)])
def test_the_caption_of_the_tour_is_whole_at_the_foot_of_the_picture(
    snapshot, height: int, width: int
) -> None:
    shot = snapshot(State.NEUTRAL, frame=_blank(height, width), face=None, landmarks=None)
    foot = fit_frame(width, height).height_px
    changed = np.argwhere(
        (draw_overlay(replace(shot, caption="glyphs")) != draw_overlay(shot)).any(axis=2)
    )
    assert len(changed) > 50
    assert changed[:, 0].max() < foot - 1  # not even the tail of a g is cut
    assert changed[:, 0].min() > foot - 50


def test_drawing_does_not_change_the_snapshot(snapshot) -> None:
    shot = snapshot(State.JUDGING, 0.9)
    before = shot.frame.image.copy(), shot.landmarks.points_px.copy()
    first, second = draw_overlay(shot), draw_overlay(shot)
    assert (first == second).all()
    assert (shot.frame.image == before[0]).all()
    assert (shot.landmarks.points_px == before[1]).all()


def test_before_the_first_frame_the_picture_is_empty(setting: RunSetting) -> None:
    assert draw_overlay(Snapshot(setting)).shape == (360 + PANEL_PX, 640, 3)


@pytest.mark.parametrize(
    ("size", "want"),
    [
        ((1920, 1080), (1280, 720)),
        ((1080, 1920), (405, 720)),
        ((160, 120), (640, 480)),
        ((320, 180), (640, 360)),
        ((639, 480), (639, 480)),
        ((3840, 2160), (1280, 720)),
        ((8000, 2), (1280, 1)),
    ],
)
def test_large_frames_are_shrunk_and_small_ones_enlarged(
    size: tuple[int, int], want: tuple[int, int]
) -> None:
    placement = fit_frame(*size)
    assert (placement.width_px, placement.height_px) == want
    assert placement.canvas_px >= 560


def test_box_and_points_follow_a_centred_narrow_frame(snapshot) -> None:
    points = np.full((40, 2), 544.0, np.float32)
    shot = snapshot(
        State.JUDGING, 0.9, frame=_blank(1920, 1080),
        face=Face((104, 200, 296, 296), 9.0, BoxSource.HAAR),
        landmarks=Landmarks(points, 0.0, 0, ViewQuality(1, 1, 0)),
    )  # fmt: skip
    image = draw_overlay(shot)
    left = (560 - 405) // 2
    assert _is(image[204, left + 204], WHITE)  # 544 px x 720 / 1920
    assert _is(image[130, left + 39], BLUE)
    assert _is(image[400, left - 1], (24, 24, 24))
    assert _is(image[400, left], (90, 90, 90))


def test_a_box_beyond_the_frame_does_not_cover_the_dial(snapshot) -> None:
    inside, outside = (
        snapshot(face=Face((500, 300, 90, height), 9.0, BoxSource.MOSSE)) for height in (20, 300)
    )
    assert (draw_overlay(inside)[360:] == draw_overlay(outside)[360:]).all()


def test_characters_other_than_ascii_are_replaced(snapshot, verdict) -> None:
    pictures = [
        draw_overlay(snapshot(verdict=verdict(State.POOR_VIEW, reason=reason)))
        for reason in ("zu dunkel f\xfcr \u0416\n\x1b", "zu dunkel fuer ???")
    ]
    assert (pictures[0] == pictures[1]).all()


def test_the_onset_is_written_with_the_details_alone(snapshot, verdict) -> None:
    judged = verdict(State.JUDGING, 0.7)
    began = replace(judged, onset=Onset(1.0, 1.4, 2.0, 6.0, 3.25, 0.9, None, 1.2))
    for details in (False, True):
        plain, with_onset = (
            draw_overlay(snapshot(verdict=each, details=details)) for each in (judged, began)
        )
        assert (plain == with_onset).all() == (not details)
