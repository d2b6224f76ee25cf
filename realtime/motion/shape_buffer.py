"""Ring buffer of timestamped shapes between landmarks and windows."""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

from realtime.core.messages import Floats

GAP_S = 0.25  # after a longer gap the shapes belong to another movement
MAX_HZ = 240  # fastest camera held in full


class ShapeBuffer:
    """Shapes (D,) with times, oldest first, without gaps above `GAP_S`. Owned by the vision
    thread.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._items: deque[tuple[float, Floats]] = deque(maxlen=int(seconds * MAX_HZ) + 2)

    def __len__(self) -> int:
        return len(self._items)

    @property
    def span_s(self) -> float:
        """Return the duration covered."""
        return self._items[-1][0] - self._items[0][0] if self._items else 0.0

    def append(self, at_s: float, shape: Floats) -> None:
        """Add a shape; a gap clears the buffer. Raises ValueError if time does not increase."""
        if self._items and at_s <= self._items[-1][0]:
            raise ValueError(
                f"a shape at {at_s} s after one at {self._items[-1][0]} s; times must rise"
            )
        if self._items and at_s - self._items[-1][0] > GAP_S:
            self.clear()
        self._items.append((at_s, shape))
        # Keep one shape older than the span, so that the window's start is between two shapes.
        while len(self._items) > 2 and at_s - self._items[1][0] >= self._seconds:
            self._items.popleft()

    def clear(self) -> None:
        """Remove all shapes."""
        self._items.clear()

    def arrays(self) -> tuple[NDArray[np.float64], Floats]:
        """Return times (n,) and shapes (n, D)."""
        times = np.array([at_s for at_s, _ in self._items], np.float64)
        return times, np.array([shape for _, shape in self._items], np.float32)
