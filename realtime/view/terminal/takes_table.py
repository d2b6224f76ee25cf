"""The takes of guided use side by side: words, both curves over each other, what they can show."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap

from rich.text import Text

from realtime.core.snapshot import TakeKind, TakePair
from realtime.view.take_words import comparison, earlier_line, stranger_line, take_name, take_rows
from realtime.view.terminal.takes_plot import (
    BOTH_MARK,
    FELT_MARK,
    POSED_MARK,
    STYLES,
    movement,
    percent_genuine,
    plot_takes,
)
from realtime.view.words.catalogue import text

_LABEL = 9
_GAP = 2
_FEWEST_ROWS, _MOST_ROWS = 6, 12  # of a plot, title and time scale included
_TWO_PLOTS = 70  # columns from which both plots are side by side
_CELL_LINES = 2  # of one take; more is cut, so that 80 columns and 24 lines hold the plots


def render_takes(pairs: Sequence[TakePair], width: int, rows: int) -> list[Text]:
    """Return the last pair of takes in at most `rows` lines; the plots go first."""
    if not pairs:
        return []
    pair = pairs[-1]
    table, words = _table(pair, width), _words(pairs, width)
    room = rows - len(table) - len(words)
    plots = _plots(pair, width, min(room, _MOST_ROWS)) if room >= _FEWEST_ROWS else []
    return [*table, *plots, *words][:rows]


def _table(pair: TakePair, width: int) -> list[Text]:
    cell = (width - _LABEL - _GAP) // 2
    head = Text(" " * _LABEL)
    for mark, kind in ((FELT_MARK, TakeKind.FELT), (POSED_MARK, TakeKind.POSED)):
        title = Text().append(f"{mark} ", STYLES[mark]).append(take_name(kind), "bold")
        title.truncate(cell + _GAP, pad=True)
        head.append_text(title)
    head.rstrip()
    lines = [head]
    for label, *cells in take_rows(pair):
        felt, posed = (wrap(each, cell, max_lines=_CELL_LINES, placeholder="…") for each in cells)
        for number in range(max(1, len(felt), len(posed))):
            first = label if number == 0 else ""
            left, right = (each[number] if number < len(each) else "" for each in (felt, posed))
            row = Text().append(first.ljust(_LABEL), "dim")
            lines.append(row.append(f"{left.ljust(cell + _GAP)}{right}"))
    return lines


def _plots(pair: TakePair, width: int, rows: int) -> list[Text]:
    """Return both plots side by side, or in a narrow terminal that of the movement alone."""
    both = f" ({BOTH_MARK} {text('take.both')})"
    if width < _TWO_PLOTS:
        return plot_takes(pair, movement, (width, rows), text("take.movement") + both)
    half = (width - _GAP) // 2
    left = plot_takes(pair, movement, (half, rows), text("take.movement"))
    right = plot_takes(pair, percent_genuine, (half, rows), text("take.genuine") + both)
    for line, other in zip(left, right, strict=True):
        line.truncate(half + _GAP, pad=True)
        if line.cell_len < half + _GAP:
            line.pad_right(half + _GAP - line.cell_len)
        line.append_text(other)
    return left


def _words(pairs: Sequence[TakePair], width: int) -> list[Text]:
    lines = [Text(line, "bold") for line in wrap(comparison(pairs[-1]), width)]
    for words in (stranger_line(pairs[-1]), text("take.honest")):
        lines += [Text(line) for line in wrap(words, width)]
    earlier = earlier_line(pairs)
    if earlier:
        said = Text().append(text("take.earlier").ljust(_LABEL), "dim").append(earlier)
        said.truncate(width, overflow="ellipsis")
        lines.append(said)
    return lines
