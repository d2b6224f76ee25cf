"""What a run without a view says while it runs: when the signal is lost, and when it is back."""

from __future__ import annotations

from realtime.core.messages import State
from realtime.core.snapshot import Snapshot

LOST_AFTER_S = 1.0  # shorter interruptions are in the record alone


class SignalLines:
    """Chooses the line to print; holds no stream. Owned by the main thread."""

    def __init__(self) -> None:
        self._lost_at_s: float | None = None
        self._said = False

    def line(self, snapshot: Snapshot, now_s: float) -> str:
        """Return the line due at `now_s`, or "". Before the first reading there is none."""
        verdict = snapshot.verdict
        if verdict is None:
            return ""
        if verdict.state is not State.NO_SIGNAL:
            return self._back_line(now_s)
        if self._lost_at_s is None:
            self._lost_at_s = now_s
        if self._said or now_s - self._lost_at_s < LOST_AFTER_S:
            return ""
        self._said = True
        return f"signal      lost: {verdict.reason}"

    def _back_line(self, now_s: float) -> str:
        lost_at_s, said = self._lost_at_s, self._said
        self._lost_at_s, self._said = None, False
        if lost_at_s is None or not said:
            return ""
        return f"signal      back after {now_s - lost_at_s:.0f} s"
