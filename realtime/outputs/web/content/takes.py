"""Guided use in the message `status`: whether it is offered, and its newest result."""

from __future__ import annotations

from collections.abc import Sequence

from realtime.core.snapshot import Snapshot, Take, TakePair, TakePoint
from realtime.view import phrases
from realtime.view.records.rows import Row
from realtime.view.take_words import comparison, earlier_line, stranger_line, take_rows


def guide_row(snapshot: Snapshot) -> Row:
    """Return whether guided use is offered, whether it runs, and its newest pair of takes."""
    return {
        "offered": snapshot.guide_offered,
        "running": snapshot.takes is not None,
        "result": _result(snapshot.takes or ()),
    }


def _result(pairs: Sequence[TakePair]) -> Row | None:
    """Return the last pair: its words as in the terminal, and both curves; None without one."""
    if not pairs:
        return None
    pair = pairs[-1]
    return {
        "emotion": phrases.emotion_name(pair.emotion),
        "comparison": comparison(pair),
        "stranger": stranger_line(pair),
        "earlier": earlier_line(pairs),
        "lines": [list(line) for line in take_rows(pair)],
        "felt": _curve(pair.felt),
        "posed": _curve(pair.posed),
    }


def _curve(take: Take | None) -> list[list[float | None]] | None:
    """Return time in s, movement and probability of each point; None without a take."""
    return None if take is None else [_numbers(point) for point in take.points]


def _numbers(point: TakePoint) -> list[float | None]:
    return [_rounded(each) for each in (point.at_s, point.intensity, point.p_genuine)]


def _rounded(number: float | None) -> float | None:
    return None if number is None else round(float(number), 3)
