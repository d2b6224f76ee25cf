from __future__ import annotations

import errno
import os
import threading
from collections.abc import Iterator

import pytest

from realtime.view.records import line_pipe
from realtime.view.records.line_pipe import BOUND, LinePipe

WIDE = "x" * 8000  # few of these fill a pipe


class Pipe:
    """Pipe whose reader can be slow, or go away."""

    def __init__(self) -> None:
        self.reader, self.writer = os.pipe()

    def read_all(self) -> list[str]:
        """Return all lines; the writer must have finished."""
        os.close(self.writer)
        with os.fdopen(self.reader, "r") as file:
            return file.read().splitlines()


@pytest.fixture
def pipe() -> Pipe:
    return Pipe()


@pytest.fixture
def stop() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


def test_lines_arrive_in_order(pipe: Pipe, stop: threading.Event) -> None:
    lines = LinePipe("out", pipe.writer, stop=stop)
    for number in range(BOUND - 1):
        lines.write_line(str(number))
    lines.close()
    lines.close()
    lines.write_line("too late")
    assert pipe.read_all() == [str(number) for number in range(BOUND - 1)]
    assert (lines.failed, lines.dropped) == ("", 0)


def test_a_reader_that_never_reads_holds_up_no_line_and_loses_the_oldest(
    pipe: Pipe, stop: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line_pipe, "GRACE_S", 0.05)
    lines = LinePipe("out", pipe.writer, stop=stop)
    for number in range(1000):
        lines.write_line(f"{number} {WIDE}")
    lines.close()
    assert "its reader did not take the last lines in time" in lines.failed
    read = [line for line in pipe.read_all() if line.endswith(WIDE)]  # the last may be cut
    numbers = [int(line.split()[0]) for line in read]
    assert numbers[0] == 0
    assert numbers == sorted(numbers)
    assert lines.dropped == 1000 - len(read)


def test_the_first_line_is_kept(
    pipe: Pipe, stop: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is a table's header, or says what the run is."""
    gate = threading.Event()
    original = LinePipe._take

    def take(lines: LinePipe) -> bytes | None:
        gate.wait(30)
        return original(lines)

    monkeypatch.setattr(LinePipe, "_take", take)
    lines = LinePipe("out", pipe.writer, stop=stop)
    for number in range(BOUND + 10):
        lines.write_line(str(number))
    gate.set()
    lines.close()
    read = pipe.read_all()
    assert (read[0], read[1], read[-1]) == ("0", "11", str(BOUND + 9))
    assert lines.dropped == 10


def test_lossless_the_sender_waits_for_a_slow_reader(pipe: Pipe, stop: threading.Event) -> None:
    lines = LinePipe("out", pipe.writer, stop=stop, lossless=True)
    read: list[str] = []

    def reader() -> None:
        with os.fdopen(pipe.reader, "r") as file:
            read.extend(line.split()[0] for line in file)

    thread = threading.Thread(target=reader)
    thread.start()
    for number in range(3 * BOUND):
        lines.write_line(f"{number} {WIDE}")
    lines.close()
    os.close(pipe.writer)
    thread.join(30)
    assert read == [str(number) for number in range(3 * BOUND)]
    assert lines.dropped == 0


def test_stopping_ends_a_lossless_wait(
    pipe: Pipe, stop: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line_pipe, "GRACE_S", 0.05)
    lines = LinePipe("out", pipe.writer, stop=stop, lossless=True)
    timer = threading.Timer(0.2, stop.set)
    timer.start()
    for number in range(2 * BOUND):
        lines.write_line(f"{number} {WIDE}")
    assert stop.is_set()
    lines.close()
    assert lines.dropped > 0
    pipe.read_all()


@pytest.mark.parametrize("ends_run", [True, False])
def test_a_reader_that_goes_away_ends_the_record_or_the_run(
    ends_run: bool, pipe: Pipe, stop: threading.Event
) -> None:
    lines = LinePipe("out", pipe.writer, stop=stop, lossless=True, ends_run=ends_run)
    os.close(pipe.reader)
    for _ in range(2 * BOUND):
        lines.write_line(WIDE)
    lines.close()
    then = "the run ends" if ends_run else "the gauge goes on"
    assert lines.failed == f"recording to out stopped: its reader has gone; {then}"
    assert stop.is_set() == ends_run
    os.close(pipe.writer)


def test_another_error_stops_the_record_alone(
    pipe: Pipe, stop: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(line_pipe, "write_chunk", write)
    lines = LinePipe("out", pipe.writer, stop=stop, ends_run=True)
    lines.write_line("1")
    lines.close()
    assert lines.failed == ("recording to out stopped: No space left on device; the gauge goes on")
    assert (lines.dropped, stop.is_set(), pipe.read_all()) == (1, False, [])
