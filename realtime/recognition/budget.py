"""Latency budget: fewer recognition steps, then longer strides, when ticks take too long."""

from __future__ import annotations

from dataclasses import dataclass

SLOW_TICKS = 2  # in a row, before less is asked: one hiccup is none of the engine's
QUICK_TICKS = 10  # in a row that would have had room for more, before more is asked again
ROOM = 0.8  # of a stride that more steps must be expected to fit in
MOST_STRIDES = (
    5  # a reading a second, at a stride of 0.2 s: rarer ones would no longer follow an expression
)


@dataclass(frozen=True, slots=True)
class Pace:
    """`steps` per tick, and a tick every `strides` strides."""

    steps: int
    strides: int

    def __post_init__(self) -> None:
        if self.steps < 1 or self.strides < 1:
            raise ValueError(f"{self}: want 1 or more of each")


def paces(steps: int) -> tuple[Pace, ...]:
    """Return the paces in order: steps halved down to one, then strides added."""
    fewer = [Pace(steps, 1)]
    while fewer[-1].steps > 1:
        fewer.append(Pace(fewer[-1].steps // 2, 1))
    return (*fewer, *(Pace(1, strides) for strides in range(2, MOST_STRIDES + 1)))


class LatencyBudget:
    """Choose the pace from tick durations. Owned by the recognition thread."""

    def __init__(self, steps: int, stride_s: float) -> None:
        self._paces, self._stride_s = paces(steps), stride_s
        self._at = self._slow = self._quick = 0

    @property
    def pace(self) -> Pace:
        """Return the pace of the next tick."""
        return self._paces[self._at]

    @property
    def stride_s(self) -> float:
        """Return the time between ticks."""
        return self.pace.strides * self._stride_s

    @property
    def notice(self) -> str:
        """Return a line for the user, or "" at full pace."""
        if self._at == 0:
            return ""
        full, pace = self._paces[0], self.pace
        fewer = f"{pace.steps} of {full.steps} steps" if full.steps > pace.steps else ""
        rarer = f"a reading every {self.stride_s:g} s" if pace.strides > 1 else ""
        return (
            f"recognition takes longer than its stride: {', '.join(filter(None, (fewer, rarer)))}"
        )

    def record(self, seconds: float) -> None:
        """Add the duration of a tick at this pace."""
        self._slow = self._slow + 1 if seconds > self.stride_s else 0
        self._quick = self._quick + 1 if self._has_room(seconds) else 0
        if self._slow >= SLOW_TICKS and self._at + 1 < len(self._paces):
            self._move(1)
        elif self._quick >= QUICK_TICKS:
            self._move(-1)

    def _has_room(self, seconds: float) -> bool:
        """Return whether the next richer pace would fit, by the duration of this one."""
        if self._at == 0:
            return False
        richer = self._paces[self._at - 1]
        return seconds * richer.steps / self.pace.steps <= ROOM * richer.strides * self._stride_s

    def _move(self, by: int) -> None:
        self._at, self._slow, self._quick = self._at + by, 0, 0
