"""Base of cameras and streams: pictures arrive asynchronously and may stop arriving."""

from __future__ import annotations

import math
from abc import abstractmethod
from dataclasses import dataclass
from typing import Protocol

from realtime.capture.frame_counter import CORRUPT, NEWER_FRAME
from realtime.capture.source import Source
from realtime.core.clock import Clock
from realtime.core.errors import SourceError, SourceLost
from realtime.core.messages import Frame
from realtime.core.picture import Picture

OPEN_S = 10.0  # some cameras take five seconds for their first picture
LOST_S = 2.0  # without a picture for this long, a source is lost
SLICE_S = 0.1  # longest wait before clock and interrupt() are checked
JOIN_S = 1.0  # longest wait of close() for the reading thread; stop() as a whole has two seconds


@dataclass(frozen=True, slots=True, eq=False)
class Arrival:
    """Picture that arrived at clock time `at_s` after `read` others and `failed` failed reads.

    `media_s` is the source's own time, nan if it has none.
    """

    read: int
    failed: int
    at_s: float
    picture: Picture
    media_s: float = math.nan


class Reader(Protocol):
    """Thread that reads a device or a stream (`DeviceThread`, `StreamReader`)."""

    error: Exception | None

    @property
    def finished(self) -> bool:
        """Whether no further picture can arrive."""
        ...

    def start(self) -> None:
        """Start the thread; call once."""
        ...

    def take(self, timeout_s: float) -> Arrival | None:
        """Return the next picture, or None after `timeout_s` or at the end."""
        ...

    def stop(self) -> None:
        """Ask the thread to end; return at once."""
        ...

    def join(self, timeout_s: float) -> bool:
        """Wait for the thread and return whether it ended."""
        ...


class LiveSource(Source):
    """Source read by a thread of its own.

    `open` waits for the first picture to detect devices that deliver none. It can be called again
    after `close`; frame indices continue. Pictures arriving faster than `read` is called are
    skipped as newer_frame, failed reads as corrupt if `failures_are_frames`. Owned by the capture
    thread.
    """

    failures_are_frames = False  # a failed read is an undecodable frame, not just silence

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self._reader: Reader | None = None
        self._first: Arrival | None = None
        self._read_count = 0  # pictures read up to the last delivered one, inclusive
        self._failed_count = 0
        self._delivered_count = 0

    @abstractmethod
    def _new_reader(self) -> Reader:
        """Return a reader that is not started yet."""

    @abstractmethod
    def _opened(self, first: Arrival) -> None:
        """Note what the reader knows of the source once its first picture is there."""

    @abstractmethod
    def _silent(self) -> SourceError:
        """Return the error for a device that opened without delivering a picture."""

    @abstractmethod
    def _ended(self, closed: bool) -> SourceError | None:
        """Return the error for a source without further pictures, or None for a regular end.

        `closed` is True if the reader ended, False if it fell silent.
        """

    def _lost_after_s(self) -> float:
        """Return after how many seconds without a picture the source is lost."""
        return LOST_S

    def open(self) -> None:
        """Start a reader and wait for its first picture; see `Source.open`."""
        # A second thread would hang in the driver as well.
        if self._reader is not None and not self._reader.join(0.0):
            raise SourceLost(
                f"{self.name} still hangs in its driver. Unplug it, or check the network"
            )
        self._reader = self._new_reader()
        self._read_count = self._failed_count = 0
        self._reader.start()
        self._first = self._wait(OPEN_S)
        if self._first is not None:
            self._opened(self._first)
        elif not self._stop.is_set():
            self._reader.stop()  # a source that failed to open is not closed
            raise self._failure() or self._silent()

    def read(self) -> Frame | None:
        """Return the newest picture as a frame; see `Source.read`."""
        if self._stop.is_set():
            return None
        arrival, self._first = self._first or self._wait(self._lost_after_s()), None
        if arrival is not None:
            return self._frame(arrival)
        if self._stop.is_set():
            return None
        closed = self._reader is None or self._reader.finished
        error = self._failure() or self._ended(closed)
        if error is not None:
            raise error
        return None

    def close(self) -> None:
        """Stop the reader; one that hangs is abandoned after `JOIN_S`."""
        if self._reader is not None:
            self._reader.stop()
            self._reader.join(JOIN_S)

    def _wait(self, limit_s: float) -> Arrival | None:
        reader, until_s = self._reader, self._clock.now_s() + limit_s
        while reader is not None and not self._stop.is_set() and not reader.finished:
            arrival = reader.take(SLICE_S)
            if arrival is not None or self._clock.now_s() >= until_s:
                return arrival
        return None

    def _frame(self, arrival: Arrival) -> Frame | None:
        """Return the frame of an arrival: captured and read when it arrived."""
        self._count_skipped(arrival)
        return self._next_frame(arrival, arrival.at_s, arrival.at_s)

    def _next_frame(self, arrival: Arrival, captured_at_s: float, read_at_s: float) -> Frame:
        frame = Frame(self._delivered_count, captured_at_s, read_at_s, arrival.picture)
        self._delivered_count += 1
        return frame

    def _count_skipped(self, arrival: Arrival) -> None:
        """Count the pictures between the last arrival and this one."""
        self._count(NEWER_FRAME, arrival.read - self._read_count)
        if self.failures_are_frames:
            self._count(CORRUPT, arrival.failed - self._failed_count)
        self._read_count, self._failed_count = arrival.read + 1, arrival.failed

    def _count(self, reason: str, frames: int) -> None:
        if frames:
            self.skipped[reason] += frames

    def _failure(self) -> SourceError | None:
        """Return the `SourceError` that ended the reader; raise any other exception."""
        error = self._reader.error if self._reader is not None else None
        if error is None or isinstance(error, SourceError):
            return error
        raise error
