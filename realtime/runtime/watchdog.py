"""Watchdog: detects a stage that hangs, so that its last result is not shown as current."""

from __future__ import annotations

from dataclasses import replace

from realtime.core.clock import Clock
from realtime.core.messages import State, Verdict
from realtime.core.snapshot import Snapshot

HUNG_S = 2.0  # an idle stage reports every 0.1 s, a busy one after each frame or tick


class Watchdog:
    """Time of each stage's last report. Any thread may call any method.

    A stage is watched from its first report on, so loading and compiling may take any time.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._alive_at_s: dict[str, float] = {}

    def report_alive(self, stage: str) -> None:
        """Record that `stage` finished an item, or found none."""
        self._alive_at_s[stage] = self._clock.now_s()

    def report_ended(self, stage: str) -> None:
        """Stop watching `stage`."""
        self._alive_at_s.pop(stage, None)

    def hung_stage(self) -> str:
        """Return a line naming the stage that hangs, and for how long; empty if none does."""
        now_s = self._clock.now_s()
        late = [
            (now_s - at_s, stage)
            for stage, at_s in self._alive_at_s.copy().items()
            if now_s - at_s > HUNG_S
        ]
        return f"the {max(late)[1]} stage has been silent for {max(late)[0]:.0f} s" if late else ""


def without_number(snapshot: Snapshot, reason: str) -> Snapshot:
    """Return `snapshot` without its outdated numbers, with `reason` as its notice."""
    faces = tuple(
        replace(face, verdict=_withheld(face.verdict, reason), rows=(), ghosts=None)
        for face in snapshot.faces
    )
    verdict = _withheld(snapshot.verdict, reason)
    return replace(snapshot, verdict=verdict, faces=faces, rows=(), ghosts=None, notice=reason)


def _withheld(verdict: Verdict | None, reason: str) -> Verdict | None:
    if verdict is None:
        return None
    return replace(verdict, state=State.NO_SIGNAL, p_genuine=None, reason=reason, cause=None)
