"""A row for each emotion where all are asked: its reading as a small needle, and how well it fits the movement."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from realtime.core.messages import Verdict
from realtime.view import phrases
from realtime.view.terminal.needle import side

_NAME, _SAID, _FIT = 10, 26, 12


def emotion_rows(rows: Sequence[Verdict], width: int) -> list[Text]:
    """One line an emotion; the one that fits best is marked. Empty where not all are asked."""
    named = [row for row in rows if row.prediction_error is not None and row.emotion != "any"]
    best = min(named, key=lambda row: row.prediction_error or 0.0).emotion if named else ""
    return [_row(row, width, best=row.emotion == best) for row in rows]


def fit(verdict: Verdict) -> str:
    """How much of the movement the emotion's own network foresees, such as "foresees 64 %"; empty where unknown."""
    return (
        ""
        if verdict.prediction_error is None
        else f"foresees {100 * max(0.0, 1 - verdict.prediction_error):.0f} %"
    )


def _row(verdict: Verdict, width: int, *, best: bool) -> Text:
    p = verdict.p_genuine
    line = Text(
        ("▸" if best else " ") + phrases.clean(verdict.emotion).ljust(_NAME), "bold" if best else ""
    )
    line.append_text(_bar(p, max(5, width - _NAME - _SAID - _FIT - 3)))
    said = (
        verdict.state.value.replace("_", " ")
        if p is None
        else f"{phrases.percent(p)} {phrases.reading(p)}"
    )
    line.append(f" {said}".ljust(_SAID), "dim" if p is None else side(p))
    return line.append(fit(verdict), "dim")


def _bar(p: float | None, width: int) -> Text:
    if p is None:
        return Text("╌" * width, "dim")
    at, middle = round(p * (width - 1)), (width - 1) // 2
    first, last = min(at, middle), max(at, middle)
    return (
        Text("━" * first, "dim")
        .append("█" * (last - first + 1), side(p))
        .append("━" * (width - last - 1), "dim")
    )
