from __future__ import annotations

import threading

import numpy as np
import pytest

from engines.errors import GaugeError
from realtime.core.messages import Floats, Image
from realtime.faces.cnn_detector import SIDE_PX
from realtime.faces.pyramid import Pyramid
from realtime.faces.slow_detector import (
    LEAST_SCORE,
    SURE_SCORE,
    InlineDetector,
    ThreadedDetector,
    scored_boxes,
)

WAIT_S = 10.0


class Network:
    """Network that finds one box in every picture, when it may."""

    def __init__(self, waits: bool = False) -> None:
        self.asked, self.go_on = threading.Semaphore(0), threading.Semaphore(0)
        self.waits, self.closed, self.shapes = waits, False, list[tuple[int, ...]]()

    def detect(self, picture: Image) -> Floats:
        self.shapes.append(picture.shape)
        self.asked.release()
        if self.waits:
            assert self.go_on.acquire(timeout=WAIT_S)
        if self.closed:
            raise GaugeError("the network is closed")
        return np.array([(10, 20, 30, 30, 1.0)], np.float32)

    def close(self) -> None:
        self.closed = True
        self.go_on.release()


def picture() -> Pyramid:
    return Pyramid(np.zeros((2 * 270, 2 * SIDE_PX), np.uint8))


def test_inline_the_answer_is_there_at_once_in_pixels_of_the_picture() -> None:
    network = Network()
    detector, asked = InlineDetector(network), picture()
    detector.submit(asked, 3.0)
    (answer,) = detector.take()
    assert answer.picture is asked
    assert (answer.at_s, answer.boxes[0].box) == (3.0, (20, 40, 60, 60))
    assert network.shapes == [(270, SIDE_PX)]
    assert detector.take() == []


def test_in_a_thread_the_answer_comes_with_the_picture_that_was_asked_about() -> None:
    network, asked = Network(waits=True), picture()
    detector = ThreadedDetector(network)
    thread = threading.Thread(target=detector.run, daemon=True)
    thread.start()
    detector.submit(asked, 3.0)
    assert network.asked.acquire(timeout=WAIT_S)
    assert [detector.submit(picture(), at_s) for at_s in (4.0, 5.0)] == [False, True]
    assert detector.take() == []
    network.go_on.release()
    assert network.asked.acquire(timeout=WAIT_S)  # the second call: the first has its answer
    (answer,) = detector.take()
    assert answer.picture is asked
    detector.close()  # during the second call
    thread.join(WAIT_S)
    assert not thread.is_alive()
    assert detector.take() == []


def test_a_failing_network_ends_the_thread_with_its_error() -> None:
    network = Network()
    network.closed = True
    detector = ThreadedDetector(network)
    detector.submit(picture(), 0.0)
    with pytest.raises(GaugeError, match="is closed"):
        detector.run()


def test_scores_decide_what_counts_and_what_is_sure() -> None:
    rows = [(0, 0, 9, 9, LEAST_SCORE - 0.01), (1, 1, 5, 5, LEAST_SCORE + 0.01)]
    rows += [(2, 2, 7, 7, SURE_SCORE + 0.01)]
    small, *none = scored_boxes(np.array(rows, np.float32), 0.5)[::-1]
    assert (small.box, small.sure) == ((2, 2, 10, 10), False)
    assert [one.sure for one in none] == [True]
