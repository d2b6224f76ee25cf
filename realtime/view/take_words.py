"""What takes show, in words: the same in the panel and in plain lines."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from realtime.core.messages import Expression
from realtime.core.snapshot import Take, TakeKind, TakePair
from realtime.view import answers, phrases
from realtime.view.words.catalogue import text

EVEN_POINTS = 15  # of the percentage: the same footage, played again, differs by up to 13


def take_name(kind: TakeKind) -> str:
    """Return the name of a kind of take, such as "felt take"."""
    return text(f"take.{kind}")


def take_rows(pair: TakePair) -> list[tuple[str, str, str]]:
    """Return label, felt and posed take of each line: number, onset, before, apex, length."""
    takes = (pair.felt, pair.posed)
    lines: dict[str, Callable[[Take], str]] = {
        "take.number": number_line,
        "take.onset": _onset_line,
        "take.before": lambda take: _actions_line(take.before),
        "take.shows": lambda take: _actions_line(take.expression),
        "take.lasted": _lasted_line,
    }
    rows = []
    for label, line in lines.items():
        felt, posed = ("" if take is None else line(take) for take in takes)
        rows.append((text(label), felt, posed))
    label, *cells = rows[0]
    filled = [cell if take else text("take.none") for cell, take in zip(cells, takes, strict=True)]
    return [(label, filled[0], filled[1]), *rows[1:]]


def number_line(take: Take) -> str:
    """Return the mean reading of a take, or why there is none."""
    if take.p_genuine is not None:
        return phrases.reading(take.p_genuine)
    assert take.unjudged is not None
    return text("take.no_number", why=answers.why(take.unjudged))


def comparison(pair: TakePair) -> str:
    """Return which take looks more genuine, as far as that can be said."""
    numbers = [take.p_genuine for take in (pair.felt, pair.posed) if take is not None]
    if len(numbers) < 2 or numbers[0] is None or numbers[1] is None:
        return text("take.one_number")
    if not pair.of_one_person:
        return text("take.two_people")
    felt, posed = (int(phrases.percent(each).split()[0]) for each in numbers if each is not None)
    if abs(felt - posed) < EVEN_POINTS:
        return text("take.even")
    key = "take.felt_higher" if felt > posed else "take.posed_higher"
    return text(key, points=abs(felt - posed))


def stranger_line(pair: TakePair) -> str:
    """Return that the gauge knew the face too little in a pair; empty where it knew enough."""
    known = [take.known_expressions for take in (pair.felt, pair.posed) if take is not None]
    return text("take.stranger") if known and min(known) < answers.KNOWN_WELL else ""


def take_lines(pairs: Sequence[TakePair]) -> Iterator[str]:
    """Yield the last pair of takes, line by line, then what it can show; nothing without one."""
    for pair in pairs[-1:]:
        for label, *cells in take_rows(pair):
            for kind, cell in zip(TakeKind, cells, strict=True):
                if cell:
                    yield f"{take_name(kind):<10}  {label}: {phrases.clean(cell)}"
        yield from filter(None, (comparison(pair), stranger_line(pair), text("take.honest")))


def earlier_line(pairs: Sequence[TakePair]) -> str:
    """Return the numbers of the pairs before the last, newest first; empty without one."""
    return ", ".join(_numbers(pair, pairs[-1].emotion) for pair in reversed(pairs[:-1]))


def _numbers(pair: TakePair, emotion: str) -> str:
    """Return both numbers of a pair, with its emotion where that is not `emotion`."""
    numbers = f"{_percent(pair.felt)} / {_percent(pair.posed)}"
    return (
        numbers if pair.emotion == emotion else f"{numbers} ({phrases.emotion_name(pair.emotion)})"
    )


def _percent(take: Take | None) -> str:
    if take is None or take.p_genuine is None:
        return "-"
    return phrases.percent(take.p_genuine)


def _onset_line(take: Take) -> str:
    if take.onset_s is None:
        return text("take.onset_none")
    return text("take.onset_s", seconds=f"{take.onset_s:.1f}")


def _actions_line(expression: Expression | None) -> str:
    if expression is None:
        return text("shows.unread")
    return answers.strength_line(expression) or text("action.none")


def _lasted_line(take: Take) -> str:
    return text("take.seconds", seconds=f"{take.ended_at_s:.1f}")
