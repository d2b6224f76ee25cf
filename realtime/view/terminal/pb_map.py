"""A small map of the PB's way: from left to right along the line of the two prototypes, upwards away from it."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from realtime.core.messages import Verdict
from realtime.view.phrases import FAKE_HEX, GENUINE_HEX

Place = tuple[float, float]

LEFT, RIGHT = -1.0, 2.0  # along the line: the fake prototype lies at 0, the genuine one at 1
HIGHEST = 2.5  # beside it, in its length
TRAIL = 8  # places that are shown
ROWS = 8
_OLD, _NOW = "∙", "●"


def pb_trail(history: Sequence[Verdict]) -> list[Place]:
    """The newest places of the movement that is judged now, oldest first; none where nothing is."""
    found: list[Place] = []
    for verdict in reversed(history):
        if verdict.pb_position is None or len(found) == TRAIL:
            break
        found.append(verdict.pb_position)
    return found[::-1]


def pb_strip(places: Sequence[Place], width: int) -> Text:
    """The way as one line: F and G are the prototypes, the dot is the PB now; the number is how far beside them."""
    if not places:
        return Text("no movement between the prototypes now", "dim")
    wide = max(12, min(width - 16, 48))
    cells = [("╌", "dim")] * wide
    for along, _ in places[:-1]:
        cells[_column(along, wide)] = (_OLD, "")
    cells[_column(0, wide)], cells[_column(1, wide)] = (
        ("F", f"bold {FAKE_HEX}"),
        ("G", f"bold {GENUINE_HEX}"),
    )
    cells[_column(places[-1][0], wide)] = (_NOW, "bold")
    return Text.assemble(*cells).append(f"  {places[-1][1]:.1f} beside", "dim")


def pb_plot(places: Sequence[Place], width: int) -> list[Text]:
    """The way as a map of `ROWS` lines."""
    rows = ROWS - 1
    cells = [[(" ", "")] * width for _ in range(rows)]
    cells[-1] = [("╌", "dim")] * width
    for number, (along, aside) in enumerate(places):
        newest = number == len(places) - 1
        cells[rows - 1 - _row(aside, rows)][_column(along, width)] = (
            (_NOW, "bold") if newest else (_OLD, "")
        )
    for at, letters, colour in ((0.0, "FAKE", FAKE_HEX), (1.0, "GENUINE", GENUINE_HEX)):
        first = min(_column(at, width), width - len(letters))
        for place, letter in enumerate(letters):
            cells[-1][first + place] = (letter, f"bold {colour}")
    title = Text("the PB's way between the prototypes: higher is farther from both", "dim")
    return [title, *(Text.assemble(*line) for line in cells)]


def _column(along: float, width: int) -> int:
    share = (along - LEFT) / (RIGHT - LEFT)
    return round(min(1.0, max(0.0, share)) * (width - 1))


def _row(aside: float, rows: int) -> int:
    return round(min(1.0, aside / HIGHEST) * (rows - 1))
