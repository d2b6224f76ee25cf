"""Several faces described by one process: each watch gets its own, and no end is a failure."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from realtime.core.errors import StageDied
from realtime.core.messages import Floats, Frame, Image, Landmarks, ViewQuality
from realtime.person.descriptor_source import InlineDescriptors
from realtime.person.descriptor_threads import DescriptorThreads
from realtime.person.face_watch import FaceWatch

POINTS = np.random.default_rng(0).uniform(100, 200, (40, 2)).astype(np.float32)
POINTS[16:22], POINTS[22:28] = (110, 150), (190, 150)
WAIT_S = 10.0


class Describer:
    """Describes a chip by its brightest pixel; blocks until it is closed, if asked to."""

    def __init__(self, blocking: bool = False) -> None:
        self.closed, self.asked, self.blocking = threading.Event(), threading.Event(), blocking

    def describe(self, chip: Image) -> Floats:
        self.asked.set()
        if self.blocking:
            assert self.closed.wait(WAIT_S)
            raise StageDied("the process that describes faces has been closed")
        return np.full(128, chip.max(), np.float32)

    def close(self) -> None:
        self.closed.set()


def frame(level: int) -> tuple[Frame, Landmarks]:
    landmarks = Landmarks(POINTS, 0.0, 0, ViewQuality(100, 120, 0))
    return Frame(0, 0.0, 0.0, np.full((300, 300, 3), level, np.uint8)), landmarks


def watches(count: int) -> list[FaceWatch]:
    return [FaceWatch(InlineDescriptors(Describer())) for _ in range(count)]


def run_all(threads: DescriptorThreads) -> tuple[list[threading.Thread], list[BaseException]]:
    failures: list[BaseException] = []

    def run(work) -> None:
        try:
            work()
        except BaseException as error:
            failures.append(error)

    started = [threading.Thread(target=run, args=(work,)) for work in threads.runs]
    for thread in started:
        thread.start()
    return started, failures


def test_each_watch_gets_the_descriptors_of_its_own_face() -> None:
    found = watches(2)
    threads = DescriptorThreads(found, Describer)
    started, failures = run_all(threads)
    taken: list[list[float]] = [[], []]
    for level, watch in zip((50, 200), found, strict=True):
        assert watch.source.submit(*frame(level), 0) == ""
    moment = threading.Event()
    for _ in range(round(WAIT_S / 0.01)):
        for number, watch in enumerate(found):
            taken[number] += [float(each.descriptor[0]) for each in watch.source.take()]
        if all(taken):
            break
        moment.wait(0.01)
    threads.close()
    for thread in started:
        thread.join(WAIT_S)
    assert [one[0] for one in taken] == [pytest.approx(50, abs=1), pytest.approx(200, abs=1)]
    assert failures == []


def test_closing_during_a_call_is_no_failure_of_any_thread() -> None:
    describer, found = Describer(blocking=True), watches(3)
    threads = DescriptorThreads(found, lambda: describer)
    started, failures = run_all(threads)
    for watch in found:
        watch.source.submit(*frame(90), 0)
    assert describer.asked.wait(WAIT_S)
    threads.close()
    for thread in started:
        thread.join(WAIT_S)
        assert not thread.is_alive()
    assert failures == []


def test_without_a_watch_nothing_is_started() -> None:
    def start() -> Describer:
        raise AssertionError("no face is described")

    threads = DescriptorThreads([], start)
    assert threads.runs == []
    threads.close()
