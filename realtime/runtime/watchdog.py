"""Notices a stage that hangs, so that the last thing it said is not taken for what is seen now."""

from __future__ import annotations

from dataclasses import replace

from realtime.core.clock import Clock
from realtime.core.messages import State
from realtime.core.snapshot import Snapshot

HUNG_S = 2.0  # a stage looks up at least every 0.1 s unless it works; no tick may take so long


class Watchdog:
    """Knows when each stage last came round. Any thread may call any method.

    A stage is watched from its first round on: whatever it loads or compiles before that may take its time.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._alive_at_s: dict[str, float] = {}

    def report_alive(self, stage: str) -> None:
        """`stage` came round: it did its work, or looked and found none."""
        self._alive_at_s[stage] = self._clock.now_s()

    def report_ended(self, stage: str) -> None:
        """`stage` is over and need not be heard of again."""
        self._alive_at_s.pop(stage, None)

    def hung_stage(self) -> str:
        """Which stage has been silent for how long, as a line for people; empty while all come round."""
        now_s = self._clock.now_s()
        late = [
            (now_s - at_s, stage)
            for stage, at_s in self._alive_at_s.copy().items()
            if now_s - at_s > HUNG_S
        ]
        return f"the {max(late)[1]} stage has been silent for {max(late)[0]:.0f} s" if late else ""


def without_number(snapshot: Snapshot, reason: str) -> Snapshot:
    """`snapshot` without the number in it, which is no longer of now, and with the reason."""
    verdict = snapshot.verdict
    if verdict is not None:
        verdict = replace(verdict, state=State.NO_SIGNAL, p_genuine=None, reason=reason)
    return replace(snapshot, verdict=verdict, rows=(), ghosts=None, notice=reason)
