from __future__ import annotations

import sys

import numpy as np
import pytest

from realtime.core.messages import Expression, Image
from realtime.landmarks.predictor import LandmarkPredictor
from realtime.tools import front_end_bench
from realtime.tools.front_end_bench import (
    measure,
    measure_expression,
    mediapipe_beside,
    print_faces_table,
    read_pictures,
    row,
    scaled_to,
)


@pytest.fixture(scope="module")
def predictor() -> LandmarkPredictor:
    return LandmarkPredictor()


def test_the_demo_has_a_face_at_every_size(predictor: LandmarkPredictor) -> None:
    pictures = read_pictures(None, 3)
    assert len(pictures) == 3
    for height_px in (360, 720):
        scaled = [scaled_to(picture, height_px) for picture in pictures]
        assert {picture.shape[0] for picture in scaled} == {height_px}
        assert measure(scaled, predictor, lambda number: [])[0] > 0


def test_all_take_a_picture_before_the_next(predictor: LandmarkPredictor) -> None:
    asked: list[int] = []

    def time_mesh_ms(number: int) -> list[float]:
        asked.append(number)
        return [10.0 * number, 1.0]

    took_ms = measure(read_pictures(None, 3), predictor, time_mesh_ms)
    assert asked == [0, 1, 2]
    assert took_ms[1:] == [10.0, 1.0]


def test_the_read_out_is_timed_once_a_frame(predictor: LandmarkPredictor) -> None:
    smile = Expression(("smile",), np.ones(1, np.float32))

    class Expressions:
        calls = 0

        def read(self, gray: object, points68_px: object) -> tuple[Expression, None]:
            self.calls += 1
            return smile, None

    expressions = Expressions()
    assert measure_expression(read_pictures(None, 3), predictor, expressions) > 0
    assert expressions.calls == 3


def test_a_clip_without_a_face_is_refused(predictor: LandmarkPredictor) -> None:
    with pytest.raises(RuntimeError, match="no face in frame 1"):
        measure([np.full((360, 640, 3), 120, np.uint8)] * 2, predictor, lambda number: [])


@pytest.fixture
def blue() -> list[Image]:
    """Return two pictures, the second a little red: the first of RGB."""
    pictures = np.zeros((2, 4, 4, 3), np.uint8)
    pictures[1, :, :, 2] = 7
    return list(pictures)


def test_another_interpreter_gets_the_pictures_in_its_colours(
    monkeypatch: pytest.MonkeyPatch, blue: list[Image]
) -> None:
    script = """
import sys, numpy
pictures = numpy.load(sys.argv[1])
for line in sys.stdin:
    print("a line of its own")
    print("took_ms", pictures[int(line), 0, 0, 0], line.strip(), flush=True)
"""
    monkeypatch.setattr(front_end_bench, "MEDIAPIPE", script)
    with mediapipe_beside(blue, sys.executable) as time_mesh_ms:
        assert [time_mesh_ms(number) for number in (0, 1)] == [[0.0, 0.0], [7.0, 1.0]]


@pytest.mark.parametrize("script", ["", "raise ImportError", "print('no figures')"])
def test_an_interpreter_without_mediapipe_is_named(
    monkeypatch: pytest.MonkeyPatch, blue: list[Image], script: str
) -> None:
    monkeypatch.setattr(front_end_bench, "MEDIAPIPE", script)
    with (
        pytest.raises(RuntimeError, match="want a Python with MediaPipe"),
        mediapipe_beside(blue, sys.executable) as time_mesh_ms,
    ):
        time_mesh_ms(0)


def test_without_mediapipe_nothing_is_timed_beside(blue: list[Image]) -> None:
    with mediapipe_beside(blue, None) as time_mesh_ms:
        assert time_mesh_ms(0) == []


def test_a_row_has_the_ratio_to_the_refined_mesh() -> None:
    assert row("480p", [1.0, 1.5, 2.0]) == "| 480p | 1.00 | 1.50 | 2.00 | 0.50 |"
    assert row("480p", [1.0]) == "| 480p | 1.00 | - | - | - |"


def test_further_faces_have_rows_of_their_own(
    predictor: LandmarkPredictor, capsys: pytest.CaptureFixture[str]
) -> None:
    print_faces_table(read_pictures(None, 5), predictor, 2)
    rows = [line.split("|")[1:-1] for line in capsys.readouterr().out.splitlines()[2:]]
    assert [int(row[0]) for row in rows] == [1, 2]
    assert all(float(figure) > 0 for row in rows for figure in row[1:])
