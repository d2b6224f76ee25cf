"""When the CNN is asked, and what its late answers mean to the tracker."""

from __future__ import annotations

import numpy as np
import pytest
from scripted_faces import (
    EMPTY,
    FRAME_S,
    LOST_FRAMES,
    BlindHog,
    ScriptedCnn,
    ScriptedDetector,
    SureHog,
    TrackedVideo,
    cnn_alone,
    middle,
)

from realtime.core.messages import BoxSource
from realtime.faces.face_search import FaceSearch
from realtime.faces.face_tracker import SEEN_FOR_S, FaceTracker
from realtime.faces.hog_detector import ScoredBox
from realtime.faces.pyramid import Pyramid
from realtime.faces.slow_detector import SlowAnswer
from realtime.faces.slow_search import (
    AFTER_S,
    EVERY_S,
    NEWER_PICTURE,
    OLDEST_S,
    OUTDATED,
    SLOWEST_S,
    SlowSearch,
)

PICTURE = Pyramid(np.zeros((72, 128), np.uint8))
BOX = (250.0, 130.0, 100.0, 100.0)


class Cnn:
    """Answers at once, or with `late` when `answer` is called."""

    def __init__(self, *boxes: ScoredBox, late: bool = False) -> None:
        self.boxes, self.late = list(boxes), late
        self.asked: list[float] = []
        self.answers: list[SlowAnswer] = []

    def submit(self, picture: Pyramid, at_s: float) -> None:
        self.asked.append(at_s)
        if not self.late:
            self.answer(picture)

    def answer(self, picture: Pyramid = PICTURE) -> None:
        self.answers.append(SlowAnswer(picture, self.asked[-1], self.boxes))

    def take(self) -> list[SlowAnswer]:
        answers, self.answers = self.answers, []
        return answers


def play(search: SlowSearch, seconds: float, hz: float = 10.0, from_s: float = 0.0) -> list[float]:
    """Return the times of the pictures in which faces were found."""
    times_s = [from_s + index / hz for index in range(round(seconds * hz))]
    return [at_s for at_s in times_s if search.search(PICTURE, at_s) is not None]


def test_it_is_asked_after_the_others_and_then_ever_more_rarely() -> None:
    cnn = Cnn()
    assert play(SlowSearch(cnn), 40.0) == []
    assert cnn.asked[0] == pytest.approx(AFTER_S)
    waits_s = np.diff(cnn.asked)
    assert waits_s == pytest.approx([1, 2, 4] + [SLOWEST_S] * (len(waits_s) - 3), abs=0.11)
    assert len(waits_s) > 4


def test_a_face_that_it_alone_is_sure_of_is_looked_for_every_second() -> None:
    cnn = Cnn(ScoredBox(BOX, True))
    assert play(SlowSearch(cnn), 5.0) == cnn.asked
    assert np.diff(cnn.asked) == pytest.approx(EVERY_S, abs=0.11)


def test_a_confirmed_face_ends_the_search_and_the_next_loss_begins_another() -> None:
    cnn = Cnn()
    search = SlowSearch(cnn)
    play(search, 10.0)
    search.confirm()
    play(search, 1.0, from_s=20.0)
    assert cnn.asked[-1] == pytest.approx(20.0 + AFTER_S)


def test_losses_in_a_row_do_not_ask_more_than_once_a_second() -> None:
    cnn = Cnn()
    search = SlowSearch(cnn)
    for second in range(10):
        for tenth in range(0, 10, 3):
            play(search, 0.3, from_s=second + tenth / 10)
            search.confirm()
    assert len(cnn.asked) > 5
    assert min(np.diff(cnn.asked)) >= EVERY_S - 1e-6


def test_an_answer_without_faces_is_none_and_asks_for_no_other_at_once() -> None:
    cnn = Cnn()
    assert SlowSearch(cnn).search(PICTURE, 0.0) is None
    assert cnn.asked == []


@pytest.mark.parametrize(("after_s", "counts"), [(0.5, True), (OLDEST_S + 0.1, False)])
def test_a_late_answer_counts_until_its_picture_is_too_old(after_s: float, counts: bool) -> None:
    cnn = Cnn(ScoredBox(BOX, True), late=True)
    search = SlowSearch(cnn)
    play(search, 0.2)
    cnn.answer()
    found = search.search(PICTURE, cnn.asked[-1] + after_s)
    assert (found is not None) == counts
    assert search.unused == ({} if counts else {OUTDATED: 1})


@pytest.mark.parametrize("at_s", [20.0, 0.0], ids=["a later loss", "time went back"])
def test_an_answer_about_a_picture_from_before_is_outdated(at_s: float) -> None:
    cnn = Cnn(ScoredBox(BOX, True), late=True)
    search = SlowSearch(cnn)
    play(search, 0.2, from_s=19.0)
    cnn.answer()
    search.confirm()
    assert search.search(PICTURE, at_s) is None
    assert search.unused == {OUTDATED: 1}


def test_a_picture_that_a_newer_one_replaces_is_counted_and_reported() -> None:
    class Busy(Cnn):
        def submit(self, picture: Pyramid, at_s: float) -> bool:
            super().submit(picture, at_s)
            return len(self.asked) > 1

    search, dropped = SlowSearch(Busy(late=True)), list[str]()
    search.on_drop = dropped.append
    play(search, 4.0)
    assert len(dropped) == len(search.detector.asked) - 1 > 0
    assert set(dropped) == {NEWER_PICTURE}
    assert search.unused == {NEWER_PICTURE: len(dropped)}


def test_a_restarted_clock_does_not_stop_the_search() -> None:
    cnn = Cnn()
    search = SlowSearch(cnn)
    play(search, 1.0, from_s=1000.0)
    play(search, 1.0)
    assert cnn.asked[-1] == pytest.approx(AFTER_S)


@pytest.mark.parametrize(
    ("size", "asked"),
    [
        ((1, 1), False),
        ((39, 400), False),
        ((2000, 100), False),
        ((40, 40), True),
        ((80, 960), True),
    ],
)
def test_a_picture_too_small_for_a_face_is_not_asked_about(
    size: tuple[int, int], asked: bool
) -> None:
    cnn = Cnn()
    search = SlowSearch(cnn)
    for at_s in (0.0, 1.0):
        search.search(Pyramid(np.zeros(size, np.uint8)), at_s)
    assert bool(cnn.asked) == asked


class TestLateAnswers:
    """The CNN alone sees a face, and answers half a second after it was asked."""

    FACE = (250.0, 120.0, 100.0, 100.0)
    LATE = 15  # frames

    def asked(self, scene, x=300, sure=True):
        """Return a video whose first pictures the CNN was asked about."""
        cnn = ScriptedCnn(self.FACE, sure)
        video = cnn_alone(cnn)
        while not cnn.asked:
            assert video.show(scene((x, 180, 1.2))) is None
        return video, cnn

    def test_a_face_that_moved_meanwhile_is_tracked_where_it_is_now(self, scene):
        video, cnn = self.asked(scene)
        for step in range(self.LATE):
            assert video.show(scene((300 + step, 180, 1.2))) is None
        cnn.answer()
        face = video.show(scene((300 + self.LATE, 180, 1.2)))
        assert face.box_source is BoxSource.CNN
        assert face.psr > 8
        assert middle(face) == pytest.approx((300 + self.LATE, 170), abs=3)
        assert video.tracker.seen

    @pytest.mark.parametrize("now", ["empty", "elsewhere", "noise"])
    def test_a_face_that_is_gone_is_not_confirmed(self, scene, now):
        video, cnn = self.asked(scene)
        noise = np.random.default_rng(0).integers(0, 256, (360, 640), np.uint8)
        picture = {"empty": EMPTY, "elsewhere": scene((530, 180, 1.2)), "noise": noise}[now]
        for _ in range(self.LATE):
            video.show(picture)
        cnn.answer()
        assert video.show(picture) is None
        assert not video.tracker.tracking
        assert not video.tracker.seen

    def test_a_face_counts_as_seen_from_when_it_was_seen(self, scene):
        video, cnn = self.asked(scene)
        asked_at_s = video.at_s
        for _ in range(self.LATE):
            video.show(scene((300, 180, 1.2)))
        cnn.answer()
        while video.show(scene((300, 180, 1.2))) and video.tracker.seen:
            assert video.at_s - asked_at_s <= SEEN_FOR_S[BoxSource.CNN] + FRAME_S
        assert video.at_s - asked_at_s > SEEN_FOR_S[BoxSource.CNN]

    def test_a_face_that_goes_later_is_not_seen_any_more(self, scene):
        video, cnn = self.asked(scene)
        cnn.answer()
        assert video.show(scene((300, 180, 1.2)))
        assert video.tracker.seen
        assert video.show(EMPTY)
        assert not video.tracker.seen

    def test_finds_of_others_that_fail_do_not_keep_the_cnn_from_its_turn(self, scene):
        haar, cnn = ScriptedDetector(self.FACE), ScriptedCnn(self.FACE)
        video = TrackedVideo(FaceTracker(FaceSearch(haar, BlindHog(), cnn)))
        for _ in range(10):
            if video.show(scene((300, 180, 1.2))):
                video.tracker.mark_unsure()
        assert cnn.asked

    def test_a_shorter_sight_does_not_shorten_a_longer_one(self, scene):
        cnn, picture = ScriptedCnn(self.FACE), scene((300, 180, 1.2))
        video = TrackedVideo(FaceTracker(FaceSearch(ScriptedDetector(), SureHog(), cnn)))
        sources = set()
        for _ in range(30):
            face = video.show(picture)
            sources.add(face.box_source)
            video.tracker.mark_unsure()
            if cnn.asked:
                asked_at_s = cnn.asked[0][1]
                cnn.answer()
        assert {BoxSource.HOG, BoxSource.CNN} <= sources
        assert video.tracker._seen_until_s == asked_at_s + SEEN_FOR_S[BoxSource.CNN]

    def test_one_that_the_cnn_is_not_sure_of_does_not_count_as_seen(self, scene):
        video, cnn = self.asked(scene, sure=False)
        cnn.answer()
        assert video.show(scene((300, 180, 1.2)))
        assert not video.tracker.seen

    def test_an_answer_that_comes_after_another_detector_found_a_face_is_not_used(self, scene):
        haar, cnn = ScriptedDetector(), ScriptedCnn(self.FACE)
        video = TrackedVideo(FaceTracker(FaceSearch(haar, BlindHog(), cnn)))
        while not cnn.asked:
            video.show(scene((300, 180, 1.2)))
        haar.boxes = [(250.0, 120.0, 100.0, 100.0)]
        while not (face := video.show(scene((300, 180, 1.2)))):
            pass
        video.tracker.reseat(face.box_px)
        cnn.answer()
        haar.boxes = []
        shown = [video.show(EMPTY) for _ in range(30)]
        assert not any(shown[LOST_FRAMES:])
        assert video.tracker.search.slow.unused == {OUTDATED: 1}
