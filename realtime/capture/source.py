"""Contract of a source of frames. Sources raise only the errors of `realtime.core.errors`.

The capture thread owns a source and calls `open`, `read` and `close`. Any thread may call
`interrupt`, which makes a waiting `read` return soon.
"""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections import Counter
from typing import Self

from realtime.core.messages import Frame


class Source(ABC):
    """Sequence of frames with capture times (see `realtime.core.messages`).

    `kind` is camera, replay, stream, demo, or frames of a program's own; `name` is for display and
    records, without credentials. `hz` and `size_px` are declared by the open source (0 if unknown).
    `skipped` counts frames read but not delivered, by reason (corrupt, repeated, back_in_time,
    ...): captured and dropped. `signal_error` says why its frames are unreliable now, else empty;
    any thread may read it. A `recorded` source has an end and times of its own, and may well be
    black or still. `is_open` once it is entered: what it declares is known from then on.
    `notes` are remarks for the user on what was odd, by subject; complete once `read` returned
    None.
    """

    kind: str
    name: str
    hz: float = 0.0
    size_px: tuple[int, int] = (0, 0)
    signal_error: str = ""
    recorded: bool = False
    is_open: bool = False

    def __init__(self) -> None:
        self.skipped: Counter[str] = Counter()
        self.notes: dict[str, str] = {}
        self._stop = threading.Event()

    @property
    def live(self) -> bool:
        """Whether the source is watched as it happens: a camera or a network."""
        return self.kind in ("camera", "stream")

    @abstractmethod
    def open(self) -> None:
        """Prepare to read; raise `SourceError` on failure. Live sources can reopen."""

    @abstractmethod
    def read(self) -> Frame | None:
        """Return the next frame when due; None at the end or if interrupted; raise `SourceLost`."""

    @abstractmethod
    def close(self) -> None:
        """Release the device or file; idempotent."""

    def interrupt(self) -> None:
        """Make a waiting `read` return None soon and later ones at once."""
        self._stop.set()

    def __enter__(self) -> Self:
        self.open()
        self.is_open = True
        return self

    def __exit__(self, *error: object) -> None:
        self.close()
