"""The child process that searches for faces in a live run: late, killed, hanging, never needed."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from unittest.mock import Mock

import numpy as np
import psutil
import pytest
from servers import wait_until
from simulated_run import FaceEverywhere, pipeline_over

from realtime.core.clock import SystemClock
from realtime.core.errors import StageDied
from realtime.core.messages import Face, Frame, Landmarks
from realtime.faces import cnn_process
from realtime.faces.cnn_process import MOST_BOXES, CnnProcess
from realtime.faces.pyramid import Pyramid
from realtime.faces.slow_detector import InlineDetector, SlowAnswer, ThreadedDetector
from realtime.faces.slow_search import SlowSearch
from realtime.runtime.pipeline import Pipeline
from realtime.testing.fake_camera import FakeCamera

ANSWERS = f"""
import numpy
def answer(question):
    boxes = numpy.zeros(({MOST_BOXES}, 5), numpy.float32)
    boxes[0] = 10, 10, 20, 20, 1
    return boxes.tobytes()
"""
HANGS = "import time\ndef answer(question): time.sleep(3600)"
ENDS = "os.kill(os.getpid(), 9)"


class FaceNowhere:
    """Reader whose fast detectors see no face, so that each picture is the slow one's."""

    def __init__(self) -> None:
        self.slow_search = SlowSearch(NoDetector())
        self.load_detectors = Mock()
        self.answers: list[tuple[float, SlowAnswer]] = []

    def read(self, frame: Frame) -> tuple[Face | None, Landmarks | None]:
        answer = self.slow_search.search(Pyramid(frame.gray), frame.captured_at_s)
        if answer is not None:
            self.answers.append((frame.captured_at_s, answer))
        return None, None


class FaceSeen(FaceEverywhere):
    """Reader that never needs its slow search."""

    def __init__(self) -> None:
        self.slow_search = SlowSearch(NoDetector())
        self.load_detectors = Mock()


class NoDetector:
    """Detector that must not be asked: a live run has replaced it."""

    def submit(self, picture: Pyramid, at_s: float) -> None:
        raise AssertionError("asked in the thread of the frames")

    def take(self) -> list[SlowAnswer]:
        return []


def pictures() -> Iterator[Frame]:
    """Yield pictures for as long as the run takes, in media time 30 a second."""
    clock, image = SystemClock(), np.zeros((48, 64, 3), np.uint8)
    for index in itertools.count():
        yield Frame(index, index / 30, clock.now_s(), image)


def live_run(reader: FaceNowhere | FaceSeen) -> Pipeline:
    clock = SystemClock()
    return pipeline_over(FakeCamera(pictures(), clock), clock, reader=reader)


def child_of(reader: FaceNowhere | FaceSeen) -> CnnProcess:
    detector = reader.slow_search.detector
    assert isinstance(detector, ThreadedDetector)
    assert isinstance(detector._network, CnnProcess)
    return detector._network


def test_frames_go_on_until_the_answer_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cnn_process, "CHILD", ANSWERS)
    reader = FaceNowhere()
    monkeypatch.setattr("realtime.faces.slow_search.OLDEST_S", 1e9)  # media runs ahead here
    pipeline = live_run(reader)
    pipeline.start()
    wait_until(lambda: bool(reader.answers))
    assert pipeline.stop() == []
    at_s, answer = reader.answers[0]
    assert answer.boxes[0].box == (10, 10, 20, 20)
    assert answer.at_s < at_s
    pipeline.raise_failure()


def test_a_killed_child_ends_the_run_with_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cnn_process, "CHILD", ENDS)
    pipeline = live_run(FaceNowhere())
    pipeline.start()
    wait_until(lambda: not pipeline.running)
    assert pipeline.stop() == []
    with pytest.raises(StageDied, match=r"that finds faces ended \(exit code -9\)") as died:
        pipeline.raise_failure()
    assert "\n" not in str(died.value)


def test_stop_ends_a_child_that_hangs_in_a_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cnn_process, "CHILD", HANGS)
    reader = FaceNowhere()
    pipeline = live_run(reader)
    child = child_of(reader)
    pipeline.start()
    wait_until(lambda: child.pid is not None)
    pid = child.pid
    assert pipeline.stop() == []
    pipeline.raise_failure()
    assert pid is not None
    assert not psutil.pid_exists(pid)


def test_no_child_is_started_while_faces_are_seen() -> None:
    reader, processed = FaceSeen(), 50
    pipeline = live_run(reader)
    pipeline.start()
    wait_until(lambda: pipeline.snapshot().counts.processed > processed)
    assert child_of(reader).pid is None
    assert pipeline.stop() == []
    pipeline.raise_failure()


def test_a_lossless_run_keeps_the_detector_of_its_reader() -> None:
    reader, clock = FaceNowhere(), SystemClock()
    inline = reader.slow_search.detector = InlineDetector()
    pipeline_over(FakeCamera([], clock), clock, reader=reader, lossless=True)
    assert reader.slow_search.detector is inline
    reader.load_detectors.assert_not_called()


def test_a_live_run_loads_the_detectors_before_its_first_frame() -> None:
    reader = FaceNowhere()
    live_run(reader)
    reader.load_detectors.assert_called_once_with()
