"""Rows of `--emotion all`: per emotion a small needle, its reading and how well it fits."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from realtime.core.labels import ANY
from realtime.core.messages import Verdict
from realtime.view import phrases
from realtime.view.words.catalogue import longest, text

_READING, _PREDICTED = 30, 30
_WIDE = 100  # columns from which each row has room for the reading in words


def render_emotion_rows(
    rows: Sequence[Verdict], width: int, *, figures: bool = False
) -> list[Text]:
    """Return one line per emotion, the one that fits best marked; empty unless all are asked.

    Each says how likely the movement shows it, with `figures` how much of it its network predicts.
    """
    best, column = best_fitting(rows), phrases.emotion_column(row.emotion for row in rows)
    return [
        render_gauge_row(
            phrases.emotion_name(row.emotion).ljust(column),
            row,
            width,
            predicted_share(row) if figures else likely_share(row),
            marked=row.emotion == best,
        )
        for row in rows
    ]


def best_fitting(rows: Sequence[Verdict]) -> str:
    """Return the emotion that fits the movement best, as `auto` compares them; or empty.

    It is that with the smallest prediction error, divided by its probability where any has one.
    """
    compared = [row for row in rows if row.prediction_error is not None and row.emotion != ANY]
    named = [row for row in compared if row.p_emotion] or compared
    fits = {row.emotion: (row.prediction_error or 0.0) / (row.p_emotion or 1.0) for row in named}
    return min(fits, key=lambda emotion: fits[emotion]) if fits else ""


def likely_share(verdict: Verdict) -> str:
    """Return such as "71 % likely", by the emotion classifier; or empty."""
    if verdict.p_emotion is None:
        return ""
    return text("likely", share=f"{100 * verdict.p_emotion:.0f} %")


def predicted_share(verdict: Verdict) -> str:
    """Return such as "predicts 64 % of the movement", by the emotion's own network; or empty."""
    if verdict.prediction_error is None:
        return ""
    share = f"{100 * max(0.0, 1 - verdict.prediction_error):.0f} %"
    return text("predicts", share=share)


def render_gauge_row(
    label: str, verdict: Verdict | None, width: int, note: str, *, marked: bool
) -> Text:
    """Return a line with a small needle: label, needle, reading, and a note.

    The labels of lines that stand together have one length.
    """
    p = None if verdict is None else verdict.p_genuine
    name = f"{'▸' if marked else ' '}{label} "
    if p is None:
        reading, colour = phrases.brief(verdict), "dim"
    else:
        reading = phrases.reading(p) if width >= _WIDE else phrases.percent_genuine(p)
        colour = phrases.colour(p)
    column = _READING if width >= _WIDE else longest("name.")
    bar = _bar(p, max(5, width - len(name) - column - _PREDICTED - 2))
    line = Text(name, "bold" if marked else "").append_text(bar)
    line.append(f" {reading.ljust(column)} ", colour)
    return line.append(note, "dim")


def _bar(p: float | None, width: int) -> Text:
    if p is None:
        return Text("╌" * width, "dim")
    position, middle = round(p * (width - 1)), (width - 1) // 2
    first, last = min(position, middle), max(position, middle)
    bar = Text().append("━" * first, "dim").append("█" * (last - first + 1), phrases.colour(p))
    return bar.append("━" * (width - last - 1), "dim")
