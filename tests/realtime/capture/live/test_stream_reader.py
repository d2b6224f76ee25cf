from __future__ import annotations

import threading
from collections.abc import Iterator

import numpy as np
import pytest

from realtime.capture.decoding.decoder import TimedPicture
from realtime.capture.live.live_source import Arrival
from realtime.capture.live.stream_reader import AHEAD, StreamReader
from realtime.core.picture import ArrayPicture

LONG_S = 20.0
PICTURE = ArrayPicture(np.zeros((2, 2, 3), np.uint8))


class ScriptedStream:
    """Stream of `count` pictures, ten a second; fails at the end with `error`."""

    hz, duration_s = 10.0, 0.0

    def __init__(self, count: int, timed: bool = True, error: Exception | None = None) -> None:
        self.corrupt = 0
        self.timed, self.error, self.count = timed, error, count
        self.given = 0
        self.closed = threading.Event()
        self.ended = threading.Event()

    def pictures(self) -> Iterator[TimedPicture]:
        for number in range(self.count):
            self.given += 1
            yield TimedPicture(number / 10, PICTURE)
        self.ended.set()
        if self.error is not None:
            raise self.error

    def close(self) -> None:
        self.closed.set()


def taken(reader: StreamReader) -> list[Arrival]:
    return list(iter(lambda: reader.take(LONG_S), None))


def test_every_picture_of_a_timed_stream_comes_in_order(clock) -> None:
    stream = ScriptedStream(5 * AHEAD)
    reader = StreamReader(lambda: stream, clock)
    reader.start()
    arrivals = taken(reader)
    assert [each.read for each in arrivals] == list(range(5 * AHEAD))
    assert [each.media_s for each in arrivals] == [n / 10 for n in range(5 * AHEAD)]
    assert reader.finished
    assert reader.join(LONG_S)
    assert stream.closed.is_set()


def test_a_timed_stream_is_held_back_by_a_full_queue(clock) -> None:
    stream = ScriptedStream(5 * AHEAD)
    reader = StreamReader(lambda: stream, clock)
    reader.start()
    assert reader.take(LONG_S) is not None
    assert stream.given <= AHEAD + 3  # those in the queue, the one taken, the one in hand
    reader.stop()
    assert reader.join(LONG_S)
    assert not stream.ended.is_set()


def test_without_times_the_newest_displaces_the_oldest(clock) -> None:
    stream = ScriptedStream(5 * AHEAD, timed=False)
    reader = StreamReader(lambda: stream, clock)
    reader.start()
    assert stream.ended.wait(LONG_S)
    assert reader.join(LONG_S)
    assert [each.read for each in taken(reader)] == list(range(4 * AHEAD, 5 * AHEAD))


@pytest.mark.parametrize("where", ["opening", "reading"])
def test_an_error_ends_the_reader_after_what_came_before_it(clock, where: str) -> None:
    failure = OSError("cut")
    stream = ScriptedStream(3, error=failure)

    def connect() -> ScriptedStream:
        if where == "opening":
            raise failure
        return stream

    reader = StreamReader(connect, clock)
    reader.start()
    assert len(taken(reader)) == (0 if where == "opening" else 3)
    assert reader.join(LONG_S)
    assert reader.error is failure
    assert stream.closed.is_set() == (where == "reading")


def test_stop_wakes_who_waits(clock) -> None:
    waiting = threading.Event()

    class Silent(ScriptedStream):
        def pictures(self) -> Iterator[TimedPicture]:
            waiting.wait(LONG_S)
            return iter(())

    reader = StreamReader(lambda: Silent(0), clock)
    reader.start()
    threading.Timer(0.05, reader.stop).start()
    assert reader.take(LONG_S) is None
    assert reader.finished
    waiting.set()
    assert reader.join(LONG_S)
