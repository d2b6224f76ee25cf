"""Map of the PB's path: horizontally along the line between the prototypes, vertically off it."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from realtime.core.messages import Verdict
from realtime.view.phrases import FAKE_HEX, GENUINE_HEX
from realtime.view.words.catalogue import text

Position = tuple[float, float]  # along the line and away from it, in its length

LEFT, RIGHT = -1.0, 2.0  # along the line: the fake prototype is at 0, the genuine one at 1
HIGHEST = 2.5  # away from the line
TRAIL = 8  # positions shown
ROWS = 8
_OLD, _NOW = "∙", "●"


def pb_trail(history: Sequence[Verdict]) -> list[Position]:
    """Return the newest PB positions of the current movement, oldest first."""
    trail: list[Position] = []
    for verdict in reversed(history):
        if verdict.pb_position is None or len(trail) == TRAIL:
            break
        trail.append(verdict.pb_position)
    return trail[::-1]


def pb_strip(trail: Sequence[Position], width: int) -> Text:
    """Return the path as one line: F and G are the prototypes, the dot is the PB now."""
    if not trail:
        return Text(text("map.none"), "dim")
    _, distance = trail[-1]
    words = f"  {text('map.distance', distance=f'{distance:.1f}')}"
    columns = max(12, min(width - len(words), 48))
    cells = [("╌", "dim")] * columns
    for along, _ in trail[:-1]:
        cells[_column(along, columns)] = (_OLD, "")
    cells[_column(0, columns)] = ("F", f"bold {FAKE_HEX}")
    cells[_column(1, columns)] = ("G", f"bold {GENUINE_HEX}")
    cells[_column(trail[-1][0], columns)] = (_NOW, "bold")
    return Text.assemble(*cells).append(words, "dim")


def pb_plot(trail: Sequence[Position], width: int) -> list[Text]:
    """Return the path as a map of `ROWS` lines."""
    rows = ROWS - 1
    cells = [[(" ", "")] * width for _ in range(rows)]
    cells[-1] = [("╌", "dim")] * width
    for number, (along, distance) in enumerate(trail):
        marker = (_NOW, "bold") if number == len(trail) - 1 else (_OLD, "")
        cells[rows - 1 - _row(distance, rows)][_column(along, width)] = marker
    ends = ((0.0, text("side.fake"), FAKE_HEX), (1.0, text("side.genuine"), GENUINE_HEX))
    for along, label, colour in ends:
        first = min(_column(along, width), width - len(label))
        for offset, letter in enumerate(label.upper()):
            cells[-1][first + offset] = (letter, f"bold {colour}")
    title = text("map.title")
    if trail:
        title += f", {text('map.now', distance=f'{trail[-1][1]:.1f}')}"
    return [Text(title, "dim"), *(Text.assemble(*line) for line in cells)]


def _column(along: float, width: int) -> int:
    share = (along - LEFT) / (RIGHT - LEFT)
    return round(min(1.0, max(0.0, share)) * (width - 1))


def _row(distance: float, rows: int) -> int:
    return round(min(1.0, distance / HIGHEST) * (rows - 1))
