from __future__ import annotations

import numpy as np
import pytest

from realtime.faces.hog_detector import ScoredBox
from realtime.faces.pyramid import Pyramid
from realtime.faces.slow_detector import SlowAnswer
from realtime.faces.slow_search import AFTER_S, EVERY_S, OLDEST_S, SLOWEST_S, SlowSearch

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
    assert search.outdated == (not counts)


@pytest.mark.parametrize("at_s", [20.0, 0.0], ids=["a later loss", "time went back"])
def test_an_answer_about_a_picture_from_before_is_outdated(at_s: float) -> None:
    cnn = Cnn(ScoredBox(BOX, True), late=True)
    search = SlowSearch(cnn)
    play(search, 0.2, from_s=19.0)
    cnn.answer()
    search.confirm()
    assert search.search(PICTURE, at_s) is None
    assert search.outdated == 1


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
