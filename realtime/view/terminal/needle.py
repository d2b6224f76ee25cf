"""Needle between FAKE on the left and GENUINE on the right, three lines tall."""

from __future__ import annotations

from rich.text import Text

from realtime.core.messages import Verdict
from realtime.view.phrases import FAKE_HEX, GENUINE_HEX, colour, percent_genuine
from realtime.view.words.catalogue import text

ROWS = 3


def draw_needle(verdict: Verdict | None, width: int) -> list[Text]:
    """Return the scale's ends, a bar from the middle to the reading, and the percentage below."""
    p = None if verdict is None else verdict.p_genuine
    if p is None:
        return [
            _ends(width, lit=False),
            Text(f" {text('no_reading')} ".center(width, "╌"), "dim"),
            Text(),
        ]
    return [_ends(width, lit=True), _bar(p, width), _pointer(p, width)]


def _ends(width: int, *, lit: bool) -> Text:
    middle = _column(0.5, width)
    fake, genuine = text("side.fake").upper(), text("side.genuine").upper()
    line = Text().append(fake, f"bold {FAKE_HEX}" if lit else "dim")
    line.append("╷".rjust(middle + 1 - len(fake)), "dim")
    return line.append(genuine.rjust(width - 1 - middle), f"bold {GENUINE_HEX}" if lit else "dim")


def _bar(p: float, width: int) -> Text:
    position, middle = _column(p, width), _column(0.5, width)
    first, last = min(position, middle), max(position, middle)
    bar = Text().append("━" * first, "dim")
    bar.append("█" * (last - first + 1), colour(p))
    return bar.append("━" * (width - last - 1), "dim")


def _pointer(p: float, width: int) -> Text:
    """Return the pointer and its label, which is on the middle's side, where there is room."""
    position, label = _column(p, width), percent_genuine(p)
    label_left = p >= 0.5
    pointer = Text(" " * (position - len(label) - 1 if label_left else position))
    return pointer.append(f"{label} ▲" if label_left else f"▲ {label}", f"bold {colour(p)}")


def _column(p: float, width: int) -> int:
    return round(p * (width - 1))
