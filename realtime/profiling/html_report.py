"""HTML report of the profile: table, hints and the distribution of every stage."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape

from realtime.core.snapshot import ProfileTable
from realtime.core.tracing import WAITS
from realtime.profiling.table import table_lines

Bars = list[tuple[float, int]]  # (start of the bar in s, count)

WIDTH, HEIGHT, FOOT = 600, 90, 18
WORK, WAIT = "#0072b2", "#e69f00"
STYLE = """body { font: 15px/1.5 system-ui, sans-serif;
  max-width: 46em; margin: 2em auto; padding: 0 1em;
  color: #222 }
pre { background: #f4f4f4; padding: 1em; overflow-x: auto } figure { margin: 1.5em 0 }
svg { width: 100%; height: auto } text { font-size: 11px; fill: #555 }"""


def html_page(
    table: ProfileTable, distributions: Mapping[str, Bars], findings: Iterable[str]
) -> str:
    """Return the page as self-contained HTML."""
    pictures = "\n".join(_figure(table, stage, bars) for stage, bars in distributions.items())
    paragraphs = "\n".join(f"<p>{escape(line[:1].upper() + line[1:])}.</p>" for line in findings)
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Where the time goes</title>
<style>{STYLE}</style></head>
<body>
<h1>Where the time goes</h1>
{paragraphs}
<pre>{escape(chr(10).join(table_lines(table)))}</pre>
<p>Each picture is the distribution of a stage's times on a logarithmic axis; a bar is at least
two per cent wide. Blue is work, orange is waiting.</p>
{pictures}
</body></html>
"""


def _figure(table: ProfileTable, stage: str, bars: Bars) -> str:
    (row,) = (row for row in table.stages if row.name == stage)
    median, longest = _ms(row.p50_ms / 1e3), _ms(row.max_ms / 1e3)
    counted = f"{row.count} times, median {median}, longest {longest}"
    what = f"waits {WAITS[stage]}" if stage in WAITS else "works"
    caption = f"<figcaption><b>{escape(stage)}</b> ({escape(what)}): {counted}</figcaption>"
    return f"<figure>{caption}{bars_svg(stage, bars)}</figure>"


def bars_svg(stage: str, bars: Bars) -> str:
    """Return the distribution as an SVG, labelled with shortest, middle and longest time."""
    most, step = max(count for _, count in bars), WIDTH / len(bars)
    colour = WAIT if stage in WAITS else WORK
    drawn = "".join(
        _bar(index * step, step, count / most, colour)
        for index, (_, count) in enumerate(bars)
        if count
    )
    marks = sorted({0, len(bars) // 2, len(bars) - 1})
    labels = "".join(
        f'<text x="{index * step:.1f}" y="{HEIGHT + FOOT - 4}" '
        f'text-anchor="{_anchor(index, len(bars))}">{_ms(bars[index][0])}</text>'
        for index in marks
    )
    return f'<svg viewBox="0 0 {WIDTH} {HEIGHT + FOOT}" role="img">{drawn}{labels}</svg>'


def _bar(left: float, width: float, share: float, colour: str) -> str:
    high = max(1.0, share * HEIGHT)
    size = f'width="{width:.1f}" height="{high:.1f}"'
    return f'<rect x="{left:.1f}" y="{HEIGHT - high:.1f}" {size} fill="{colour}"/>'


def _anchor(index: int, count: int) -> str:
    return "start" if index == 0 else "end" if index == count - 1 else "middle"


def _ms(seconds: float) -> str:
    return f"{1e3 * seconds:.3g} ms"
