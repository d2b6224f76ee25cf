"""A clip over and over, and a clock that runs faster than the machine's."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace

from realtime.capture.source import Source
from realtime.core.messages import Frame


class FastClock:
    """The machine's clock, `speed` times as fast."""

    def __init__(self, speed: float) -> None:
        self._speed = speed

    def now_s(self) -> float:
        return time.monotonic() * self._speed

    def wait_until(self, at_s: float, stop: threading.Event) -> None:
        remaining_s = at_s / self._speed - time.monotonic()
        if remaining_s > 0:
            stop.wait(remaining_s)


class Endless(Source):
    """Loop the source from `make` for `for_s` seconds of media; a camera to the pipeline.

    Files, decoders and their memory are given back and taken again each time, as on a long day.
    """

    kind = "camera"
    name = "endless clip"

    def __init__(self, make: Callable[[], Source], for_s: float) -> None:
        super().__init__()
        self._make, self._for_s = make, for_s
        self._now: Source | None = None
        self._index = 0
        self._start_s = self._last_s = 0.0

    def open(self) -> None:
        self._now = self._make()
        self._now.open()
        self.hz, self.size_px = self._now.hz, self._now.size_px

    def read(self) -> Frame | None:
        while self._now is not None and not self._stop.is_set() and self._last_s < self._for_s:
            frame = self._now.read()
            if frame is not None:
                return self._moved(frame)
            self._now.close()
            self._start_s = self._last_s + 1 / 30
            self.open()
        return None

    def close(self) -> None:
        if self._now is not None:
            self._now.close()

    def interrupt(self) -> None:
        super().interrupt()
        if self._now is not None:
            self._now.interrupt()

    def _moved(self, frame: Frame) -> Frame:
        self._last_s = self._start_s + frame.captured_at_s
        moved = replace(frame, index=self._index, captured_at_s=self._last_s)
        self._index += 1
        return moved
