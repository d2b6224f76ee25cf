"""Chart of the last ten seconds of readings: up towards genuine, down towards fake."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence

from rich.text import Text

from realtime.core.messages import Verdict
from realtime.view.phrases import FAKE_HEX, GENUINE_HEX
from realtime.view.words.catalogue import text

SPAN_S = 10.0


def sample(
    history: Sequence[Verdict], now_s: float, columns: int, hold_s: float
) -> list[float | None]:
    """Return the probability at each column's time, oldest first; None where nothing was judged.

    A verdict holds until the next one, and for `hold_s` at most, so that a pause leaves a gap.
    """
    times_s = [verdict.at_s for verdict in history]
    column_s = SPAN_S / columns
    return [
        _held(history, times_s, now_s - column_s * (columns - 1 - i), hold_s)
        for i in range(columns)
    ]


def _held(
    history: Sequence[Verdict], times_s: list[float], at_s: float, hold_s: float
) -> float | None:
    newest = bisect_right(times_s, at_s + 1e-6) - 1
    if newest < 0 or at_s - times_s[newest] > hold_s:
        return None
    return history[newest].p_genuine


def sparkline(values: Sequence[float | None], rows: int) -> list[Text]:
    """Return `rows` lines (odd): bars above the axis for genuine, below for fake.

    Dots on the axis mark columns where nothing was judged.
    """
    arm = rows // 2
    heights = [_half_cells(value, 2 * arm) for value in values]
    above = [Text(_row(heights, 2 * level, "▄"), GENUINE_HEX) for level in range(arm)]
    below = [
        Text(_row([-height for height in heights], 2 * level, "▀"), FAKE_HEX)
        for level in range(arm)
    ]
    axis = Text("".join("·" if value is None else "─" for value in values), "dim")
    return [*reversed(above), axis, *below]


def _half_cells(value: float | None, limit: int) -> int:
    """Return half cells from the axis, negative for fake; at least one where judged."""
    if value is None:
        return 0
    halves = max(1, math.ceil(abs(value - 0.5) * 2 * limit - 0.5))
    return halves if value >= 0.5 else -halves


def _row(heights: Sequence[int], base: int, half: str) -> str:
    return "".join(
        "█" if height >= base + 2 else half if height == base + 1 else " " for height in heights
    )


def render_history(history: Sequence[Verdict], width: int, rows: int, hold_s: float) -> list[Text]:
    """Return the sparkline with labels at the top, the bottom, the left and the right."""
    start, end = text("history.start"), text("history.end")
    genuine, fake = text("side.genuine").upper(), text("side.fake").upper()
    margin = 1 + max(map(len, (start, genuine, fake)))
    columns = max(2, width - margin - len(f" {end}"))
    now_s = history[-1].at_s if history else 0.0
    lines = sparkline(sample(history, now_s, columns, hold_s), rows)
    labels = [genuine, *[""] * (rows // 2 - 1), start, *[""] * (rows // 2 - 1), fake]
    labelled = [
        Text().append(label.ljust(margin), "dim").append_text(line)
        for label, line in zip(labels, lines, strict=True)
    ]
    labelled[rows // 2].append(f" {end}", "dim")
    return labelled
