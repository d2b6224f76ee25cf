"""Signal health of live sources: frozen or black pictures, size or time jumps, low frame rate.

Checks receive every frame in order in the capture thread. Files are exempt: a video may be black.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace

import numpy as np

from realtime.capture.frame_counter import JUMPED, REPEATED, RESIZED
from realtime.capture.rates import SLOWEST_HZ
from realtime.core.messages import Frame, Image

NOTICE_S = 1.0  # no signal after black or identical pictures for this long; 2 s are guaranteed
SETTLE_S = 0.5  # a new size or time base must be stable for this long
JUMP_S = 1.0  # largest deviation of a frame's time from the clock
STEADY_HZ = 8.0  # a slow source has recovered at this rate
RATE_S = 1.0  # interval over which the rate is measured
APART_S = 2.0  # a longer gap is a reopening, excluded from the rate
BLACK_MEAN = 16.0  # black of limited-range video, plus slight noise of a covered lens
BLACK_SPREAD = 4.0
STEP = 8  # pixel subsampling of the checks


@dataclass(frozen=True, slots=True)
class HealthIssue:
    """Finding of a check: `reason` for display, `drop` the drop reason (empty to pass)."""

    reason: str = ""
    drop: str = ""
    reopen: bool = False  # reopening the device may help


FINE = HealthIssue()


class FrozenPictureCheck:
    """Detects pictures bit-identical to the previous one, impossible with sensor noise."""

    def __init__(self) -> None:
        self._last: Image | None = None
        self._since_s = 0.0

    def check(self, frame: Frame) -> HealthIssue:
        """Return the issue that `frame` shows, or `FINE`."""
        last, self._last = self._last, frame.image
        if last is None or not _same(last, frame.image):
            self._since_s = frame.read_at_s
            return FINE
        same_s = frame.read_at_s - self._since_s
        reason = f"the picture has not changed for {same_s:.0f} s" if same_s >= NOTICE_S else ""
        return HealthIssue(reason, REPEATED, reopen=True)


class BlackPictureCheck:
    """Detects black pictures: covered lens, closed privacy shutter, sensor off."""

    def __init__(self) -> None:
        self._since_s: float | None = None

    def check(self, frame: Frame) -> HealthIssue:
        """Return the issue that `frame` shows, or `FINE`."""
        sample = frame.image[::STEP, ::STEP]
        if sample.mean() > BLACK_MEAN or sample.std() > BLACK_SPREAD:
            self._since_s = None
            return FINE
        if self._since_s is None:
            self._since_s = frame.read_at_s
        if frame.read_at_s - self._since_s < NOTICE_S:
            return FINE
        return HealthIssue("the picture is black. Is the lens covered?", reopen=True)


class FrameRateCheck:
    """Detects frame rates too low to follow a movement."""

    def __init__(self) -> None:
        self._at_s: deque[float] = deque(maxlen=1000)
        self._slow_hz: float | None = None  # last rate that was too low, until recovery

    def check(self, frame: Frame) -> HealthIssue:
        """Return the issue that `frame` shows, or `FINE`."""
        slow_hz = self.slow_hz(frame.read_at_s)
        if slow_hz is None:
            return FINE
        return HealthIssue(
            f"only {slow_hz:.1f} frames a second arrive; want {SLOWEST_HZ:g}. Is the room dim?"
        )

    def slow_hz(self, at_s: float) -> float | None:
        """Return the rate with a frame at `at_s` if it is too low, None if it is enough."""
        if self._at_s and at_s - self._at_s[-1] > APART_S:
            self._at_s.clear()
        self._at_s.append(at_s)
        if at_s - self._at_s[0] < RATE_S - 1e-6:
            return self._slow_hz
        while len(self._at_s) > 2 and at_s - self._at_s[1] >= RATE_S - 1e-6:
            self._at_s.popleft()
        hz = (len(self._at_s) - 1) / (at_s - self._at_s[0])
        self._slow_hz = hz if hz < (SLOWEST_HZ if self._slow_hz is None else STEADY_HZ) else None
        return self._slow_hz


class FormatChangeCheck:
    """Detects changes of size or time base; frames are dropped until stable for `SETTLE_S`.

    Media time then continues from its last value, independent of the new timestamps.
    """

    def __init__(self) -> None:
        self._last: Frame | None = None
        self._good: Frame | None = None
        self._offset_s = 0.0
        self._changed: tuple[float, HealthIssue] | None = None

    def check(self, frame: Frame) -> tuple[Frame, HealthIssue]:
        """Return the frame with corrected time, and the issue found."""
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
    """All checks, and the duration of issues that reopening the device may fix."""

    def __init__(self) -> None:
        self.signal_error = ""
        self._rate, self._format = FrameRateCheck(), FormatChangeCheck()
        self._checks = (FrozenPictureCheck(), BlackPictureCheck())
        self._bad_since_s: float | None = None

    def check(self, frame: Frame) -> tuple[Frame, str]:
        """Return the corrected frame, and the drop reason or ""."""
        slow = self._rate.check(frame)
        frame, changed = self._format.check(frame)
        candidates = (changed, *(each.check(frame) for each in self._checks), slow)
        issues = [issue for issue in candidates if issue != FINE]
        worst = issues[0] if issues else FINE
        # A repeat shorter than a second is not an issue and does not clear an earlier one.
        if worst.reason or not worst.drop:
            self.signal_error = worst.reason
        self._note(worst, frame.read_at_s)
        return frame, next((issue.drop for issue in issues if issue.drop), "")

    def bad_for_s(self, now_s: float) -> float:
        """Return the seconds since an issue began that reopening may fix."""
        return 0.0 if self._bad_since_s is None else now_s - self._bad_since_s

    def reopened(self) -> None:
        """Restart that time after the device was reopened."""
        self._bad_since_s = None

    def _note(self, worst: HealthIssue, now_s: float) -> None:
        if not worst.reopen:
            self._bad_since_s = None
        elif self._bad_since_s is None:
            self._bad_since_s = now_s


def _same(before: Image, after: Image) -> bool:
    if before.shape != after.shape:
        return False
    # the cheap subsampled comparison almost always decides
    if not np.array_equal(before[::STEP, ::STEP], after[::STEP, ::STEP]):
        return False
    return np.array_equal(before, after)


def _change(last: Frame, frame: Frame) -> HealthIssue:
    before, after = last.image.shape, frame.image.shape
    if before != after:
        sizes = f"from {before[1]}x{before[0]} to {after[1]}x{after[0]}"
        return HealthIssue(f"the picture changed its size {sizes}", RESIZED, reopen=True)
    step_s, passed_s = frame.captured_at_s - last.captured_at_s, frame.read_at_s - last.read_at_s
    off_s = step_s - passed_s
    # Late but continuous is a stall of the network, not a jump of the timestamps.
    if off_s > JUMP_S or (off_s < -JUMP_S and not 0 <= step_s <= JUMP_S):
        return HealthIssue(f"timestamps jumped by {off_s:+.1f} s", JUMPED, reopen=True)
    return FINE
