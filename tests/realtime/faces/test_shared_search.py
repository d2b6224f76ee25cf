from __future__ import annotations

import numpy as np
import pytest

from realtime.faces.haar_detector import UPRIGHT
from realtime.faces.hog_detector import ScoredBox
from realtime.faces.pyramid import Pyramid
from realtime.faces.shared_search import AWAITED_S, EXTRA_EVERY_S, SharedSearch, same_face
from realtime.faces.slow_detector import SlowAnswer

LEFT, MIDDLE, RIGHT = (40.0, 60.0, 100.0, 100.0), (270.0, 60.0, 90.0, 90.0), (500, 60, 80, 80)
FRAME_S = 1 / 30


class ScriptedHaar:
    """Cascade that finds `boxes` upright, and counts its searches."""

    def __init__(self, *boxes) -> None:
        self.boxes, self.searches = list(boxes), 0

    def find(self, gray, view=UPRIGHT):
        self.searches += 1
        return self.boxes if view is UPRIGHT else []

    def find_near(self, gray, near, roll_deg=0.0):
        return self.boxes


class BlindHog:
    def find(self, gray, long_side_px):
        return []


class ScriptedCnn:
    """CNN that finds `boxes` at once in whatever it is asked, and counts the questions."""

    def __init__(self, *boxes) -> None:
        self.boxes, self.asked = [ScoredBox(box, True) for box in boxes], 0
        self.answers: list[SlowAnswer] = []

    def submit(self, picture, at_s):
        self.asked += 1
        self.answers.append(SlowAnswer(picture, at_s, self.boxes))

    def take(self):
        answers, self.answers = self.answers, []
        return answers


def shared_search(
    haar: ScriptedHaar, count: int = 2, cnn: ScriptedCnn | None = None
) -> SharedSearch:
    return SharedSearch(count, haar, BlindHog(), cnn or ScriptedCnn())  # type: ignore[arg-type]


def picture() -> Pyramid:
    return Pyramid(np.full((360, 640), 120, np.uint8))


def boxes(found) -> list:
    return [one.box for one in found]


def follow(search: SharedSearch, number: int, box, at_s: float) -> None:
    search.note(number, box)
    search.keep(number, at_s)


def test_each_tracker_gets_a_face_of_its_own_the_largest_first():
    haar, gray = ScriptedHaar(LEFT, MIDDLE, RIGHT), picture()
    search = shared_search(haar)
    found = [boxes(search.views[number].search(gray, 0.0)) for number in (0, 1)]
    assert found == [[LEFT], [MIDDLE]]
    assert haar.searches == 1


def test_a_face_that_another_follows_is_none_of_a_trackers_finds():
    search, gray = shared_search(ScriptedHaar(LEFT, RIGHT)), picture()
    search.note(0, (LEFT[0] + 10, LEFT[1] + 10, 80.0, 80.0))
    assert boxes(search.views[1].search(gray, 0.0)) == [RIGHT]
    assert boxes(search.views[1].search_near(gray, LEFT, 0.0, 0.0)) == [RIGHT]


@pytest.mark.parametrize("awaited", [False, True])
def test_further_faces_are_looked_for_rarely_but_a_lost_one_often(awaited: bool):
    haar = ScriptedHaar(LEFT)
    search = shared_search(haar)
    if awaited:
        follow(search, 1, RIGHT, 0.0)
        search.note(1, None)
    frames = round(1.5 * EXTRA_EVERY_S / FRAME_S)
    for number in range(frames):
        search.note(0, LEFT)
        search.views[1].search(picture(), number * FRAME_S)
    # Of the three searches of a round two are the cascade's.
    assert (haar.searches > 10) is awaited
    assert awaited or haar.searches == 4


def test_nothing_is_searched_while_all_trackers_have_a_face():
    """Trackers that have one do not ask; one that has just lost it does."""
    haar = ScriptedHaar(LEFT, RIGHT)
    search, gray = shared_search(haar), picture()
    assert boxes(search.views[0].search(gray, 0.0)) == [LEFT]
    follow(search, 0, LEFT, 0.0)
    assert boxes(search.views[1].search(gray, 0.0)) == [RIGHT]
    assert haar.searches == 1


def test_a_lost_face_is_found_where_it_was_and_a_newcomer_goes_to_the_free_tracker():
    search, gray = shared_search(ScriptedHaar(RIGHT), 3), picture()
    follow(search, 0, MIDDLE, 0.0)
    follow(search, 1, LEFT, 0.0)
    search.note(1, None)
    assert search.views[1].search(gray, 0.1) == []
    assert boxes(search.views[2].search(gray, 0.1)) == [RIGHT]


def test_without_a_free_tracker_a_newcomer_takes_the_place_of_the_lost_face():
    search, gray = shared_search(ScriptedHaar(RIGHT)), picture()
    follow(search, 0, MIDDLE, 0.0)
    follow(search, 1, LEFT, 0.0)
    search.note(1, None)
    assert boxes(search.views[1].search(gray, 0.1)) == [RIGHT]


def slowly(search: SharedSearch, until_s: float) -> dict[int, list]:
    """Ask for each tracker without a face in every frame; return what it was given."""
    given: dict[int, list] = {0: [], 1: []}
    for number in range(round(until_s / FRAME_S)):
        gray, at_s = picture(), number * FRAME_S
        for tracker, found in given.items():
            if one := search.views[tracker].search_slowly(gray, at_s):
                found.append(one.first.box)
    return given


def test_the_cnn_gives_each_tracker_a_face_of_its_own_while_nobody_is_followed():
    cnn = ScriptedCnn(LEFT, RIGHT)
    given = slowly(shared_search(ScriptedHaar(), cnn=cnn), 0.5)
    assert given == {0: [LEFT], 1: [RIGHT]}
    assert cnn.asked == 1


def test_the_cnn_looks_for_a_lost_face_but_for_no_further_one():
    cnn = ScriptedCnn(LEFT, RIGHT)
    search = shared_search(ScriptedHaar(), cnn=cnn)
    follow(search, 0, LEFT, 0.0)
    further = [search.views[1].search_slowly(picture(), number / 2) for number in range(10)]
    assert (further, cnn.asked) == ([None] * 10, 0)
    follow(search, 1, RIGHT, 5.0)
    search.note(1, None)
    found = [
        search.views[1].search_slowly(picture(), 5.0 + number * FRAME_S) for number in range(15)
    ]
    assert [one.first.box for one in found if one is not None] == [RIGHT]


def test_a_face_is_awaited_for_a_while():
    search = shared_search(ScriptedHaar())
    assert not search.awaits(0, 0.0)
    follow(search, 0, LEFT, 1.0)
    search.note(0, None)
    assert search.awaits(0, 1.0 + AWAITED_S)
    assert not search.awaits(0, 1.1 + AWAITED_S)
    search.forget()
    assert not search.awaits(0, 1.0)


def test_exchanged_trackers_exchange_their_faces():
    search = shared_search(ScriptedHaar(LEFT, RIGHT))
    follow(search, 0, LEFT, 1.0)
    first = search.views[0]
    search.exchange(0, 1)
    assert search.views[1] is first
    assert (search.awaits(0, 1.0), search.awaits(1, 1.0)) == (False, True)
    assert boxes(search.views[0].search(picture(), 1.1)) == [RIGHT]


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (LEFT, True),
        ((60.0, 70.0, 100.0, 100.0), True),
        ((70.0, 90.0, 30.0, 30.0), True),  # a find inside the face
        ((120.0, 60.0, 100.0, 100.0), False),  # cheek to cheek
        (RIGHT, False),
    ],
)
def test_boxes_of_one_face_lie_mostly_in_each_other(other, same: bool):
    assert same_face(LEFT, other) is same
    assert same_face(other, LEFT) is same
