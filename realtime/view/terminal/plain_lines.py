"""Plain-text output without a terminal: a line when the reading changes, one a second at most."""

from __future__ import annotations

from collections.abc import Iterator

from realtime.core.labels import AUTO
from realtime.core.messages import Verdict
from realtime.core.snapshot import RunSetting, Snapshot
from realtime.profiling.table import brief_lines
from realtime.view import phrases

_INTERVAL_S = 1.0
_PROFILE_S = 5.0


class PlainLines:
    """Chooses the lines to print; holds no stream."""

    def __init__(self) -> None:
        self._last = ""
        self._printed_at_s = self._profiled_at_s = float("-inf")

    def lines(self, snapshot: Snapshot, now_s: float) -> Iterator[str]:
        """Yield the lines due at `now_s`: verdict, one per emotion below it, profile every 5 s."""
        line = self.line(snapshot.verdict, now_s, snapshot.setting.emotion)
        if line is not None:
            yield line
            yield from (f"            {row.emotion:<10} {describe(row)}" for row in snapshot.rows)
        profile_due = now_s - self._profiled_at_s >= _PROFILE_S
        if snapshot.profile is not None and snapshot.profile.age is not None and profile_due:
            self._profiled_at_s = now_s
            yield brief_lines(snapshot.profile)

    def line(self, verdict: Verdict | None, now_s: float, selected: str = "") -> str | None:
        """Return the line due at `now_s` (monotonic), or None; early changes wait their second.

        With `auto` selected, the line names the emotion followed.
        """
        if verdict is None or now_s - self._printed_at_s < _INTERVAL_S:
            return None
        followed = f"{phrases.clean(verdict.emotion):<10} " if selected == AUTO else ""
        text = followed + describe(verdict)
        if text == self._last:
            return None
        self._last, self._printed_at_s = text, now_s
        return f"{verdict.at_s:8.2f} s  {text}"


def heading(setting: RunSetting) -> str:
    """Return the first line: source, emotion and engine."""
    return phrases.clean(
        f"watching {setting.source} for {setting.emotion} (engine {setting.engine})"
    )


def describe(verdict: Verdict) -> str:
    """Return the state with its reading, or with the reason why there is none."""
    if verdict.p_genuine is not None:
        text = phrases.reading(verdict.p_genuine)
    else:
        explained = (phrases.state_phrase(verdict.state, verdict.emotion), phrases.reason(verdict))
        text = ": ".join(filter(None, explained))
    return phrases.clean(f"{verdict.state.value:<13}  {text}")
