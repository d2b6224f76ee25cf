from __future__ import annotations

import numpy as np
import pytest

from realtime.core.messages import BoxSource
from realtime.faces.face_search import (
    HOG_SIDES_PX,
    NEAR_SIDE_PX,
    OTHER_VIEWS,
    SEARCH_EVERY_S,
    FaceSearch,
)
from realtime.faces.haar_detector import UPRIGHT
from realtime.faces.hog_detector import ScoredBox
from realtime.faces.pyramid import Pyramid

BOX = (250.0, 130.0, 100.0, 100.0)
PICTURE = Pyramid(np.full((360, 640), 120, np.uint8))
ROUND = 3  # frames: the upright view, a HOG search, another view


class Haar:
    def __init__(self, log, only=()) -> None:
        self.log, self.only = log, only

    def find(self, gray, view=UPRIGHT):
        self.log.append(view)
        return [BOX] if view in self.only else []

    def find_near(self, gray, near, roll_deg=0.0):
        self.log.append("near")
        return [near] if "near" in self.only else []


class Hog:
    def __init__(self, log, only=()) -> None:
        self.log, self.only = log, only

    def find(self, gray, long_side_px):
        self.log.append(long_side_px)
        found = [ScoredBox((50.0, 50.0, 100.0, 100.0), True)]
        return found if long_side_px in self.only else []


def searches(count, haar=(), hog=()):
    """Return the steps of `count` frames a round apart, and all faces found."""
    log: list = []
    search = FaceSearch(Haar(log, haar), Hog(log, hog))
    found = [search.search(PICTURE, SEARCH_EVERY_S * frame) for frame in range(count)]
    return log, [face for faces in found for face in faces]


def test_haar_comes_first_and_every_other_search_has_its_turn():
    log, found = searches(ROUND * len(OTHER_VIEWS))
    log = log[: ROUND * len(OTHER_VIEWS)]  # frames of two searches leave some for another round
    assert set(log[::ROUND]) == {UPRIGHT}
    assert log[1::ROUND] == [HOG_SIDES_PX[turn % 2] for turn in range(len(OTHER_VIEWS))]
    assert log[2::ROUND] == list(OTHER_VIEWS)
    assert not found


@pytest.mark.parametrize("hz", [8, 15, 30, 60])
@pytest.mark.parametrize("haar", [[], [UPRIGHT]])
def test_a_frame_is_searched_once_at_most_but_for_a_small_search_after_nothing(hz, haar):
    log: list = []
    search = FaceSearch(Haar(log, haar), Hog(log))
    twice = []
    for frame in range(60):
        before = len(log)
        search.search(PICTURE, frame / hz)
        twice += [log[before:]] if len(log) - before > 1 else []
    assert all(searches == [UPRIGHT, HOG_SIDES_PX[0]] for searches in twice)
    assert bool(twice) == (not haar)
    assert log.count(UPRIGHT) <= 60 / hz / SEARCH_EVERY_S + 1


@pytest.mark.parametrize(
    ("haar", "hog", "source", "doubtful"),
    [
        ([UPRIGHT], [], BoxSource.HAAR, True),
        ([], [320], BoxSource.HOG, False),
        ([], [640], BoxSource.HOG, False),
        ([OTHER_VIEWS[0]], [], BoxSource.HAAR, True),
    ],
)
def test_a_face_says_which_detector_found_it(haar, hog, source, doubtful):
    _, found = searches(ROUND * len(OTHER_VIEWS), haar, hog)
    assert {(face.source, face.doubtful) for face in found} == {(source, doubtful)}


def test_a_confirmed_face_ends_the_round():
    log: list = []
    search = FaceSearch(Haar(log, [UPRIGHT]), Hog(log))
    for frame in range(5):
        search.search(PICTURE, 2 * SEARCH_EVERY_S * frame)
        search.confirm()
    assert log == [UPRIGHT] * 5


def test_near_a_box_hog_is_asked_where_haar_sees_nothing():
    log: list = []
    search = FaceSearch(Haar(log), Hog(log, [NEAR_SIDE_PX]))
    (found,) = search.search_near(PICTURE, BOX, 0.0, 1.0)
    assert log == ["near", NEAR_SIDE_PX]
    assert (found.source, found.sure, found.doubtful) == (BoxSource.HOG, True, False)
    # the patch is two boxes wide: 240 px for 200
    moved, side = 50 + (50 - 120) / 1.2, 100 / 1.2
    assert found.box == pytest.approx((250 + moved, 130 + moved, side, side))
    assert search.search_near(PICTURE, BOX, 0.0, 1.0 + SEARCH_EVERY_S / 2) == []


def test_near_a_box_haar_is_enough():
    log: list = []
    (found,) = FaceSearch(Haar(log, ["near"]), Hog(log)).search_near(PICTURE, BOX, 20.0, 1.0)
    assert log == ["near"]
    assert (found.source, found.roll_deg, found.doubtful) == (BoxSource.HAAR, 20.0, False)
