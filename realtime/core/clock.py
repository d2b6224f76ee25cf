"""Injected clock: threads take a `Clock`, so that tests can advance time by hand."""

from __future__ import annotations

import threading
import time
from typing import Protocol


class Clock(Protocol):
    """Protocol of a monotonic clock whose waits can be interrupted."""

    def now_s(self) -> float:
        """Return monotonic seconds."""

    def wait_until(self, at_s: float, stop: threading.Event) -> None:
        """Wait until `at_s`, or until `stop` is set."""


class SystemClock:
    """The machine's monotonic clock."""

    def now_s(self) -> float:
        """Return the time in seconds."""
        return time.monotonic()

    def wait_until(self, at_s: float, stop: threading.Event) -> None:
        """Wait until `at_s`, or until `stop` is set."""
        remaining_s = at_s - time.monotonic()
        if remaining_s > 0:
            stop.wait(remaining_s)
