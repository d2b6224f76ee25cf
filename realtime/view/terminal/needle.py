"""The needle between FAKE on the left and GENUINE on the right, three lines tall."""

from __future__ import annotations

from rich.text import Text

from realtime.core.messages import Verdict
from realtime.view.phrases import FAKE_HEX, GENUINE_HEX, percent

ROWS = 3


def side(p_genuine: float) -> str:
    """The colour of the side that a probability lies on."""
    return GENUINE_HEX if p_genuine >= 0.5 else FAKE_HEX


def needle(verdict: Verdict | None, width: int) -> list[Text]:
    """Words at both ends, a bar from the middle to the reading, and the percent under it; at rest without a reading."""
    p = None if verdict is None else verdict.p_genuine
    if p is None:
        return [_ends(width, lit=False), Text(" no reading ".center(width, "╌"), "dim"), Text()]
    return [_ends(width, lit=True), _bar(p, width), _pointer(p, width)]


def _ends(width: int, *, lit: bool) -> Text:
    middle = _cell(0.5, width)
    words = Text().append("FAKE", f"bold {FAKE_HEX}" if lit else "dim")
    words.append("╷".rjust(middle + 1 - len("FAKE")), "dim")
    return words.append(
        "GENUINE".rjust(width - 1 - middle), f"bold {GENUINE_HEX}" if lit else "dim"
    )


def _bar(p: float, width: int) -> Text:
    at, middle = _cell(p, width), _cell(0.5, width)
    first, last = min(at, middle), max(at, middle)
    bar = Text().append("━" * first, "dim")
    bar.append("█" * (last - first + 1), side(p))
    return bar.append("━" * (width - last - 1), "dim")


def _pointer(p: float, width: int) -> Text:
    """The label stands on the middle's side of the pointer, where there is always room."""
    at, label = _cell(p, width), f"{percent(p)} genuine"
    left = p >= 0.5
    pointer = Text(" " * (at - len(label) - 1 if left else at))
    return pointer.append(f"{label} ▲" if left else f"▲ {label}", f"bold {side(p)}")


def _cell(p: float, width: int) -> int:
    return round(p * (width - 1))
