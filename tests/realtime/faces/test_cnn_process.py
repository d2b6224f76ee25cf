from __future__ import annotations

import numpy as np
import pytest

from realtime.core.errors import StageDied
from realtime.faces import cnn_process
from realtime.faces.cnn_detector import SIDE_PX, CnnDetector
from realtime.faces.cnn_process import MOST_BOXES, CnnProcess


def test_the_child_finds_what_this_process_finds_in_pictures_of_any_shape(scene) -> None:
    child, here = CnnProcess(), CnnDetector()
    try:
        assert child.pid is None  # none is started before it is needed
        wide = scene((150, 180, 1.2), (450, 180, 1.2))
        for picture in (wide[100:260, 80:520], np.ascontiguousarray(wide[:360, 60:240])):
            found = child.detect(picture)
            np.testing.assert_array_equal(found, here.detect(picture))
            assert len(found) >= 1
    finally:
        child.close()
    assert child.pid is None


def test_an_answer_holds_the_best_boxes(monkeypatch: pytest.MonkeyPatch) -> None:
    script = f"""
import numpy
def answer(question):
    boxes = numpy.zeros(({MOST_BOXES}, 5), numpy.float32)
    boxes[:2] = 1, 2, 3, 4, 0.5
    return boxes.tobytes()
"""
    monkeypatch.setattr(cnn_process, "CHILD", script)
    child = CnnProcess()
    square = np.zeros((SIDE_PX, SIDE_PX), np.uint8)  # the largest picture
    assert child.detect(square).tolist() == [[1, 2, 3, 4, 0.5]] * 2
    child.close()


def test_a_child_that_ends_says_what_it_was_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cnn_process, "CHILD", "raise SystemExit(3)")
    child = CnnProcess()
    with pytest.raises(StageDied, match=r"finds faces ended \(exit code 3\)"):
        child.detect(np.zeros((90, 160), np.uint8))
    child.close()
