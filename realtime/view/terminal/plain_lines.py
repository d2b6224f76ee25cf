"""The gauge without a terminal: a plain line when what it says changes, one a second at most."""

from __future__ import annotations

from collections.abc import Iterator

from realtime.core.messages import Verdict
from realtime.core.snapshot import RunSetting, Snapshot
from realtime.profiling.table import brief_lines
from realtime.view import phrases

_APART_S = 1.0
_PROFILE_S = 5.0


class PlainLines:
    """Chooses the lines to print; holds no stream."""

    def __init__(self) -> None:
        self._said = ""
        self._said_at_s = self._profiled_at_s = float("-inf")

    def lines(self, snapshot: Snapshot, now_s: float) -> Iterator[str]:
        """What is due at `now_s`: the verdict's line, those of all emotions under it, the profile now and then."""
        line = self.line(snapshot.verdict, now_s)
        if line is not None:
            yield line
            yield from (f"            {row.emotion:<10} {describe(row)}" for row in snapshot.rows)
        if (
            snapshot.profile is not None
            and snapshot.profile.age is not None
            and now_s - self._profiled_at_s >= _PROFILE_S
        ):
            self._profiled_at_s = now_s
            yield brief_lines(snapshot.profile)

    def line(self, verdict: Verdict | None, now_s: float) -> str | None:
        """The line due at `now_s` (monotonic), or None; a change that comes too soon is said when a second is over."""
        if verdict is None or now_s - self._said_at_s < _APART_S:
            return None
        said = describe(verdict)
        if said == self._said:
            return None
        self._said, self._said_at_s = said, now_s
        return f"{verdict.at_s:8.2f} s  {said}"


def heading(setting: RunSetting) -> str:
    """What is watched, for which emotion, by what."""
    return phrases.clean(
        f"watching {setting.source} for {setting.emotion} (engine {setting.engine})"
    )


def describe(verdict: Verdict) -> str:
    """State, words, and either the reading or the reason why there is none."""
    said = phrases.sentence(verdict.state, verdict.emotion)
    if verdict.p_genuine is not None:
        said = f"{phrases.reading(verdict.p_genuine)}, {phrases.percent(verdict.p_genuine)} genuine"
    elif verdict.reason and verdict.reason != said:
        said = f"{said}: {verdict.reason}"
    return phrases.clean(f"{verdict.state.value:<13}  {said}")
