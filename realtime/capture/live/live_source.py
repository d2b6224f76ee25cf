"""Base of cameras and streams: pictures arrive asynchronously and may stop arriving."""

from __future__ import annotations

from abc import abstractmethod

import cv2

from realtime.capture.frame_counter import CORRUPT, NEWER_FRAME
from realtime.capture.live.device_thread import Arrival, DeviceThread
from realtime.capture.source import Source
from realtime.core.clock import Clock
from realtime.core.errors import SourceError, SourceLost
from realtime.core.messages import Frame

OPEN_S = 10.0  # some cameras take five seconds for their first picture
LOST_S = 2.0  # without a picture for this long, a source is lost
SLICE_S = 0.1  # longest wait before clock and interrupt() are checked
JOIN_S = 1.0  # longest wait of close() for the device thread; stop() as a whole has two seconds


class LiveSource(Source):
    """Source read by a `DeviceThread`; times are arrival times on the monotonic clock.

    `open` waits for the first picture to detect devices that deliver none. It can be called again
    after `close`; frame indices continue. Pictures arriving faster than `read` is called are
    skipped as newer_frame, failed reads as corrupt if `failures_are_frames`. `_connect` runs in the
    device thread, everything else in the capture thread.
    """

    failures_are_frames = False  # a failed read is an undecodable frame, not just silence

    def __init__(self, patience_s: float, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self._patience_s = patience_s
        self._device_thread = DeviceThread(self._connect, patience_s, clock)
        self._first: Arrival | None = None
        self._read_count = 0  # pictures read up to the last delivered one, inclusive
        self._failed_count = 0
        self._delivered_count = 0

    @abstractmethod
    def _connect(self) -> cv2.VideoCapture:
        """Open the device; raise a `SourceError` with the reason on failure."""

    @abstractmethod
    def _silent(self) -> SourceError:
        """Return the error for a device that opened without delivering a picture."""

    @abstractmethod
    def _ended(self, closed: bool) -> SourceError | None:
        """Return the error for a source without further pictures, or None for a regular end.

        `closed` is True if the device reported it, False if it fell silent.
        """

    def open(self) -> None:
        if not self._device_thread.join(0.0):  # a second thread would hang in the driver as well
            raise SourceLost(
                f"{self.name} still hangs in its driver. Unplug it, or check the network"
            )
        self._device_thread = DeviceThread(self._connect, self._patience_s, self._clock)
        self._read_count = self._failed_count = 0
        self._device_thread.start()
        self._first = self._wait(OPEN_S)
        if self._first is None and not self._stop.is_set():
            self._device_thread.stop()  # a source that failed to open is not closed
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
        """Return the `SourceError` that ended the device thread; raise any other exception."""
        error = self._device_thread.error
        if error is None or isinstance(error, SourceError):
            return error
        raise error
