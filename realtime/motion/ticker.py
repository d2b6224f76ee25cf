"""When a window is judged: every stride of media time, counted from the first frame or from a time that is given."""

from __future__ import annotations


class Ticker:
    """Says which frames are ticks. Strides that were missed are not made up for.

    Owned by one thread; any may set `stride_s`, which counts from the next tick on.
    """

    def __init__(self, stride_s: float, first_s: float | None = None) -> None:
        self.stride_s = stride_s
        self._next_s = first_s

    def due(self, at_s: float) -> bool:
        """Whether the frame at `at_s` is a tick."""
        if self._next_s is None:
            self._next_s = at_s
        if at_s < self._next_s - 1e-6:
            return False
        late = at_s - self._next_s >= self.stride_s
        self._next_s = (at_s if late else self._next_s) + self.stride_s
        return True
