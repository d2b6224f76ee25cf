"""Door: a thread that gives events to one consumer outside, which may be slow, deaf or broken."""

from __future__ import annotations

import logging
import threading
from typing import Protocol

from realtime.core.errors import UsageError
from realtime.outputs.events import BOUND, Event, EventHub

LOG = logging.getLogger("realtime")
TAKE_S = 0.2
CLOSE_S = 1.5  # for what is queued at the end


class Sink(Protocol):
    """Sends events to programs outside. Used by the thread of its door, opened by the main one."""

    def send(self, event: Event) -> None:
        """Send one event; an exception is counted, and the next event is tried again."""

    def close(self) -> None:
        """Give back what was opened."""


class Door:
    """Thread between a hub and a sink. Owned by the main thread.

    An error of the sink is logged the first time, counted, and told in the notes of the hub; it
    reaches neither the gauge nor other doors.
    """

    def __init__(self, hub: EventHub, name: str, sink: Sink, bound: int = BOUND) -> None:
        self.sent = self.lost = 0
        self._sink = sink
        self._subscription = hub.subscribe(name, bound)
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Wait at most `CLOSE_S` until what a closed hub still has is sent; safe to repeat."""
        self._subscription.close()
        self._thread.join(CLOSE_S)
        if self._thread.is_alive():
            self._subscription.error = "did not end in time and was abandoned"

    def _run(self) -> None:
        try:
            while not self._subscription.finished:
                event = self._subscription.take(TAKE_S)
                if event is not None:
                    self._send(event)
        finally:
            self._sink.close()

    def _send(self, event: Event) -> None:
        try:
            self._sink.send(event)
            self.sent += 1
        except Exception as error:
            if not self.lost:
                LOG.warning("%s cannot send", self._subscription.name, exc_info=error)
            self.lost += 1
            reason = getattr(error, "strerror", None) or error
            self._subscription.error = f"{self.lost} events could not be sent: {reason}"


def missing_package(option: str, package: str, extra: str) -> UsageError:
    """Return the error for an option whose package is not installed."""
    return UsageError(
        f"{option} needs {package}, which is not installed. "
        f"Run: pip install 'genuine-gauge[{extra}]'"
    )
