"""Several faces in one picture, read by real trackers and the real landmark model."""

from __future__ import annotations

from unittest.mock import Mock

import dlib
import numpy as np
import pytest

from realtime.core.messages import Frame
from realtime.faces.shared_search import AWAITED_S
from realtime.landmarks.group_reader import GroupReader
from realtime.landmarks.predictor import LandmarkPredictor

HZ = 30
LEFT, RIGHT = (160, 190, 1.1), (480, 180, 1.0)
EMPTY = np.full((360, 640, 3), 120, np.uint8)


class ReadVideo:
    """Passes pictures to a reader of `count` faces at 30 frames a second."""

    def __init__(self, count: int, predictor: LandmarkPredictor) -> None:
        self.reader, self.frames = GroupReader(count, predictor), 0

    def show(self, picture: np.ndarray, frames: int = 1) -> list[float | str | None]:
        """Return, by number, the middle of each face in the last frame, "lost", "unclear", None."""
        for _ in range(frames):
            seen = self.reader.read(Frame(self.frames, self.frames / HZ, 0.0, picture))
            self.frames += 1
        return [self._middle(one) for one in seen]

    @staticmethod
    def _middle(seen) -> float | str | None:
        if seen is None:
            return None
        face, landmarks = seen
        if landmarks is None:
            return "lost" if face is None else "unclear"
        return float(landmarks.points_px[:, 0].mean())


@pytest.fixture
def video(predictor: LandmarkPredictor) -> ReadVideo:
    return ReadVideo(2, predictor)


def test_two_faces_are_read_as_they_would_be_alone(predictor, scene):
    both, alone = ReadVideo(2, predictor), ReadVideo(1, predictor)
    found = both.show(scene(LEFT, RIGHT), 20)
    assert found == [pytest.approx(LEFT[0], abs=12), pytest.approx(RIGHT[0], abs=12)]
    assert found[0] == pytest.approx(alone.show(scene(LEFT), 20)[0], abs=1.0)


def test_numbers_go_to_those_who_come_in_the_order_of_their_coming(video, scene):
    assert video.show(scene(RIGHT), 10) == [pytest.approx(RIGHT[0], abs=12), None]
    assert video.show(scene(LEFT, RIGHT), 40) == [
        pytest.approx(RIGHT[0], abs=12),
        pytest.approx(LEFT[0], abs=12),
    ]


def test_a_face_that_returns_soon_keeps_its_number_and_one_gone_for_long_frees_it(video, scene):
    video.show(scene(LEFT, RIGHT), 20)
    assert video.show(scene(RIGHT), 20) == ["lost", pytest.approx(RIGHT[0], abs=12)]
    assert video.show(scene(LEFT, RIGHT), 20)[0] == pytest.approx(LEFT[0], abs=12)
    gone = round((AWAITED_S + 0.5) * HZ)
    assert video.show(scene(RIGHT), gone) == [None, pytest.approx(RIGHT[0], abs=12)]
    assert video.show(EMPTY, gone) == [None, None]
    assert video.show(scene(RIGHT), 20) == [pytest.approx(RIGHT[0], abs=12), None]


def test_a_third_face_is_not_read_where_two_are_asked_for(video, scene):
    three = ((110, 180, 0.8), (320, 180, 0.8), (530, 180, 0.8))
    found = video.show(scene(*three), 20)
    assert len({round(middle) for middle in found}) == 2


def test_two_trackers_never_keep_one_face(video, scene):
    """One walks behind the other: a moment later the face in front has one tracker."""
    video.show(scene(LEFT, RIGHT), 15)
    for step in range(24):
        x = LEFT[0] + step * (RIGHT[0] - LEFT[0]) / 24
        found = video.show(scene((x, 190, 1.1), RIGHT))
        assert len(found) == 2
    found = video.show(scene(RIGHT), 10)
    assert found.count("lost") + found.count(None) == 1


def test_exchanged_faces_go_on_under_each_others_number(video, scene):
    video.show(scene(LEFT, RIGHT), 20)
    video.reader.exchange(0, 1)
    assert video.show(scene(LEFT, RIGHT), 5) == [
        pytest.approx(RIGHT[0], abs=12),
        pytest.approx(LEFT[0], abs=12),
    ]


def test_another_picture_size_starts_over(video, scene):
    video.show(scene(LEFT, RIGHT), 20)
    assert video.show(EMPTY[::2, ::2].copy()) == [None, None]


def test_warm_up_reads_nothing(video, scene):
    video.reader.warm_up()
    assert video.show(EMPTY) == [None, None]


def test_what_is_loaded_early_is_not_loaded_by_a_frame(predictor, monkeypatch):
    load = Mock(side_effect=dlib.get_frontal_face_detector)
    monkeypatch.setattr(dlib, "get_frontal_face_detector", load)
    reader = GroupReader(2, predictor)
    reader.load_detectors()
    for index in range(10):
        reader.read(Frame(index, index / HZ, 0.0, EMPTY))
    load.assert_called_once_with()
