"""Frame accounting: captured = processed + dropped by reason, at any instant."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable

from realtime.core.snapshot import FrameCounts

NEWER_FRAME = "newer_frame"  # replaced in the mailbox by the next frame
STALE = "stale"  # too old when vision received it
REPEATED = "repeated"
BACK_IN_TIME = "back_in_time"
CORRUPT = "corrupt"
RESIZED = "resized"  # size changed and has not been stable long enough
JUMPED = "jumped"  # timestamps jumped and have not been stable long enough
STOPPED = "stopped"  # in flight when the run ended


class FrameCounter:
    """Thread-safe frame counter; frames are `in_flight` until processed or dropped.

    `counts` therefore always adds up, and a frame lost without a reason stays visible in
    `in_flight` until `finish` counts it as stopped. Counting a frame twice raises `ValueError`.
    `on_drop` receives the reason of every drop, in the reporting thread.
    """

    def __init__(self, on_drop: Callable[[str], None] = lambda reason: None) -> None:
        self._on_drop = on_drop
        self._lock = threading.Lock()
        self._arrived = 0
        self._processed = 0
        self._dropped: Counter[str] = Counter()

    def count_captured(self) -> None:
        """Count a frame delivered by the source."""
        with self._lock:
            self._arrived += 1

    def count_processed(self) -> None:
        """Count an in-flight frame that passed every stage."""
        with self._lock:
            self._require_in_flight(1)
            self._processed += 1

    def count_dropped(self, reason: str) -> None:
        """Count an in-flight frame as dropped."""
        with self._lock:
            self._require_in_flight(1)
            self._dropped[reason] += 1
        self._on_drop(reason)

    def count_skipped(self, reason: str, frames: int = 1) -> None:
        """Count `frames` that the source captured but could not deliver."""
        with self._lock:
            self._arrived += frames
            self._dropped[reason] += frames
        self._on_drop(reason)

    def finish(self) -> None:
        """Count frames still in flight as stopped; the run is over."""
        with self._lock:
            lost = self._in_flight()
            if lost:
                self._dropped[STOPPED] += lost

    @property
    def in_flight(self) -> int:
        """Number of frames neither processed nor dropped yet."""
        with self._lock:
            return self._in_flight()

    def counts(self) -> FrameCounts:
        """Return the counts of all frames that are no longer in flight."""
        with self._lock:
            return FrameCounts(
                self._arrived - self._in_flight(), self._processed, dict(self._dropped)
            )

    def _in_flight(self) -> int:
        return self._arrived - self._processed - self._dropped.total()

    def _require_in_flight(self, frames: int) -> None:
        if self._in_flight() < frames:
            raise ValueError(
                f"{frames} frame too many: all {self._arrived} captured are counted already"
            )
