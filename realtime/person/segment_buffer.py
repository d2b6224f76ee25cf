"""Buffer of 10 Hz samples of the open segment. Owned by the vision thread."""

from __future__ import annotations

from collections import deque

import numpy as np

from realtime.core.messages import Floats, Showing
from realtime.person.segment import SAMPLE_EVERY_S, Segment

MAX_PENDING = 100  # most shapes averaged in one sample: 1000 frames a second

MAX_SAMPLES_PER_SHAPE = 3  # most samples filled by one shape: after a longer gap the face has moved


class SegmentBuffer:
    """The open segment. Each sample is the mean of the shapes in a tenth of a second.

    Below 10 frames a second one shape fills several samples, so durations stay correct.
    """

    def __init__(self) -> None:
        self._pending: deque[Floats] = deque(maxlen=MAX_PENDING)  # shapes since the last sample
        self._shapes: list[Floats] = []
        self._showing: list[Showing] = []  # of each sample, by its newest shape
        self._read_out: list[Floats] = []  # of each sample, likewise; none without a read-out
        self._last_s = float("-inf")

    @property
    def seconds(self) -> float:
        """Return the duration so far."""
        return len(self._shapes) * SAMPLE_EVERY_S

    @property
    def count(self) -> int:
        """Return the number of samples so far."""
        return len(self._shapes)

    @property
    def rest_count(self) -> int:
        """Return how many of them are at rest."""
        return self._showing.count(Showing.REST)

    def lasts(self, seconds: float) -> bool:
        """Return whether the segment is at least this long."""
        return self.seconds >= seconds - 1e-6

    def add(
        self,
        at_s: float,
        shape: Floats,
        showing: Showing = Showing.REST,
        read_out: Floats | None = None,
    ) -> bool:
        """Add a shape (D,) and what it shows; return whether a sample is complete."""
        self._pending.append(shape)
        if at_s - self._last_s < SAMPLE_EVERY_S - 1e-6:
            return False
        steps = (
            min(MAX_SAMPLES_PER_SHAPE, int((at_s - self._last_s + 1e-6) / SAMPLE_EVERY_S))
            if self._shapes
            else 0
        )
        self._last_s = (
            self._last_s + steps * SAMPLE_EVERY_S if steps else at_s
        )  # by the grid: frames fall beside it
        sample = np.asarray(np.mean(self._pending, axis=0), np.float32)
        self._shapes.extend([sample] * max(1, steps))
        self._showing.extend([showing] * max(1, steps))
        if read_out is not None:
            self._read_out.extend([read_out] * max(1, steps))
        self._pending.clear()
        return True

    def segment(self, moved: bool) -> Segment:
        """Return the open segment as it is now."""
        whole = 0 < len(self._read_out) == len(self._shapes)
        read_out = np.array(self._read_out) if whole else None
        return Segment(np.array(self._shapes), moved, np.array(self._showing, np.str_), read_out)

    def clear(self) -> None:
        """Start the next segment."""
        self._shapes.clear()
        self._showing.clear()
        self._read_out.clear()

    def interrupt(self) -> None:
        """Drop the unfinished sample: the next shape does not continue it."""
        self._pending.clear()
