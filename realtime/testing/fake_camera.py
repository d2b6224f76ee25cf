"""Scripted camera without hardware: a test double for this project and for its users."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from realtime.capture.frame_counter import CORRUPT
from realtime.capture.live.live_source import LOST_S
from realtime.capture.source import Source
from realtime.core.clock import Clock
from realtime.core.errors import CameraNotFound, SourceLost
from realtime.core.messages import Frame, Image


@dataclass(frozen=True, slots=True)
class Pause:
    """Step in which reads block for `for_s` seconds of the clock."""

    for_s: float


@dataclass(frozen=True, slots=True)
class Unplug:
    """Step in which the camera is disconnected for `for_s` seconds: no reads, no reopening."""

    for_s: float


@dataclass(frozen=True, slots=True)
class Nothing:
    """Step in which reads succeed without a picture for `for_s` seconds of the clock."""

    for_s: float


@dataclass(frozen=True, slots=True, eq=False)
class Stamped:
    """Image whose timestamp is off by `off_s` seconds."""

    image: Image
    off_s: float


@dataclass(frozen=True, slots=True)
class Freeze:
    """Step that never ends: `read` blocks like a hung driver until interrupted."""


Step = Image | Frame | Stamped | Pause | Unplug | Nothing | Freeze | Exception


class FakeCamera(Source):
    """Camera that plays `script` (images, frames, pauses, a freeze, errors) and ends with it.

    An image gets the clock's time and the next index. A `Frame` is delivered unchanged, so that a
    script can repeat frames or go back in time. `read` raises the script's exceptions, and
    `SourceLost` after two seconds without a picture. Reopened, it continues the script.
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
        self._quiet_until_s = self._away_until_s = self._empty_until_s = float("-inf")

    def open(self) -> None:
        """Open the camera; raises `CameraNotFound` while it is unplugged."""
        if self._clock.now_s() < self._away_until_s:
            raise CameraNotFound(f"{self.name} is not there. Plug it in again")
        self.opened, self.closed = True, False

    def read(self) -> Frame | None:
        """Play the script up to its next picture; None at its end."""
        lost_at_s = self._clock.now_s() + LOST_S
        while not self._stop.is_set() and not self.closed:
            if self._clock.now_s() < self._quiet_until_s:
                self._wait(lost_at_s)
                continue
            step = next(self._script, None)
            if step is None:
                return None
            frame = self._play(step)
            if frame is not None:
                return frame
        return None

    def close(self) -> None:
        """Note that the camera was closed; a waiting `read` returns None."""
        self.closed = True

    def _wait(self, lost_at_s: float) -> None:
        if self._clock.now_s() >= lost_at_s:
            raise SourceLost(
                f"{self.name} gave no picture for {LOST_S:g} s. Is it plugged in, and free?"
            )
        until_s = min(self._quiet_until_s, lost_at_s)
        if self._clock.now_s() < self._empty_until_s:
            self.skipped[CORRUPT] += 1
            until_s = min(until_s, self._clock.now_s() + 1 / self.hz)
        self._clock.wait_until(until_s, self._stop)

    def _play(self, step: Step) -> Frame | None:
        now_s = self._clock.now_s()
        match step:
            case Exception():
                raise step
            case Pause():
                self._quiet_until_s = now_s + step.for_s
            case Unplug():
                self._quiet_until_s = self._away_until_s = now_s + step.for_s
            case Nothing():
                self._quiet_until_s = self._empty_until_s = now_s + step.for_s
            case Freeze():
                while not self._stop.wait(1.0):
                    pass
            case Frame():
                return self._deliver(step)
            case Stamped():
                return self._deliver(Frame(self._index, now_s + step.off_s, now_s, step.image))
            case np.ndarray():
                return self._deliver(Frame(self._index, now_s, now_s, step))
        return None

    def _deliver(self, frame: Frame) -> Frame:
        self._index = frame.index + 1
        self.size_px = frame.size_px
        return frame
