"""Time as an argument: threads take a `Clock`, tests give them one that they move by hand."""

from __future__ import annotations

import threading
import time
from typing import Protocol


class Clock(Protocol):
    """Monotonic seconds, and a wait that ends early when `stop` is set."""

    def now_s(self) -> float: ...

    def wait_until(self, at_s: float, stop: threading.Event) -> None: ...


class SystemClock:
    """The machine's monotonic clock."""

    def now_s(self) -> float:
        return time.monotonic()

    def wait_until(self, at_s: float, stop: threading.Event) -> None:
        remaining_s = at_s - time.monotonic()
        if remaining_s > 0:
            stop.wait(remaining_s)
