"""Reconnection of live sources: lost or stuck devices are reopened during the whole run."""

from __future__ import annotations

import threading

from realtime.capture.live.health import SignalHealth
from realtime.capture.source import Source
from realtime.core.clock import Clock
from realtime.core.errors import SourceError
from realtime.core.messages import Frame

FIRST_WAIT_S = 0.25
LONGEST_WAIT_S = 2.0  # a returned source must be reopened within five seconds
STUCK_S = 5.0  # reopen the device after unusable pictures for this long


class Backoff:
    """Exponential back-off from `FIRST_WAIT_S` to `LONGEST_WAIT_S`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._next_s = FIRST_WAIT_S

    def wait(self, stop: threading.Event) -> None:
        """Wait for the next interval, or until `stop`."""
        self._clock.wait_until(self._clock.now_s() + self._next_s, stop)
        self._next_s = min(2 * self._next_s, LONGEST_WAIT_S)

    def reset(self) -> None:
        """Return to the shortest wait."""
        self._next_s = FIRST_WAIT_S


class ReconnectingSource(Source):
    """Source wrapper that checks signal health and reopens a lost or unhealthy source.

    `open` fails like the source, since a source never present is a user error. Afterwards only a
    regular end ends it; `signal_error` describes interruptions. Owned by the capture thread, except
    `interrupt` and `signal_error`.
    """

    def __init__(self, source: Source, clock: Clock) -> None:
        super().__init__()
        self.kind, self.name = source.kind, source.name
        self.notes = source.notes
        self.reopened = 0
        self._source, self._clock = source, clock
        self._health = SignalHealth()
        self._backoff = Backoff(clock)
        self._counted = source.skipped.copy()
        self._opened_s = clock.now_s()

    def open(self) -> None:
        """Open the source; fail as it fails."""
        self._source.open()
        self._opened_s = self._clock.now_s()
        self.hz, self.size_px = self._source.hz, self._source.size_px
        self.recorded = self._source.recorded
        if self.recorded:
            self.signal_error = ""

    def read(self) -> Frame | None:
        """Return the next frame of a healthy signal; reopen the source until there is one."""
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
        """Close the source."""
        self._source.close()

    def interrupt(self) -> None:
        """Interrupt the source, and the wait for it. Any thread."""
        super().interrupt()
        self._source.interrupt()

    def _checked(self, frame: Frame) -> Frame | None:
        """Return the frame unless dropped; reopen the source if the device appears stuck."""
        if self.recorded:
            self._backoff.reset()
            return frame
        frame, drop = self._health.check(frame)
        self.signal_error = self._health.signal_error
        if drop:
            self.skipped[drop] += 1
        if self._health.bad_for_s(frame.read_at_s) >= STUCK_S:
            self._reopen(self.signal_error)
        elif not self.signal_error and not drop:
            # Not sooner: a device may fail right after one picture.
            if frame.read_at_s - self._opened_s >= STUCK_S:
                self._backoff.reset()
            self.size_px = (frame.image.shape[1], frame.image.shape[0])
        return None if drop else frame

    def _reopen(self, why: str) -> None:
        """Close and reopen until that succeeds or the run ends."""
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
        """Add what the source skipped since the last call."""
        self.skipped += self._source.skipped - self._counted
        self._counted = self._source.skipped.copy()
