"""The window's lower part: what is said fits on it."""

from __future__ import annotations

import numpy as np
import pytest

from realtime.core.messages import State
from realtime.view.window import dial

WIDTH_PX = 640
LONG = "its network misses 153 % of the movement, want at most 151 %; it moves most like happiness"


def lines(
    reason: str, snapshot, verdict, monkeypatch: pytest.MonkeyPatch
) -> list[tuple[str, int, int]]:
    """What is written, with the columns where each begins and ends."""
    written = list[tuple[str, int, int]]()

    def write(panel: np.ndarray, text: str, at: tuple[int, int], *how: object) -> None:
        size = how[1] if len(how) > 1 else 0.7
        written.append((text, at[0], at[0] + dial._width_px(text, size)))  # type: ignore[arg-type]

    monkeypatch.setattr(dial, "_write", write)
    now = snapshot(verdict=verdict(State.OTHER_EMOTION, reason=reason))
    dial.draw_dial(np.zeros((dial.PANEL_PX, WIDTH_PX, 3), np.uint8), now)
    return written


def test_a_long_reason_takes_two_lines_and_reaches_over_nothing(
    snapshot, verdict, monkeypatch
) -> None:
    written = lines(LONG, snapshot, verdict, monkeypatch)
    parts = [part for part in written if part[0] in LONG and part[0] != "happiness"]
    assert len(parts) == 2
    assert " ".join(sorted((text for text, *_ in parts), key=LONG.index)) == LONG
    asked = next(left for text, left, _ in written if text == "happiness")
    assert all(right < asked for *_, right in parts)


def test_a_short_one_stays_on_one(snapshot, verdict, monkeypatch) -> None:
    assert [text for text, *_ in lines("too dark", snapshot, verdict, monkeypatch)].count(
        "too dark"
    ) == 1


def test_of_a_reason_without_end_two_lines_are_shown(snapshot, verdict, monkeypatch) -> None:
    written = lines("and so on " * 60, snapshot, verdict, monkeypatch)
    assert all(right <= WIDTH_PX for _, _, right in written)
