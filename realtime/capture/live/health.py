"""Whether what a live source shows can be of now, or repeats, is black, changes size, jumps in time, comes too seldom.

Each check sees every picture in order and belongs to the capture thread. Files are not checked: a film may be black.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace

import numpy as np

from realtime.capture.frame_counter import JUMPED, REPEATED, RESIZED
from realtime.core.messages import Frame, Image

NOTICE_S = (
    1.0  # pictures that are black or the same for so long are no signal; half of what is promised
)
SETTLE_S = 0.5  # a new size, or times that begin anew, have to hold for so long
JUMP_S = 1.0  # how far a frame's time may be from where the clock says that it should be
SLOWEST_HZ = 7.0  # webcams fall to 7.5 in dim rooms and can still be judged; below, movement is guessed between frames
STEADY_HZ = 8.0  # a source that was too slow is fast enough again from here on
RATE_S = 1.0  # the stretch over which the rate is counted
APART_S = 2.0  # frames further apart are of two openings, and say nothing about the rate
BLACK_MEAN = 16.0  # black of limited-range video; a covered lens shows it with little noise
BLACK_SPREAD = 4.0
STEP = 8  # every so many pixels are looked at


@dataclass(frozen=True, slots=True)
class HealthIssue:
    """What is wrong: `trouble` for people, `drop` the reason why the frame goes no further (empty where it may)."""

    reason: str = ""
    drop: str = ""
    reopen: bool = False  # opening the device again may help


FINE = HealthIssue()


class FrozenPictureCheck:
    """A picture that is the one before, to the last bit: no camera's noise does that. None is judged twice."""

    def __init__(self) -> None:
        self._last: Image | None = None
        self._since_s = 0.0

    def see(self, frame: Frame) -> HealthIssue:
        last, self._last = self._last, frame.image
        if last is None or not _same(last, frame.image):
            self._since_s = frame.read_at_s
            return FINE
        same_s = frame.read_at_s - self._since_s
        trouble = f"the picture has not changed for {same_s:.0f} s" if same_s >= NOTICE_S else ""
        return HealthIssue(trouble, REPEATED, reopen=True)


class BlackPictureCheck:
    """A picture without light: a covered lens, a shut privacy slide, a sensor that is off."""

    def __init__(self) -> None:
        self._since_s: float | None = None

    def see(self, frame: Frame) -> HealthIssue:
        seen = frame.image[::STEP, ::STEP]
        if seen.mean() > BLACK_MEAN or seen.std() > BLACK_SPREAD:
            self._since_s = None
            return FINE
        if self._since_s is None:
            self._since_s = frame.read_at_s
        if frame.read_at_s - self._since_s < NOTICE_S:
            return FINE
        return HealthIssue("the picture is black. Is the lens covered?", reopen=True)


class FrameRateCheck:
    """Frames that come too seldom to follow a movement."""

    def __init__(self) -> None:
        self._at_s: deque[float] = deque(maxlen=1000)
        self._slow_hz: float | None = (
            None  # the last rate that was too low, until it is high enough again
        )

    def see(self, frame: Frame) -> HealthIssue:
        if self._at_s and frame.read_at_s - self._at_s[-1] > APART_S:
            self._at_s.clear()
        self._at_s.append(frame.read_at_s)
        if frame.read_at_s - self._at_s[0] < RATE_S - 1e-6:
            return self._found()
        while len(self._at_s) > 2 and frame.read_at_s - self._at_s[1] >= RATE_S - 1e-6:
            self._at_s.popleft()
        hz = (len(self._at_s) - 1) / (frame.read_at_s - self._at_s[0])
        self._slow_hz = hz if hz < (SLOWEST_HZ if self._slow_hz is None else STEADY_HZ) else None
        return self._found()

    def _found(self) -> HealthIssue:
        if self._slow_hz is None:
            return FINE
        return HealthIssue(
            f"only {self._slow_hz:.1f} frames a second arrive; want {SLOWEST_HZ:g}. Is the room dim?"
        )


class FormatChangeCheck:
    """Size and times that change under way: nothing passes until the new ones have held for `SETTLE_S`.

    Then the media's time goes on from where it was, whatever the stamps say.
    """

    def __init__(self) -> None:
        self._last: Frame | None = None
        self._good: Frame | None = None
        self._offset_s = 0.0
        self._changed: tuple[float, HealthIssue] | None = None

    def see(self, frame: Frame) -> tuple[Frame, HealthIssue]:
        """The frame with its time put right, and what is wrong with it."""
        last, self._last = self._last, frame
        change = _change(last, frame) if last is not None else FINE
        if change.drop:
            self._changed = (frame.read_at_s, change)
        if self._changed is not None:
            if frame.read_at_s - self._changed[0] < SETTLE_S:
                return frame, self._changed[1]
            self._settle(frame)
        self._good = replace(frame, captured_at_s=frame.captured_at_s + self._offset_s)
        return self._good, FINE

    def _settle(self, frame: Frame) -> None:
        self._changed = None
        if self._good is not None:
            due_s = self._good.captured_at_s + (frame.read_at_s - self._good.read_at_s)
            self._offset_s = due_s - frame.captured_at_s


class SignalHealth:
    """All checks together, and how long pictures have been of no use for a reason that opening anew may mend."""

    def __init__(self) -> None:
        self.signal_error = ""
        self._rate, self._steadiness, self._checks = (
            FrameRateCheck(),
            FormatChangeCheck(),
            (FrozenPictureCheck(), BlackPictureCheck()),
        )
        self._bad_since_s: float | None = None

    def check(self, frame: Frame) -> tuple[Frame, str]:
        """The frame to go on with, and why it must be dropped (empty when it need not)."""
        slow = self._rate.see(frame)
        frame, unsteady = self._steadiness.see(frame)
        found = [
            finding
            for finding in (unsteady, *(check.see(frame) for check in self._checks), slow)
            if finding != FINE
        ]
        worst = found[0] if found else FINE
        # A repeat that lasts no second yet is no trouble, and says nothing against an older one.
        if worst.reason or not worst.drop:
            self.signal_error = worst.reason
        self._note(worst, frame.read_at_s)
        return frame, next((finding.drop for finding in found if finding.drop), "")

    def bad_for_s(self, now_s: float) -> float:
        """Seconds for which reopening might have helped."""
        return 0.0 if self._bad_since_s is None else now_s - self._bad_since_s

    def reopened(self) -> None:
        """The device was opened again: it gets its time anew."""
        self._bad_since_s = None

    def _note(self, worst: HealthIssue, now_s: float) -> None:
        if not worst.reopen:
            self._bad_since_s = None
        elif self._bad_since_s is None:
            self._bad_since_s = now_s


def _same(before: Image, after: Image) -> bool:
    if before.shape != after.shape:
        return False
    if not np.array_equal(
        before[::STEP, ::STEP], after[::STEP, ::STEP]
    ):  # nearly always decides, at little cost
        return False
    return np.array_equal(before, after)


def _change(last: Frame, frame: Frame) -> HealthIssue:
    before, after = last.image.shape, frame.image.shape
    if before != after:
        sizes = f"from {before[1]}x{before[0]} to {after[1]}x{after[0]}"
        return HealthIssue(f"the picture changed its size {sizes}", RESIZED, reopen=True)
    off_s = (frame.captured_at_s - last.captured_at_s) - (frame.read_at_s - last.read_at_s)
    if abs(off_s) > JUMP_S:
        return HealthIssue(f"timestamps jumped by {off_s:+.1f} s", JUMPED, reopen=True)
    return FINE
