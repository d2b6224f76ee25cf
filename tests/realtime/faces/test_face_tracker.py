from __future__ import annotations

import numpy as np
import pytest

from realtime.core.messages import BoxSource
from realtime.faces.face_tracker import LOST_AFTER_S, SEARCH_EVERY_S, FaceTracker

FRAME_S = 1 / 30
LOST_FRAMES = (
    round(LOST_AFTER_S / FRAME_S) + 1
)  # within which a loss is noticed, at 30 frames a second
FOUND_FRAMES = round(SEARCH_EVERY_S / FRAME_S) + 1  # within which a face that is there is found
EMPTY = np.full((360, 640), 120, np.uint8)


class Film:
    """Shows pictures to a follower at 30 frames a second, or with other steps."""

    def __init__(self, follower: FaceTracker) -> None:
        self.follower, self.at_s = follower, 0.0

    def show(self, picture, step_s: float = FRAME_S):
        self.at_s += step_s
        return self.follower.update(picture, self.at_s)


class Detector:
    """A detector that counts its searches and finds what it is told to."""

    def __init__(self, *boxes) -> None:
        self.boxes, self.full, self.near = list(boxes), 0, 0

    def find(self, gray, near=None):
        self.full, self.near = self.full + (near is None), self.near + (near is not None)
        return self.boxes if near is None else []


@pytest.fixture
def film() -> Film:
    return Film(FaceTracker())


def middle(face):
    x, y, width, height = face.box_px
    return x + width / 2, y + height / 2


def test_found_by_haar_then_followed_by_mosse(film, scene):
    first = film.show(scene((300, 180, 1.2)))
    faces = [film.show(scene((300 + 4 * step, 180 + step, 1.2))) for step in range(1, 31)]
    assert first.box_source is BoxSource.HAAR
    assert all(face.box_source is BoxSource.MOSSE and face.psr > 10 for face in faces)
    way = np.subtract(middle(faces[-1]), middle(first))
    assert way == pytest.approx((120, 30), abs=4)


def test_no_face_no_find(film):
    assert [film.show(EMPTY) for _ in range(30)] == [None] * 30
    assert not film.follower.tracking


def test_lost_when_blanked_and_found_again(film, scene):
    for _ in range(10):
        assert film.show(scene((300, 180, 1.2)))
    gone = [film.show(EMPTY) for _ in range(30)]
    assert all(face is None for face in gone[LOST_FRAMES:])
    back = [film.show(scene((200, 200, 1.2))) for _ in range(FOUND_FRAMES)]
    assert back[-1]
    assert middle(back[-1]) == pytest.approx((197, 198), abs=10)


def test_a_loss_is_noticed_by_time_and_not_by_frames(film, scene):
    film.show(scene((300, 180, 1.2)))
    assert film.show(EMPTY, step_s=1.0) is None


def test_a_short_occlusion_is_no_loss(film, scene):
    for _ in range(10):
        before = film.show(scene((300, 180, 1.2)))
    for _ in range(4):
        assert film.show(EMPTY)
    after = film.show(scene((300, 180, 1.2)))
    assert after
    assert middle(after) == pytest.approx(middle(before), abs=5)


def test_a_cut_to_another_place_does_not_leave_the_box_behind(film, scene):
    rng = np.random.default_rng(2)
    for _ in range(10):
        film.show(scene((150, 180, 1.2)))
    elsewhere = rng.integers(0, 256, (360, 640), np.uint8)
    assert [film.show(elsewhere) for _ in range(20)][LOST_FRAMES:] == [None] * (20 - LOST_FRAMES)


def test_a_cut_to_a_face_elsewhere_finds_it(film, scene):
    for _ in range(10):
        film.show(scene((150, 180, 1.2)))
    faces = [film.show(scene((500, 180, 1.2))) for _ in range(LOST_FRAMES + FOUND_FRAMES)]
    assert middle(faces[-1])[0] == pytest.approx(497, abs=10)


def test_a_face_that_leaves_the_picture_is_lost(film, scene):
    faces = [film.show(scene((480 + 8 * step, 180, 1.2))) for step in range(40)]
    assert faces[5]
    assert faces[-1] is None


@pytest.mark.parametrize(
    ("left", "kept"), [(-40.0, True), (-60.0, False), (580.0, True), (600.0, False)]
)
def test_a_box_of_which_less_than_half_is_in_the_picture_is_lost(scene, left, kept):
    detector = Detector((left, 130.0, 100.0, 100.0))
    film = Film(FaceTracker(detector))
    picture = scene((60, 180, 1.2), (590, 180, 1.2))
    film.show(picture)
    detector.boxes = []
    assert (film.show(picture) is not None) == kept


def test_of_two_faces_the_larger_is_followed(film, scene):
    assert middle(film.show(scene((150, 180, 0.9), (450, 180, 1.3))))[0] > 320


def test_the_face_is_kept_while_a_larger_one_comes(film, scene):
    film.show(scene((150, 180, 1.0)))
    faces = [film.show(scene((150, 180, 1.0), (450, 180, 1.5))) for _ in range(30)]
    assert all(middle(face)[0] < 200 for face in faces)


def test_the_other_face_is_taken_once_the_first_has_gone(film, scene):
    for _ in range(5):
        film.show(scene((150, 180, 1.5), (450, 180, 1.0)))
    faces = [film.show(scene((450, 180, 1.0))) for _ in range(LOST_FRAMES + FOUND_FRAMES)]
    assert middle(faces[-1])[0] > 400


def test_reseats_carry_the_size_along(film, scene):
    face = film.show(scene((300, 180, 1.0)))
    side = face.box_px[2]
    for step in range(1, 31):
        scale = 1 + 0.02 * step
        x, y = middle(film.show(scene((300, 180, scale))))
        film.follower.reseat(
            (x - side * scale / 2, y - side * scale / 2, side * scale, side * scale)
        )
    last = film.show(scene((300, 180, 1.6)))
    assert last.box_px[2] == pytest.approx(1.6 * side)
    assert last.psr > 10


def test_full_searches_are_rationed():
    detector = Detector()
    film = Film(FaceTracker(detector))
    for _ in range(60):
        film.show(EMPTY)
    assert 10 <= detector.full <= 60 * FRAME_S / SEARCH_EVERY_S + 1


def test_time_that_starts_again_does_not_stop_the_search(scene):
    film = Film(FaceTracker())
    film.at_s = 1000.0
    film.show(EMPTY)
    film.at_s = 0.0
    assert film.show(scene((300, 180, 1.2)))


def test_a_first_look_that_is_doubted_is_dropped_at_once(film, scene):
    film.show(scene((300, 180, 1.2)))
    film.follower.mark_unsure()
    assert not film.follower.tracking


def test_doubts_add_up_to_a_loss_whatever_the_psr(scene):
    film = Film(FaceTracker(Detector((250.0, 130.0, 100.0, 100.0))))
    for _ in range(5):
        face = film.show(scene((300, 180, 1.2)))
        film.follower.reseat(face.box_px)
    for frame in range(LOST_FRAMES + 1):
        assert (film.show(scene((300, 180, 1.2))) is not None) == (frame < LOST_FRAMES)
        film.follower.mark_unsure()
        if not film.follower.tracking:
            break
    assert frame + 1 == LOST_FRAMES


def test_a_reseat_after_doubts_clears_them(film, scene):
    for frame in range(30):
        face = film.show(scene((300, 180, 1.2)))
        assert face
        if frame % 3 == 1:
            film.follower.mark_unsure()
        else:
            film.follower.reseat(face.box_px)


def test_a_confirmed_face_of_low_psr_is_kept(scene):
    film = Film(FaceTracker(Detector((250.0, 130.0, 100.0, 100.0))))
    film.show(scene((300, 180, 1.2)))
    for _ in range(30):
        face = film.show(EMPTY)
        assert face.psr < 8
        film.follower.reseat(face.box_px)


def test_the_same_film_gives_the_same_faces(scene):
    def run():
        film = Film(FaceTracker())
        return [
            film.show(scene((300 + 3 * step, 180, 1.2)) if step % 20 < 12 else EMPTY)
            for step in range(60)
        ]

    assert run() == run()
