"""Ticks: one every stride of media time, from the first frame or a given time."""

from __future__ import annotations


class Ticker:
    """Select the frames that are ticks; missed strides are skipped.

    Owned by one thread; any thread may set `stride_s`, used from the next tick on.
    """

    def __init__(self, stride_s: float, first_s: float | None = None) -> None:
        self.stride_s = stride_s
        self._next_s = first_s

    def due(self, at_s: float) -> bool:
        """Return whether the frame at `at_s` is a tick."""
        if self._next_s is None:
            self._next_s = at_s
        if at_s < self._next_s - 1e-6:
            return False
        late = at_s - self._next_s >= self.stride_s
        self._next_s = (at_s if late else self._next_s) + self.stride_s
        return True
