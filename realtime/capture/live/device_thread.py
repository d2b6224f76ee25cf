"""Thread that opens and reads a device whose calls may block forever."""

from __future__ import annotations

import threading
from collections.abc import Callable

import cv2

from realtime.capture.live.abandonable_thread import AbandonableThread
from realtime.capture.live.live_source import Arrival
from realtime.capture.opencv import declared_rate_hz, read_image
from realtime.core.clock import Clock
from realtime.core.mailbox import Mailbox
from realtime.core.picture import ArrayPicture

RETRY_S = 0.02  # pause after a failed read: reads of a disconnected camera fail immediately


class DeviceThread:
    """Thread that owns a device and hands over its newest picture through one slot.

    Only this thread uses the device, from `connect` to release: OpenCV devices are not thread-safe.
    One other thread calls `take`; any may call `stop`. Reads failing for `patience_s` end the
    thread. `error` is the exception that ended it. `hz` is valid from the first arrival.
    """

    def __init__(
        self, connect: Callable[[], cv2.VideoCapture], patience_s: float, clock: Clock
    ) -> None:
        self.hz = 0.0
        self.error: Exception | None = None
        self._connect = connect
        self._patience_s = patience_s
        self._clock = clock
        self._stop = threading.Event()
        self._slot: Mailbox[Arrival] = Mailbox()
        self._thread = AbandonableThread(self._run, "reader")

    def start(self) -> None:
        """Start the thread; call once."""
        self._thread.start()

    def take(self, timeout_s: float) -> Arrival | None:
        """Return the newest picture not taken yet, or None after `timeout_s`."""
        return self._slot.take(timeout_s)

    @property
    def finished(self) -> bool:
        """Whether no further picture can arrive."""
        return self._slot.finished

    def stop(self) -> None:
        """Ask the thread to end and wake a waiting `take`; return at once."""
        self._stop.set()
        self._slot.close()

    def join(self, timeout_s: float) -> bool:
        """Wait for the thread and return whether it ended; a hung one is waited for once only."""
        return self._thread.join(timeout_s)

    def _run(self) -> None:
        try:
            device = self._connect()
            try:
                self.hz = declared_rate_hz(device)
                self._read_until_stopped(device)
            finally:
                device.release()
        except Exception as error:  # raised by the reading thread
            self.error = error
        finally:
            self._slot.close()

    def _read_until_stopped(self, device: cv2.VideoCapture) -> None:
        good_at_s, read, failed = self._clock.now_s(), 0, 0
        while not self._stop.is_set():
            image = read_image(device)
            now_s = self._clock.now_s()
            if image is not None:
                good_at_s = now_s
                self._slot.put(Arrival(read, failed, now_s, ArrayPicture(image)))
                read += 1
            elif now_s - good_at_s >= self._patience_s:
                return
            else:
                failed += 1
                self._clock.wait_until(now_s + RETRY_S, self._stop)
