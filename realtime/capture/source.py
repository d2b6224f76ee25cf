"""The contract of a source of frames. Sources raise the errors of `realtime.core.errors` and nothing else.

A source belongs to the capture thread: `open`, `read` and `close` are called from there. `interrupt` may be called
from any thread and makes a waiting `read` return soon.
"""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections import Counter
from types import TracebackType
from typing import Self

from realtime.core.messages import Frame


class Source(ABC):
    """Frames one after the other, with the times at which they were captured (see `realtime.core.messages`).

    `kind` is camera, replay, stream or demo; `name` is for people and records, without credentials. `hz` and
    `size_px` are what the source says of itself once open (0 where it does not know). `skipped` counts what was read
    and could not be delivered, by reason (corrupt, repeated, back_in_time, ...): it counts as captured and dropped.
    `trouble` says why nothing it gives can be trusted now, empty while all is well; any thread may read it.
    """

    kind: str
    name: str
    hz: float = 0.0
    size_px: tuple[int, int] = (0, 0)
    signal_error: str = ""

    def __init__(self) -> None:
        self.skipped: Counter[str] = Counter()
        self._stop = threading.Event()

    @abstractmethod
    def open(self) -> None:
        """Get ready to read; raises `SourceError` where there is nothing to read. What is live reopens once closed."""

    @abstractmethod
    def read(self) -> Frame | None:
        """The next frame, when it is due; None at the end, or once interrupted. Raises `SourceLost` mid-way."""

    @abstractmethod
    def close(self) -> None:
        """Release what is held; harmless when called again."""

    def interrupt(self) -> None:
        """Make a waiting `read` return None soon, and every later one at once."""
        self._stop.set()

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
