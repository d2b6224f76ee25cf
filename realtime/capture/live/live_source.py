"""What cameras and streams share: pictures that arrive when they like, and may stop arriving."""

from __future__ import annotations

from abc import abstractmethod

import cv2

from realtime.capture.frame_counter import CORRUPT, NEWER_FRAME
from realtime.capture.live.device_thread import Arrival, DeviceThread
from realtime.capture.source import Source
from realtime.core.clock import Clock
from realtime.core.errors import SourceError, SourceLost
from realtime.core.messages import Frame

OPEN_S = 10.0  # some cameras take five seconds to give their first picture
LOST_S = 2.0  # a source that gives no picture for so long is lost
SLICE_S = 0.1  # how long a wait lasts before the clock and interrupt() are looked at again
JOIN_S = 1.0  # how long closing waits for the reader; stop() as a whole has two seconds


class LiveSource(Source):
    """A source whose device is read by a `Reader`; times are those of arrival, on the monotonic clock.

    `open` waits for the first picture, so that what opens and shows nothing is found there; it can be called again once
    closed, and then frames count on. Pictures that came faster than `read` was called are skipped as newer_frame;
    failed reads as corrupt where `failures_are_frames`. `_connect` runs in the reader's thread, all else in the capture
    thread.
    """

    failures_are_frames = (
        False  # a failed read means a frame that could not be decoded, not just silence
    )

    def __init__(self, patience_s: float, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self._patience_s = patience_s
        self._device_thread = DeviceThread(self._connect, patience_s, clock)
        self._first: Arrival | None = None
        self._read_count = 0  # pictures that the reader had read when it read the last one delivered, that one included
        self._failed_count = 0
        self._delivered_count = 0

    @abstractmethod
    def _connect(self) -> cv2.VideoCapture:
        """Open the device; raises the `SourceError` that says why it cannot be opened."""

    @abstractmethod
    def _silent(self) -> SourceError:
        """The error for a device that opened and gave no picture."""

    @abstractmethod
    def _ended(self, closed: bool) -> SourceError | None:
        """The error for pictures that stopped coming, or None where that is a proper end.

        `closed` says whether the device itself reported it, rather than fall silent.
        """

    def open(self) -> None:
        if not self._device_thread.join(
            0.0
        ):  # one thread may hang in a driver; a second would only hang beside it
            raise SourceLost(
                f"{self.name} still hangs in its driver. Unplug it, or check the network"
            )
        self._device_thread = DeviceThread(self._connect, self._patience_s, self._clock)
        self._read_count = self._failed_count = 0
        self._device_thread.start()
        self._first = self._wait(OPEN_S)
        if self._first is None and not self._stop.is_set():
            self._device_thread.stop()  # nobody closes what did not open
            raise self._failure() or self._silent()
        if self._first is not None:
            self.hz = self._device_thread.hz
            self.size_px = (self._first.image.shape[1], self._first.image.shape[0])

    def read(self) -> Frame | None:
        if self._stop.is_set():
            return None
        arrival, self._first = self._first or self._wait(LOST_S), None
        if arrival is not None:
            return self._frame(arrival)
        if self._stop.is_set():
            return None
        error = self._failure() or self._ended(self._device_thread.finished)
        if error is not None:
            raise error
        return None

    def close(self) -> None:
        self._device_thread.stop()
        self._device_thread.join(JOIN_S)

    def _wait(self, limit_s: float) -> Arrival | None:
        until_s = self._clock.now_s() + limit_s
        while not self._stop.is_set() and not self._device_thread.finished:
            arrival = self._device_thread.take(SLICE_S)
            if arrival is not None or self._clock.now_s() >= until_s:
                return arrival
        return None

    def _frame(self, arrival: Arrival) -> Frame:
        self._count(NEWER_FRAME, arrival.read - self._read_count)
        if self.failures_are_frames:
            self._count(CORRUPT, arrival.failed - self._failed_count)
        self._read_count, self._failed_count = arrival.read + 1, arrival.failed
        frame = Frame(self._delivered_count, arrival.at_s, arrival.at_s, arrival.image)
        self._delivered_count += 1
        return frame

    def _count(self, reason: str, frames: int) -> None:
        if frames:
            self.skipped[reason] += frames

    def _failure(self) -> SourceError | None:
        """What the reader's thread died of; what is no source's error is raised as it is, for it is a fault of ours."""
        error = self._device_thread.error
        if error is None or isinstance(error, SourceError):
            return error
        raise error
