from __future__ import annotations

from xml.etree import ElementTree

from realtime.core.snapshot import ProfileTable, StageTimes
from realtime.core.tracing import STAGES, WAITS
from realtime.profiling.html_report import WAIT, WORK, bars_svg, html_page

TABLE = ProfileTable(
    tuple(
        StageTimes(name, name in WAITS, 30, 1.0, 2.0, 3.0, 4.5, 0.1, None if name in WAITS else 1.0)
        for name in STAGES
    ),
    "gauge",
    StageTimes("gauge", False, 9, 80.0, 90.0, 95.0, 99.0, 0.0, None),
    0.987,
)


def test_the_page_shows_every_stage_and_loads_no_resource() -> None:
    distributions = {name: [(0.001, 3), (0.002, 0), (0.004, 1)] for name in STAGES}
    text = html_page(TABLE, distributions, ["one <hint>"])
    assert text.count("<svg") == len(STAGES)
    assert "One &lt;hint&gt;." in text
    assert "http" not in text
    for name in STAGES:
        assert f"<b>{name}</b>" in text


def test_a_distribution_has_a_bar_for_each_count() -> None:
    drawn = ElementTree.fromstring(bars_svg("faces", [(0.001, 4), (0.002, 0), (0.004, 1)]))
    heights = [float(bar.attrib["height"]) for bar in drawn.iter("rect")]
    assert heights == [90.0, 22.5]
    assert [text.text for text in drawn.iter("text")] == ["1 ms", "2 ms", "4 ms"]


def test_work_and_waits_have_their_own_colour() -> None:
    assert f'fill="{WORK}"' in bars_svg("faces", [(0.001, 1)])
    assert f'fill="{WAIT}"' in bars_svg("frame queue", [(0.001, 1)])


def test_a_rare_duration_is_still_visible() -> None:
    drawn = ElementTree.fromstring(bars_svg("faces", [(0.001, 10_000), (0.002, 1)]))
    assert min(float(bar.attrib["height"]) for bar in drawn.iter("rect")) == 1.0
