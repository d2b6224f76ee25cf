"""A thread that opens and reads a device which may block for ever, so that nobody else has to."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

import cv2

from realtime.capture.opencv import declared_rate_hz, read_image
from realtime.core.clock import Clock
from realtime.core.mailbox import Mailbox
from realtime.core.messages import Image

RETRY_S = (
    0.02  # between a failed read and the next: a camera that is gone fails at once, over and over
)


@dataclass(frozen=True, slots=True, eq=False)
class Arrival:
    """A picture as it came in, at `at_s` on the clock, after `read` others and `failed` reads that gave none."""

    read: int
    failed: int
    at_s: float
    image: Image


class DeviceThread:
    """Hands a device's newest picture over through one slot.

    Only the reader's own thread touches the device, from `connect` to its release, for OpenCV's are not thread-safe.
    `take` belongs to one other thread; `stop` may be called from any. Reads that fail for `patience_s` end the reader.
    What the thread died of is in `error`; `hz` and `declared_s` (how long the device says it lasts, 0 if it does not)
    are known with the first arrival, `position_s` (how far it got) once it is finished.
    """

    def __init__(
        self, connect: Callable[[], cv2.VideoCapture], patience_s: float, clock: Clock
    ) -> None:
        self.hz = 0.0
        self.declared_s = 0.0
        self.position_s = 0.0
        self.error: Exception | None = None
        self._connect = connect
        self._patience_s = patience_s
        self._clock = clock
        self._stop = threading.Event()
        self._slot: Mailbox[Arrival] = Mailbox()
        self._left_behind = False
        # A daemon: a driver's read that never returns cannot be interrupted, and must not keep the process alive.
        self._thread = threading.Thread(target=self._run, name="reader", daemon=True)

    def start(self) -> None:
        """Begin; once only."""
        self._thread.start()

    def take(self, timeout_s: float) -> Arrival | None:
        """The newest picture that was not taken yet, or None after `timeout_s`."""
        return self._slot.take(timeout_s)

    @property
    def finished(self) -> bool:
        """Whether no picture can come any more."""
        return self._slot.finished

    def stop(self) -> None:
        """Ask the thread to end and wake who waits in `take`; returns at once."""
        self._stop.set()
        self._slot.close()

    def join(self, timeout_s: float) -> bool:
        """Wait for the thread, and say whether it ended; one that hangs in a driver is waited for once and left behind.

        So whoever closes a second time, because the run ends, loses no time.
        """
        if self._thread.ident is not None:
            self._thread.join(0.0 if self._left_behind else timeout_s)
        self._left_behind = self._thread.is_alive()
        return not self._left_behind

    def _run(self) -> None:
        try:
            device = self._connect()
            try:
                self._describe(device)
                self._pump(device)
            finally:
                device.release()
        except Exception as error:  # handed to whoever reads, who raises it
            self.error = error
        finally:
            self._slot.close()

    def _describe(self, device: cv2.VideoCapture) -> None:
        self.hz = declared_rate_hz(device)
        frames = device.get(cv2.CAP_PROP_FRAME_COUNT)
        self.declared_s = frames / self.hz if self.hz and frames > 0 else 0.0

    def _pump(self, device: cv2.VideoCapture) -> None:
        good_at_s, read, failed = self._clock.now_s(), 0, 0
        while not self._stop.is_set():
            image = read_image(device)
            now_s = self._clock.now_s()
            if image is not None:
                good_at_s = now_s
                self.position_s = device.get(cv2.CAP_PROP_POS_MSEC) / 1000
                self._slot.put(Arrival(read, failed, now_s, image))
                read += 1
            elif now_s - good_at_s >= self._patience_s:
                return
            else:
                failed += 1
                self._clock.wait_until(now_s + RETRY_S, self._stop)
