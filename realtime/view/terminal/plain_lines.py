"""Plain-text output without a terminal: a line when the reading changes, one a second at most."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from realtime.core.labels import AUTO
from realtime.core.messages import Verdict
from realtime.core.snapshot import RunSetting, Snapshot, TakePair
from realtime.profiling.table import brief_lines
from realtime.view import answers, phrases
from realtime.view.take_words import take_lines
from realtime.view.words.catalogue import text

_INTERVAL_S = 1.0
_PROFILE_S = 5.0


class PlainLines:
    """Chooses the lines to print; holds no stream."""

    def __init__(self) -> None:
        self._last = self._caption = ""
        self._takes: tuple[TakePair, ...] = ()  # printed last
        self._printed_at_s = self._profiled_at_s = float("-inf")
        self._faces: dict[int, PlainLines] = {}

    def lines(self, snapshot: Snapshot, now_s: float) -> Iterator[str]:
        """Yield the lines due at `now_s`: verdict, one per emotion below it, profile every 5 s.

        Of several faces each has its own.
        """
        if snapshot.caption and snapshot.caption != self._caption:
            label = text("label.tour" if snapshot.takes is None else "label.guide")
            yield f"{label:<10}  {snapshot.caption}"
            if snapshot.takes and snapshot.takes != self._takes:
                self._takes = snapshot.takes
                yield from take_lines(snapshot.takes)
        self._caption = snapshot.caption
        for face in snapshot.faces:
            lines = self._faces.setdefault(face.id, PlainLines())
            who = f"{phrases.face_label(face.id)}  "
            yield from lines._reading_lines(face.verdict, face.rows, snapshot.setting, now_s, who)
        if not snapshot.faces:
            setting = snapshot.setting
            yield from self._reading_lines(snapshot.verdict, snapshot.rows, setting, now_s)
        profile_due = now_s - self._profiled_at_s >= _PROFILE_S
        if snapshot.profile is not None and snapshot.profile.age is not None and profile_due:
            self._profiled_at_s = now_s
            yield brief_lines(snapshot.profile)

    def _reading_lines(
        self,
        verdict: Verdict | None,
        rows: Sequence[Verdict],
        setting: RunSetting,
        now_s: float,
        who: str = "",
    ) -> Iterator[str]:
        line = self.line(verdict, now_s, setting.emotion, who)
        if line is not None:
            yield line
            column = phrases.emotion_column(row.emotion for row in rows)
            yield from (
                f"{'':12}{phrases.emotion_name(row.emotion):<{column}}  {describe(row)}"
                for row in rows
            )

    def line(
        self, verdict: Verdict | None, now_s: float, selected: str = "", who: str = ""
    ) -> str | None:
        """Return the line due at `now_s` (monotonic), or None; early changes wait their second.

        With `auto` selected, the line names the emotion followed; `who` stands before it.
        """
        if verdict is None or now_s - self._printed_at_s < _INTERVAL_S:
            return None
        followed = ""
        if selected == AUTO:
            column = phrases.emotion_column([verdict.emotion])
            followed = f"{phrases.emotion_name(verdict.emotion):<{column}}  "
        text = who + followed + describe(verdict)
        if text == self._last:
            return None
        self._last, self._printed_at_s = text, now_s
        return f"{verdict.at_s:8.2f} s  {text}"


def heading(setting: RunSetting) -> str:
    """Return the first line: source, emotion and engine."""
    emotion, engine = phrases.emotion_name(setting.emotion), phrases.engine(setting)
    return phrases.clean(text("watching", source=setting.source, emotion=emotion, engine=engine))


def describe(verdict: Verdict) -> str:
    """Return the state with its reading, or with the reason why there is none."""
    if verdict.p_genuine is not None:
        said = phrases.reading(verdict.p_genuine)
    else:
        explained = (phrases.state_phrase(verdict.state, verdict.emotion), answers.why(verdict))
        said = ": ".join(filter(None, explained))
    return phrases.clean(f"{verdict.state.value:<13}  {said}")
