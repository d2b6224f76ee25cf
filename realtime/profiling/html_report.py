"""The profile as one page: the table, what it hints at, and the distribution of every stage as a picture."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape

from realtime.core.snapshot import ProfileTable
from realtime.core.tracing import WAITS
from realtime.profiling.table import table_lines

Shape = list[tuple[float, int]]  # (duration in s where a bar begins, count)

WIDTH, HEIGHT, FOOT = 600, 90, 18
WORK, WAIT = "#0072b2", "#e69f00"
STYLE = """body { font: 15px/1.5 system-ui, sans-serif; max-width: 46em; margin: 2em auto; padding: 0 1em; color: #222 }
pre { background: #f4f4f4; padding: 1em; overflow-x: auto } figure { margin: 1.5em 0 }
svg { width: 100%; height: auto } text { font-size: 11px; fill: #555 }"""


def html_page(timetable: ProfileTable, shapes: Mapping[str, Shape], said: Iterable[str]) -> str:
    """The whole page; it loads nothing from anywhere."""
    pictures = "\n".join(_figure(timetable, stage, shape) for stage, shape in shapes.items())
    told = "\n".join(f"<p>{escape(line[:1].upper() + line[1:])}.</p>" for line in said)
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Where the time goes</title><style>{STYLE}</style></head>
<body>
<h1>Where the time goes</h1>
{told}
<pre>{escape(chr(10).join(table_lines(timetable)))}</pre>
<p>Each picture shows how often a stage took how long; a bar is two or more per cent wide, so times grow from left to
right by factors. Blue is work, orange is waiting.</p>
{pictures}
</body></html>
"""


def _figure(timetable: ProfileTable, stage: str, shape: Shape) -> str:
    (row,) = (row for row in timetable.stages if row.name == stage)
    counted = f"{row.count} times, half of them below {_ms(row.p50_ms / 1e3)}, the longest {_ms(row.max_ms / 1e3)}"
    what = f"waits {WAITS[stage]}" if stage in WAITS else "works"
    caption = f"<figcaption><b>{escape(stage)}</b> ({escape(what)}): {counted}</figcaption>"
    return f"<figure>{caption}{bars_svg(stage, shape)}</figure>"


def bars_svg(stage: str, shape: Shape) -> str:
    """The distribution as an SVG, with the shortest, the middle and the longest time under it."""
    most, step = max(count for _, count in shape), WIDTH / len(shape)
    colour = WAIT if stage in WAITS else WORK
    drawn = "".join(
        _bar(place * step, step, count / most, colour)
        for place, (_, count) in enumerate(shape)
        if count
    )
    marks = sorted({0, len(shape) // 2, len(shape) - 1})
    told = "".join(
        f'<text x="{place * step:.1f}" y="{HEIGHT + FOOT - 4}" text-anchor="{_anchor(place, len(shape))}">'
        f"{_ms(shape[place][0])}</text>"
        for place in marks
    )
    return f'<svg viewBox="0 0 {WIDTH} {HEIGHT + FOOT}" role="img">{drawn}{told}</svg>'


def _bar(left: float, width: float, share: float, colour: str) -> str:
    high = max(1.0, share * HEIGHT)
    return f'<rect x="{left:.1f}" y="{HEIGHT - high:.1f}" width="{width:.1f}" height="{high:.1f}" fill="{colour}"/>'


def _anchor(place: int, count: int) -> str:
    return "start" if place == 0 else "end" if place == count - 1 else "middle"


def _ms(seconds: float) -> str:
    return f"{1e3 * seconds:.3g} ms"
