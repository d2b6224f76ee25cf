"""Where every frame went: captured = processed + dropped, by reason, at any instant."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable

from realtime.core.snapshot import FrameCounts

NEWER_FRAME = "newer_frame"  # overwritten in the mailbox by the next one
STALE = "stale"  # too old when its turn came
REPEATED = "repeated"
BACK_IN_TIME = "back_in_time"
CORRUPT = "corrupt"
RESIZED = "resized"  # of another size than the one before, and the new size has not held for long enough yet
JUMPED = "jumped"  # its time does not follow from the one before, and the new times have not held for long enough yet
STOPPED = "stopped"  # still on its way when the run ended


class FrameCounter:
    """Counts frames from any thread. A frame on its way is in `in_flight` and enters `counts` once its fate is known.

    So what `counts` returns always sums up, and a frame that is lost without a reason stays in `in_flight`, where a
    test can see it, until `finish` calls it stopped. More fates than frames is a `ValueError`: someone counted twice.
    `told` hears the reason of every drop, in the thread that reports it.
    """

    def __init__(self, on_drop: Callable[[str], None] = lambda reason: None) -> None:
        self._on_drop = on_drop
        self._lock = threading.Lock()
        self._arrived = 0
        self._processed = 0
        self._dropped: Counter[str] = Counter()

    def count_captured(self) -> None:
        """A frame came from the source and is on its way."""
        with self._lock:
            self._arrived += 1

    def count_processed(self) -> None:
        """A frame on its way went through every stage."""
        with self._lock:
            self._require_in_flight(1)
            self._processed += 1

    def count_dropped(self, reason: str) -> None:
        """A frame on its way goes no further."""
        with self._lock:
            self._require_in_flight(1)
            self._dropped[reason] += 1
        self._on_drop(reason)

    def count_skipped(self, reason: str, frames: int = 1) -> None:
        """The source captured `frames` that it could not deliver."""
        with self._lock:
            self._arrived += frames
            self._dropped[reason] += frames
        self._on_drop(reason)

    def finish(self) -> None:
        """The run is over: what is still on its way never arrives."""
        with self._lock:
            lost = self._in_flight()
            if lost:
                self._dropped[STOPPED] += lost

    @property
    def in_flight(self) -> int:
        """Frames whose fate is not known yet."""
        with self._lock:
            return self._in_flight()

    def counts(self) -> FrameCounts:
        """The frames whose fate is known."""
        with self._lock:
            return FrameCounts(
                self._arrived - self._in_flight(), self._processed, dict(self._dropped)
            )

    def _in_flight(self) -> int:
        return self._arrived - self._processed - self._dropped.total()

    def _require_in_flight(self, frames: int) -> None:
        if self._in_flight() < frames:
            raise ValueError(
                f"{frames} frame too many: all {self._arrived} that arrived are counted already"
            )
