"""axe-core on the page, in every state, light and dark, wide and narrow."""

from __future__ import annotations

from importlib import resources

import pytest
from guided_moments import pair
from staged_page import OpenPage, StagedGauge, ghosts, guide, rows, status

from realtime.core.messages import State

WIDE, NARROW = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
STEPS = 300  # of a millisecond, in which the page stays of now
READINGS = {state: 0.62 if state is State.JUDGING else 0.12 for state in State if state.has_number}


def violations(gauge: StagedGauge) -> list[str]:
    """Return what axe-core finds wrong. Its timers need the page's clock, which moves by a ms."""
    pytest.importorskip("axe_playwright_python")
    script = resources.files("axe_playwright_python").joinpath("axe.min.js").read_text()
    gauge.page.evaluate(f"{script}; undefined")
    gauge.page.evaluate(
        "window.found = null; axe.run().then((all) => { window.found = all; }); null"
    )
    for _ in range(STEPS):
        gauge.page.clock.run_for(1)
        if gauge.page.evaluate("window.found !== null"):
            break
    found = gauge.page.evaluate("window.found.violations")
    return [
        f"{each['id']}: {node['html']} {node['failureSummary']}"
        for each in found
        for node in each["nodes"]
    ]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_no_state_has_a_violation(open_page: OpenPage, size: dict[str, int], theme: str) -> None:
    gauge = open_page(viewport=size, color_scheme=theme, reduced_motion="reduce")
    gauge.page.keyboard.press("d")
    for state in State:
        gauge.show(state, READINGS.get(state), reason="for this reason", ghosts=ghosts())
        assert violations(gauge) == [], state


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_guided_use_and_its_takes_have_no_violation(
    open_page: OpenPage, size: dict[str, int], theme: str
) -> None:
    gauge = open_page(viewport=size, color_scheme=theme, reduced_motion="reduce")
    gauge.show(State.NEUTRAL, caption="relax", guide=guide())
    assert violations(gauge) == []
    gauge.show(State.NEUTRAL, caption="both takes", guide=guide(pair(0.6, 0.5), pair()))
    assert gauge.page.get_by_role("region", name="Both takes").is_visible()
    assert violations(gauge) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_all_emotions_have_no_violation(open_page: OpenPage, theme: str) -> None:
    gauge = open_page(color_scheme=theme, reduced_motion="reduce")
    readings = rows(101.0, [0.66, None, 0.41, None, 0.78, None, 0.5])
    gauge.send(status(readings[0], rows=readings, notice="a note", recording="a.mp4"))
    assert violations(gauge) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("query", ["", "?skin=needle"])
def test_a_page_without_its_gauge_has_no_violation(
    open_page: OpenPage, query: str, theme: str
) -> None:
    gauge = open_page(query, color_scheme=theme, reduced_motion="reduce")
    gauge.show(State.SETTLED, 0.83)
    gauge.reachable = False
    gauge.sockets[-1].close(code=1001)
    gauge.wait_for_link("ended")
    assert violations(gauge) == []


def test_every_control_is_reached_by_the_keyboard_and_shows_it(open_page: OpenPage) -> None:
    gauge = open_page()
    gauge.show(State.NEUTRAL)
    gauge.page.keyboard.press("d")
    reached = []
    for _ in range(12):
        gauge.page.keyboard.press("Tab")
        gauge.show(State.NEUTRAL)
        reached.append(
            gauge.page.evaluate(
                """() => {
                  const at = document.activeElement, outline = getComputedStyle(at).outlineStyle;
                  return [at.id || at.dataset.key || at.className, outline !== "none"];
                }"""
            )
        )
    names = [name for name, _ in reached]
    assert {"skip", "theme", "details-switch", "q", "n", "e", "g", "r", "shortcuts"} <= set(names)
    assert all(visible for name, visible in reached if name)


def test_quitting_gives_the_focus_back(open_page: OpenPage) -> None:
    gauge = open_page()
    gauge.show(State.NEUTRAL)
    gauge.page.locator("[data-key=q]").focus()
    gauge.page.keyboard.press("Enter")
    assert gauge.page.evaluate("document.activeElement.id") == "quit-no"
    gauge.page.keyboard.press("Enter")
    assert gauge.page.evaluate("document.activeElement.dataset.key") == "q"
