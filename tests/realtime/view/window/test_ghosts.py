from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.core.messages import BoxSource, Face, Frame, Landmarks, State, ViewQuality
from realtime.core.snapshot import Ghosts, Snapshot
from realtime.view.window.ghosts import (
    HIGHLIGHTED,
    MARGIN_PX,
    SCALES,
    SIZE_PX,
    Area,
    inset,
    inset_px,
    most_different_points,
    place_inset,
)
from realtime.view.window.overlay import Placement, draw_overlay, fit_frame, head_area

STILL = np.zeros((40, 2), np.float32)
SIZES = [(160, 120), (320, 240), (640, 360), (480, 640), (1080, 1920), (3840, 2160)]
PLACES = {  # of a square face: left and top as shares of the free width and height; its size
    "left": (0.0, 0.4, 0.3),
    "right": (1.0, 0.4, 0.3),
    "centre": (0.5, 0.4, 0.3),
    "large": (0.5, 0.5, 0.7),
    "filling": (0.5, 0.5, 1.0),
    "partly outside": (1.2, -0.2, 0.4),
}


def face_points() -> np.ndarray:
    """Return points whose eyes lie apart and whose other points lie around them."""
    points = np.random.default_rng(0).uniform(200, 300, (40, 2)).astype(np.float32)
    points[16:22], points[22:28] = (230, 140), (290, 140)
    return points


def ghosts(*numbers: int) -> Ghosts:
    """Return ghosts that differ in the points `numbers`, the first one most."""
    raised = STILL.copy()
    for place, number in enumerate(numbers):
        raised[number] = (0, -0.3 + 0.01 * place)
    return Ghosts(raised, STILL)


def seen(snapshot, size_px: tuple[int, int], place: str, shown: Ghosts | None) -> Snapshot:
    """Return a snapshot of a face at `place` in a frame of `size_px` (width, height)."""
    left, top, share = PLACES[place]
    width, height = size_px
    side = share * min(size_px)
    x, y = left * (width - side), top * (height - side)
    points = (face_points() - 140) / 160 * 0.8 * side + 0.1 * side + (x, y)
    return snapshot(  # type: ignore[no-any-return]
        State.JUDGING,
        0.7,
        frame=Frame(0, 0.0, 0.0, np.full((height, width, 3), 90, np.uint8)),
        face=Face((x, y, side, side), 20.0, BoxSource.MOSSE),
        landmarks=Landmarks(points.astype(np.float32), 0.0, 0, ViewQuality(100, 120, 0)),
        ghosts=shown,
    )


def overlap(one: Area, other: Area) -> bool:
    return max(one[0], other[0]) < min(one[2], other[2]) and max(one[1], other[1]) < min(
        one[3], other[3]
    )


def test_the_points_that_differ_most_are_highlighted_in_order() -> None:
    assert most_different_points(ghosts(30, 3, 35))[:3] == [30, 3, 35]
    assert len(most_different_points(ghosts(30))) == HIGHLIGHTED


@pytest.mark.parametrize("scale", SCALES)
def test_differing_points_are_joined_by_a_white_line(scale: float) -> None:
    def light(picture: np.ndarray) -> int:
        return int((picture > 200).all(axis=2).sum())

    apart = inset(face_points(), ghosts(*range(8)), scale)
    assert apart.shape == (*inset_px(scale)[::-1], 3)
    assert light(apart) > light(inset(face_points(), ghosts(), scale)) + 50 * scale


@pytest.mark.parametrize("scale", SCALES)
def test_the_faces_end_above_the_legend(scale: float) -> None:
    """The mouth of the demo's face is 1.3 interocular distances below the eyes when open."""
    points = face_points()
    points[:16], points[28:] = (260, 140), (260, 140 + 1.3 * 60)
    plain = inset(face_points() * 0 + points, Ghosts(STILL, STILL), scale)
    opened = inset(points, ghosts(*range(28, 36)), scale)
    rows = np.flatnonzero((plain != opened).any(axis=(1, 2)))
    assert rows.max() < SIZE_PX[1] * scale


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("size_px", SIZES)
def test_ghosts_cover_neither_the_head_nor_the_dial(
    snapshot, size_px: tuple[int, int], place: str
) -> None:
    shot = seen(snapshot, size_px, place, ghosts(3))
    placement = fit_frame(*size_px)
    plain = draw_overlay(seen(snapshot, size_px, place, None))
    changed = (plain != draw_overlay(shot)).any(axis=2)
    left, top, right, bottom = head_area(shot.face, shot.landmarks.points_px, placement)
    assert not changed[max(0, top) : bottom, max(0, left) : right][: placement.height_px].any()
    if changed[: placement.height_px].any():
        assert not changed[placement.height_px :].any()
    else:
        assert changed[placement.height_px :].any(), "the dial says why there are no ghosts"


@pytest.mark.parametrize(
    ("face", "area"),
    [
        (Face((100, 100, 200, 100), 20.0, BoxSource.MOSSE), (70, 85, 330, 215)),
        (Face((100, 10, 60, 40), 20.0, BoxSource.MOSSE), (91, 4, 290, 190)),
        (None, (150, 120, 290, 190)),
    ],
)
def test_the_head_spans_more_than_box_and_points(face: Face | None, area: Area) -> None:
    points = np.full((40, 2), (200, 150), np.float32)
    points[0], points[1] = (150, 120), (290, 190)
    assert head_area(face, points, Placement(1.0, 0, 640, 360, 640)) == area
    enlarged = head_area(face, points, Placement(2.0, 10, 1280, 720, 1300))
    assert enlarged == pytest.approx(
        [2 * edge + 10 * (at % 2 == 0) for at, edge in enumerate(area)]
    )


def test_a_face_on_the_right_moves_the_ghosts_to_the_left(snapshot) -> None:
    columns = []
    for place in ("left", "right"):
        plain, shown = (
            draw_overlay(seen(snapshot, (640, 360), place, which)) for which in (None, ghosts(3))
        )
        columns.append(np.flatnonzero((plain != shown).any(axis=(0, 2))))
    assert columns[0].min() > 320
    assert columns[1].max() < 320


def test_ghosts_shrink_beside_a_larger_face() -> None:
    widths = (100, 330, 420, 470, 520)
    found = [place_inset((640, 360), (20, 0, 20 + width, 360)) for width in widths]
    assert [place and place[0] for place in found] == [1.0, 1.0, 0.75, 0.55, 0.4]
    assert place_inset((640, 360), (0, 0, 560, 360)) is None


@given(
    canvas_px=st.tuples(st.integers(1, 1280), st.integers(1, 720)),
    corner=st.tuples(st.integers(-200, 1200), st.integers(-200, 700)),
    head_px=st.tuples(st.integers(1, 900), st.integers(1, 900)),
)
def test_the_inset_is_on_the_canvas_and_off_the_head_or_left_out(
    canvas_px, corner, head_px
) -> None:
    head = (*corner, corner[0] + head_px[0], corner[1] + head_px[1])
    place = place_inset(canvas_px, head)
    if place is not None:
        scale, left, top = place
        width, height = inset_px(scale)
        assert 0 <= left <= canvas_px[0] - width
        assert 0 <= top <= canvas_px[1] - height
        assert not overlap((left, top, left + width, top + height), head)
        return
    width, height = inset_px(SCALES[-1])
    beside = max(min(head[0], canvas_px[0]), canvas_px[0] - max(head[2], 0)) - MARGIN_PX
    above = max(min(head[1], canvas_px[1]), canvas_px[1] - max(head[3], 0)) - MARGIN_PX
    too_small = canvas_px[0] < width + 2 * MARGIN_PX or canvas_px[1] < height + 2 * MARGIN_PX
    assert too_small or (beside < width and above < height)


def test_ghosts_keep_off_every_head() -> None:
    left, right = (0, 0, 250, 200), (390, 0, 640, 200)
    alone, both = place_inset((640, 480), left), place_inset((640, 480), left, right)
    assert alone is not None
    assert both is not None
    for scale, x, y in (alone, both):
        width, height = inset_px(scale)
        assert not overlap((x, y, x + width, y + height), left)
    scale, x, y = both
    width, height = inset_px(scale)
    assert not overlap((x, y, x + width, y + height), right)
    assert overlap((alone[1], alone[2], alone[1] + 100, alone[2] + 100), right)
    assert place_inset((640, 360), (0, 0, 320, 360), (320, 0, 640, 360)) is None
