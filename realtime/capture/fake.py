"""A camera without hardware that plays a script: the shipped test double, for the project's tests and for yours."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from realtime.capture.source import Source
from realtime.clock import Clock
from realtime.values import Frame, Image


@dataclass(frozen=True, slots=True)
class Pause:
    """Nothing comes for `for_s` seconds of the clock."""

    for_s: float


@dataclass(frozen=True, slots=True)
class Freeze:
    """Nothing comes any more, and `read` waits until it is interrupted."""


Step = Image | Frame | Pause | Freeze | Exception


class FakeCamera(Source):
    """Plays `script`: images, frames, pauses, a freeze, errors; where it ends, the source ends.

    An image is stamped with the clock and the next index. A `Frame` is delivered as it stands, so that a script can
    repeat one or go back in time. An exception is raised by `read`.
    """

    kind = "camera"
    name = "fake camera"

    def __init__(self, script: Iterable[Step], clock: Clock, hz: float = 30.0) -> None:
        super().__init__()
        self.hz = hz
        self.opened = self.closed = False
        self._script: Iterator[Step] = iter(script)
        self._clock = clock
        self._index = 0

    def open(self) -> None:
        self.opened = True

    def read(self) -> Frame | None:
        while not self._stop.is_set() and not self.closed:
            step = next(self._script, None)
            if step is None:
                return None
            frame = self._play(step)
            if frame is not None:
                return frame
        return None

    def close(self) -> None:
        self.closed = True

    def _play(self, step: Step) -> Frame | None:
        match step:
            case Exception():
                raise step
            case Pause():
                self._clock.wait_until(self._clock.now_s() + step.for_s, self._stop)
                return None
            case Freeze():
                while not self._stop.wait(1.0):
                    pass
                return None
            case np.ndarray():
                now_s = self._clock.now_s()
                step = Frame(self._index, now_s, now_s, step)
        self._index = step.index + 1
        self.size_px = (step.image.shape[1], step.image.shape[0])
        return step
