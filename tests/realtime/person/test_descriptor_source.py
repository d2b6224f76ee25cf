import threading
from collections.abc import Callable
from functools import partial

import numpy as np
import pytest

from engines.errors import GaugeError
from realtime.core.messages import Floats, Frame, Image, Landmarks, ViewQuality
from realtime.person.descriptor_source import (
    MIN_EYES_PX,
    NEWER_FACE,
    TOO_SMALL,
    DescriptorSource,
    InlineDescriptors,
    ThreadedDescriptors,
)
from realtime.person.face_chip import PLACES_PX, POINTS5, eyes_px

WAIT_S = 10.0


def ignore(reason: str) -> None:
    """Take the reason of a drop that a test does not look at."""


class FakeNetwork:
    """A network whose descriptor is the chip's mean; `pass_on` lets it answer."""

    def __init__(self) -> None:
        self.asked, self.go_on = threading.Semaphore(0), threading.Semaphore(0)
        self.closed, self.waits = False, True

    def describe(self, chip: Image) -> Floats:
        self.asked.release()
        if self.waits:
            assert self.go_on.acquire(timeout=WAIT_S)
        if self.closed:
            raise GaugeError("the network is closed")
        return np.full(128, chip.mean(), np.float32)

    def close(self) -> None:
        self.closed = True
        self.go_on.release()


def face(grey: int, scale: float = 1.0) -> tuple[Frame, Landmarks]:
    points = np.zeros((40, 2), np.float32)
    points[POINTS5] = PLACES_PX * scale
    frame = Frame(0, 0.0, 0.0, np.full((160, 160, 3), grey, np.uint8))
    return frame, Landmarks(points, 0.0, 0, ViewQuality(100, 120, 0))


@pytest.fixture
def network() -> FakeNetwork:
    return FakeNetwork()


def test_inline_the_result_is_there_at_once(network: FakeNetwork) -> None:
    network.waits = False
    source = InlineDescriptors(network)
    assert source.submit(*face(100), 3) == ""
    described = source.take()
    assert [(one.descriptor[0], one.stretch) for one in described] == [(100, 3)]
    assert source.take() == []


@pytest.mark.parametrize("kind", [InlineDescriptors, partial(ThreadedDescriptors, on_drop=ignore)])
def test_a_face_that_is_too_small_is_not_described(
    kind: Callable[[FakeNetwork], DescriptorSource], network: FakeNetwork
) -> None:
    source, full = kind(network), eyes_px(face(0)[1].points_px)
    assert source.submit(*face(100, 0.98 * MIN_EYES_PX / full), 0) == TOO_SMALL
    assert source.take() == []


class TestThreadedDescriptors:
    def test_the_newest_face_wins_and_the_replaced_are_counted(self, network: FakeNetwork) -> None:
        drops: list[str] = []
        source = ThreadedDescriptors(network, drops.append)
        thread = threading.Thread(target=source.run, daemon=True)
        thread.start()
        source.submit(*face(10), 0)
        assert network.asked.acquire(timeout=WAIT_S)  # the first is being described
        for grey in (20, 30, 40):
            assert source.submit(*face(grey), 1) == ""
        assert source.take() == []
        assert drops == [NEWER_FACE] * 2
        for _ in range(2):
            network.go_on.release()
        assert network.asked.acquire(timeout=WAIT_S)
        source.submit(*face(50), 2)  # taken once the result of the second is in
        assert network.asked.acquire(timeout=WAIT_S)
        assert [(one.descriptor[0], one.stretch) for one in source.take()] == [(10, 0), (40, 1)]
        source.close()
        thread.join(WAIT_S)
        assert not thread.is_alive()

    def test_closing_ends_a_call_without_an_error(self, network: FakeNetwork) -> None:
        source, failures = ThreadedDescriptors(network, ignore), list[BaseException]()

        def run() -> None:
            try:
                source.run()
            except BaseException as error:
                failures.append(error)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        source.submit(*face(10), 0)
        assert network.asked.acquire(timeout=WAIT_S)
        source.close()
        thread.join(WAIT_S)
        assert not thread.is_alive()
        assert failures == []
        assert source.take() == []

    def test_a_failing_network_ends_the_thread_with_its_error(self, network: FakeNetwork) -> None:
        source = ThreadedDescriptors(network, ignore)
        network.closed, network.waits = True, False
        source.submit(*face(10), 0)
        with pytest.raises(GaugeError, match="is closed"):
            source.run()
