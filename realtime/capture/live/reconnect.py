"""A live source that comes back: what is lost or stuck is opened again, for as long as the run lasts."""

from __future__ import annotations

import threading

from realtime.capture.live.health import SignalHealth
from realtime.capture.source import Source
from realtime.core.clock import Clock
from realtime.core.errors import SourceError
from realtime.core.messages import Frame

FIRST_WAIT_S = 0.25
LONGEST_WAIT_S = 2.0  # a source that is back has to be seen within five seconds, opening included
STUCK_S = 5.0  # pictures of no use for so long, and the device is opened anew


class Backoff:
    """Waits that double from the first to the longest, until `reset`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._next_s = FIRST_WAIT_S

    def wait(self, stop: threading.Event) -> None:
        """Wait the next time, or until `stop`."""
        self._clock.wait_until(self._clock.now_s() + self._next_s, stop)
        self._next_s = min(2 * self._next_s, LONGEST_WAIT_S)

    def reset(self) -> None:
        """Begin with the shortest wait again."""
        self._next_s = FIRST_WAIT_S


class ReconnectingSource(Source):
    """`source` with its pictures checked, closed and opened again where it is lost or its pictures are of no use.

    `open` fails as the source does: what was never there is the user's mistake. After that only a proper end ends it,
    and `trouble` says meanwhile what is wrong. Belongs to the capture thread, but for `interrupt` and `trouble`.
    """

    def __init__(self, source: Source, clock: Clock) -> None:
        super().__init__()
        self.kind, self.name = source.kind, source.name
        self.reopened = 0
        self._source, self._clock = source, clock
        self._health = SignalHealth()
        self._backoff = Backoff(clock)
        self._known = source.skipped.copy()
        self._opened_s = clock.now_s()

    def open(self) -> None:
        self._source.open()
        self._opened_s = self._clock.now_s()
        self.hz, self.size_px = self._source.hz, self._source.size_px

    def read(self) -> Frame | None:
        while not self._stop.is_set():
            try:
                frame = self._source.read()
            except SourceError as lost:
                self._count()
                self._reopen(str(lost))
                continue
            self._count()
            if frame is None:
                return None
            checked = self._checked(frame)
            if checked is not None:
                return checked
        return None

    def close(self) -> None:
        self._source.close()

    def interrupt(self) -> None:
        super().interrupt()
        self._source.interrupt()

    def _checked(self, frame: Frame) -> Frame | None:
        """The frame if it may go on; reopens where the device itself seems stuck."""
        frame, drop = self._health.check(frame)
        self.signal_error = self._health.signal_error
        if drop:
            self.skipped[drop] += 1
        if self._health.bad_for_s(frame.read_at_s) >= STUCK_S:
            self._reopen(self.signal_error)
        elif not self.signal_error and not drop:
            if (
                frame.read_at_s - self._opened_s >= STUCK_S
            ):  # not sooner: what gives one picture and goes is not well
                self._backoff.reset()
            self.size_px = (frame.image.shape[1], frame.image.shape[0])
        return None if drop else frame

    def _reopen(self, why: str) -> None:
        """Close and open until it opens, or the run ends."""
        self.signal_error = why
        while not self._stop.is_set():
            self._source.close()
            self._backoff.wait(self._stop)
            if self._stop.is_set():
                return
            try:
                self.open()
            except SourceError as still:
                self.signal_error = str(still)
            else:
                self._health.reopened()
                self.reopened += 1
                return

    def _count(self) -> None:
        """What the source skipped since it was last asked."""
        self.skipped += self._source.skipped - self._known
        self._known = self._source.skipped.copy()
