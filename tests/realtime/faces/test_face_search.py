from __future__ import annotations

import numpy as np
import pytest

from realtime.core.messages import BoxSource
from realtime.faces.dlib_detectors import ScoredBox
from realtime.faces.face_search import (
    CNN_AFTER_S,
    CNN_SIDE_PX,
    CNN_SLOWEST_S,
    OTHER_SEARCHES,
    SEARCH_EVERY_S,
    FaceSearch,
    InlineDetector,
)
from realtime.faces.haar_detector import UPRIGHT, SearchView
from realtime.faces.pyramid import Pyramid

BOX = (250.0, 130.0, 100.0, 100.0)
ROLLED = next(view for view in OTHER_SEARCHES if isinstance(view, SearchView) and view.roll_deg)
PICTURE = Pyramid(np.full((360, 640), 120, np.uint8))


class Haar:
    def __init__(self, log, only=()) -> None:
        self.log, self.only = log, only

    def find(self, gray, view=UPRIGHT):
        self.log.append(view)
        return [BOX] if view in self.only else []

    def find_near(self, gray, near, roll_deg=0.0):
        self.log.append("near")
        return [near] if "near" in self.only else []


class Dlib:
    """Either of dlib's detectors; finds a face at the sides in `only`."""

    def __init__(self, log, only=(), sure=True) -> None:
        self.log, self.only, self.sure = log, only, sure

    def find(self, gray, long_side_px):
        self.log.append(long_side_px)
        return (
            [ScoredBox((50.0, 50.0, 100.0, 100.0), self.sure)] if long_side_px in self.only else []
        )


def searches(count, haar=(), hog=()):
    """Return the steps of `count` searched frames, and all faces found."""
    log: list = []
    search = FaceSearch(Haar(log, haar), Dlib(log, hog), InlineDetector(Dlib([])))
    found = [search.search(PICTURE, 0.03 * frame) for frame in range(count)]
    return log, [face for faces in found for face in faces]


def test_haar_comes_first_and_every_other_search_has_its_turn():
    log, found = searches(4 * len(OTHER_SEARCHES))
    assert set(log[::2]) == {UPRIGHT}
    turns = log[1::2]
    assert turns == [OTHER_SEARCHES[turn % len(OTHER_SEARCHES)] for turn in range(len(turns))]
    assert not found


@pytest.mark.parametrize("hz", [8, 15, 30, 60])
def test_a_frame_is_searched_once_at_most(hz):
    log: list = []
    search = FaceSearch(Haar(log), Dlib(log), InlineDetector(Dlib([])))
    counts = []
    for frame in range(60):
        before = len(log)
        search.search(PICTURE, frame / hz)
        counts.append(len(log) - before)
    assert max(counts) == 1
    assert log.count(UPRIGHT) <= 60 / hz / SEARCH_EVERY_S + 1


@pytest.mark.parametrize(
    ("haar", "hog", "source", "doubtful"),
    [
        ([UPRIGHT], [], BoxSource.HAAR, True),
        ([], [320], BoxSource.HOG, False),
        ([], [640], BoxSource.HOG, False),
        (
            [view for view in OTHER_SEARCHES if isinstance(view, SearchView)][1:2],
            [],
            BoxSource.HAAR,
            True,
        ),
    ],
)
def test_a_face_says_which_detector_found_it(haar, hog, source, doubtful):
    _, found = searches(4 * len(OTHER_SEARCHES), haar, hog)
    assert {(face.source, face.doubtful) for face in found} == {(source, doubtful)}


def test_near_a_box_hog_is_asked_where_haar_sees_nothing():
    log: list = []
    search = FaceSearch(Haar(log), Dlib(log, [240]), InlineDetector(Dlib([])))
    (found,) = search.search_near(PICTURE, BOX, 0.0, 1.0)
    assert not found.doubtful
    assert log == ["near", 240]
    assert (found.source, found.sure) == (BoxSource.HOG, True)
    # the patch is two boxes wide: 240 px for 200
    assert found.box == pytest.approx(
        (250 + (50 - 120) / 1.2 + 50, 130 + (50 - 120) / 1.2 + 50, 100 / 1.2, 100 / 1.2)
    )
    assert search.search_near(PICTURE, BOX, 0.0, 1.0 + SEARCH_EVERY_S / 2) == []


def asked_at(sure_from_s=float("inf"), until_s=40.0):
    log: list = []
    cnn = Dlib(log, [CNN_SIDE_PX])
    search = FaceSearch(Haar([]), Dlib([]), InlineDetector(cnn))
    times, found = [], []
    for frame in range(round(until_s * 10)):
        cnn.only = [CNN_SIDE_PX] if frame / 10 >= sure_from_s else []
        before = len(log)
        answer = search.search_slowly(PICTURE, frame / 10)
        if len(log) > before:
            times.append(frame / 10)
        if answer:
            found += answer[1]
    return times, found


def test_the_cnn_is_asked_soon_and_then_ever_more_rarely():
    times, found = asked_at()
    assert times[0] == pytest.approx(CNN_AFTER_S, abs=0.11)
    gaps = np.diff(times)
    assert (np.diff(gaps) > -0.11).all()
    assert gaps.max() == pytest.approx(CNN_SLOWEST_S, abs=0.11)
    assert not found


def test_the_cnn_is_asked_once_a_second_while_it_sees_a_face():
    times, found = asked_at(sure_from_s=0.0, until_s=10)
    assert np.diff(times) == pytest.approx(1.0, abs=0.11)
    assert {face.source for face in found} == {BoxSource.CNN}


def test_a_confirmed_face_starts_the_wait_for_the_cnn_over():
    log: list = []
    search = FaceSearch(Haar([]), Dlib([]), InlineDetector(Dlib(log)))
    for frame in range(100):
        search.search_slowly(PICTURE, frame / 30)
        search.confirm()
    assert log == []
