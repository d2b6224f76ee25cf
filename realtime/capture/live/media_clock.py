"""Media clock of a stream: when a picture is due, although it arrives in bursts or late."""

from __future__ import annotations

from collections import deque

JUMP_S = 2.0  # timestamps further apart than arrival explains; a recording waits this long at most
PERIOD_S = 1 / 30  # between pictures on either side of a jump
WINDOW_S = 10.0  # buffered time that was not needed for this long is given up
SPARE_S = 0.1  # buffered time that is kept
WORTH_S = 0.25  # less than this is not given up


class MediaClock:
    """Maps media times to capture times and to the clock times at which they are due.

    Pictures follow each other as they were filmed: one that arrives early waits, one that arrives
    late delays those after it by as much. A live stream gives up delay that it no longer needs, so
    that it does not fall behind for good. A `recorded` one keeps its own times, a live one's are
    moved to the clock's. Owned by the capture thread; one instance per connection.
    """

    def __init__(self, recorded: bool) -> None:
        self._recorded = recorded
        self._due_offset_s: float | None = None  # clock time less media time
        self._capture_offset_s = 0.0
        self._last_media_s = self._last_arrived_s = 0.0
        self._late_s: deque[tuple[float, float]] = deque(maxlen=2000)  # (arrival, lateness)
        self._slack_s: deque[tuple[float, float]] = deque(maxlen=2000)  # (arrival, time to spare)

    def place(self, media_s: float, arrived_s: float) -> tuple[float, float]:
        """Return (capture time, due time) of a picture that arrived at clock time `arrived_s`."""
        if self._due_offset_s is None:
            self._due_offset_s = arrived_s - media_s
            self._capture_offset_s = 0.0 if self._recorded else self._due_offset_s
        else:
            self._follow_jump(media_s, arrived_s)
        due_s = media_s + self._due_offset_s
        if arrived_s > due_s:
            self._be_late(arrived_s, arrived_s - due_s)
            due_s = arrived_s
        elif not self._recorded:
            self._catch_up(arrived_s, due_s - arrived_s)
            due_s = max(media_s + self._due_offset_s, arrived_s)
        self._last_media_s, self._last_arrived_s = media_s, arrived_s
        return media_s + self._capture_offset_s, due_s

    def delayed_s(self, since_s: float) -> float:
        """Return by how much the stream fell behind its own pace after clock time `since_s`."""
        return sum(late_s for arrived_s, late_s in self._late_s if arrived_s > since_s)

    def _follow_jump(self, media_s: float, arrived_s: float) -> None:
        """Go on after a jump of the timestamps: at once if they went back."""
        assert self._due_offset_s is not None
        step_s = media_s - self._last_media_s
        if self._recorded and step_s >= 0:
            self._due_offset_s -= max(step_s - JUMP_S, 0.0)
        elif not self._recorded and not 0 <= step_s <= JUMP_S + arrived_s - self._last_arrived_s:
            due_s = max(self._last_media_s + self._due_offset_s + PERIOD_S, arrived_s)
            captured_s = self._last_media_s + self._capture_offset_s
            passed_s = max(arrived_s - self._last_arrived_s, PERIOD_S)
            self._due_offset_s = due_s - media_s
            self._capture_offset_s = captured_s + passed_s - media_s
            self._slack_s.clear()

    def _be_late(self, arrived_s: float, late_s: float) -> None:
        assert self._due_offset_s is not None
        self._due_offset_s += late_s
        self._slack_s.clear()
        self._late_s.append((arrived_s, late_s))

    def _catch_up(self, arrived_s: float, slack_s: float) -> None:
        """Give up the time that every picture of the last `WINDOW_S` had to spare."""
        assert self._due_offset_s is not None
        self._slack_s.append((arrived_s, slack_s))
        if arrived_s - self._slack_s[0][0] < WINDOW_S:
            return
        spare_s = min(slack for _, slack in self._slack_s) - SPARE_S
        if spare_s > WORTH_S:
            self._due_offset_s -= spare_s
        self._slack_s.clear()
