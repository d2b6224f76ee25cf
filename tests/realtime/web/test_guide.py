"""Guided use in the page: its keys, and both takes side by side."""

from __future__ import annotations

from dataclasses import replace

import pytest
from guided_moments import pair, take
from staged_page import OpenPage, StagedGauge, guide, text

from realtime.core.messages import State
from realtime.core.snapshot import TakeKind, TakePair, TakePoint
from realtime.view.take_words import comparison, take_rows
from realtime.view.words import catalogue

TWO = pair(0.8, 0.3)
NONE = {"offered": False, "running": False, "result": None}
OFFERED = {**NONE, "offered": True}
PLOTS = ("movement", "genuine")


def show(gauge: StagedGauge, *pairs: TakePair) -> None:
    """Show guided use that runs, with these takes."""
    gauge.show(State.NEUTRAL, caption="do this", guide=guide(*pairs))


def pressed(gauge: StagedGauge) -> list[object]:
    """Return what the page has sent, and let the pause between two keys go by."""
    gauge.page.wait_for_timeout(50)
    gauge.wait(0.2)
    return gauge.keys


def focused(gauge: StagedGauge) -> str:
    name: str = gauge.page.evaluate(
        "document.activeElement.id || document.activeElement.dataset.key"
    )
    return name


def curves(gauge: StagedGauge, plot: str) -> list[str]:
    """Return the paths of both takes."""
    return [each.get_attribute("d") or "" for each in gauge.page.locator(f"#{plot} .curve").all()]


def test_the_button_is_there_while_guided_use_is_offered(open_page: OpenPage) -> None:
    gauge = open_page()
    button = gauge.page.locator("[data-key=u]")
    gauge.show(State.NEUTRAL, guide=NONE)
    assert button.is_hidden()
    gauge.page.keyboard.press("u")
    assert pressed(gauge) == []
    gauge.show(State.NEUTRAL, guide=OFFERED)
    assert (button.inner_text(), button.get_attribute("aria-pressed")) == ("u guide", "false")
    gauge.page.keyboard.press("u")
    assert pressed(gauge) == [{"key": "u"}]
    show(gauge)
    assert button.get_attribute("aria-pressed") == "true"


def test_a_page_whose_gauge_takes_no_such_key_shows_none(open_page: OpenPage) -> None:
    gauge = open_page()
    gauge.send({"type": "hello", "keys": [["n", "neutral"]], "lines": [], "video": False,
                "pb_limits": {"left": 0, "right": 1, "highest": 1}})  # fmt: skip
    show(gauge)
    assert text(gauge, "caption") == "do this"
    assert gauge.page.locator("[data-key=u], #next").locator("visible=true").count() == 0
    gauge.page.keyboard.press("u")
    gauge.page.keyboard.press(" ")
    assert pressed(gauge) == []


def test_the_space_bar_goes_on_and_does_nothing_else(open_page: OpenPage) -> None:
    gauge = open_page(viewport={"width": 390, "height": 500})
    show(gauge)
    gauge.page.keyboard.press(" ")
    assert pressed(gauge) == [{"key": " "}]
    assert gauge.page.evaluate("scrollY") == 0
    gauge.page.get_by_role("button", name="next step").click()
    assert pressed(gauge) == [{"key": " "}] * 2


def test_without_a_caption_the_space_bar_is_the_browser_s(open_page: OpenPage) -> None:
    gauge = open_page(viewport={"width": 390, "height": 500})
    gauge.show(State.NEUTRAL, guide=OFFERED)
    gauge.page.keyboard.press(" ")
    assert pressed(gauge) == []
    gauge.page.wait_for_function("scrollY > 0")


def test_after_the_button_the_space_bar_does_not_end_what_it_began(open_page: OpenPage) -> None:
    gauge = open_page()
    gauge.show(State.NEUTRAL, guide=OFFERED)
    gauge.page.locator("[data-key=u]").focus()
    gauge.page.keyboard.press("Enter")
    assert pressed(gauge) == [{"key": "u"}]
    show(gauge)
    assert focused(gauge) == "next"
    gauge.page.keyboard.press(" ")
    assert pressed(gauge) == [{"key": "u"}, {"key": " "}]
    gauge.show(State.NEUTRAL, guide=OFFERED)
    assert focused(gauge) == "u"


def test_who_uses_another_button_keeps_the_focus(open_page: OpenPage) -> None:
    gauge = open_page()
    gauge.show(State.NEUTRAL, guide=OFFERED)
    gauge.page.locator("#theme").focus()
    show(gauge)
    gauge.page.keyboard.press(" ")
    assert focused(gauge) == "theme"
    assert pressed(gauge) == []
    assert gauge.page.locator("html").get_attribute("data-theme") == "dark"


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_takes_are_side_by_side_in_the_words_of_the_terminal(
    open_page: OpenPage, language: str
) -> None:
    catalogue.choose_language(language, {})
    gauge = open_page()
    show(gauge, pair(0.6, 0.5), TWO)
    lines = gauge.page.locator("#takes tbody tr").all()
    shown = [line.locator("th, td").all_inner_texts() for line in lines]
    assert shown == [list(line) for line in take_rows(TWO)]
    heads = gauge.page.locator("#takes thead th").all_inner_texts()
    assert heads == [catalogue.text("take.felt"), catalogue.text("take.posed")]
    assert text(gauge, "comparison") == comparison(TWO)
    assert text(gauge, "earlier").endswith("60 % / 50 %")
    assert catalogue.text("take.honest") in gauge.page.locator("#takes-panel").inner_text()
    assert gauge.errors == []


def test_the_curves_are_over_each_other_and_differ_without_colour(open_page: OpenPage) -> None:
    gauge = open_page()
    show(gauge, TWO)
    dashes = gauge.page.locator("#movement .curve").evaluate_all(
        "(curves) => curves.map((curve) => getComputedStyle(curve).strokeDasharray)"
    )
    assert dashes[0] == "none"
    assert dashes[1] != "none"
    names = [gauge.page.locator(f"#{name}").get_attribute("aria-label") for name in PLOTS]
    assert names == [
        "movement (1: wide); felt take: from 0.1 to 1.0; posed take: from 0.1 to 1.0",
        "% genuine; felt take: from 80 to 80; posed take: from 30 to 30",
    ]
    same, also_same = curves(gauge, "movement")
    assert same == also_same
    felt, posed = (float(each.split()[1].split("h")[0]) for each in curves(gauge, "genuine"))
    assert felt < posed  # a larger number is higher up


def test_a_wide_movement_ends_the_scale_at_a_number_whose_half_is_exact(
    open_page: OpenPage,
) -> None:
    gauge = open_page()
    wide = replace(take(), points=(TakePoint(0.0, 0.2, None), TakePoint(1.0, 1.31, 0.6)))
    show(gauge, TakePair("happiness", wide))
    assert gauge.page.locator("#movement text").all_text_contents()[:3] == ["1.4", "0.7", "0.0"]
    show(gauge, TWO)
    assert gauge.page.locator("#movement text").all_text_contents()[:3] == ["1.0", "0.5", "0.0"]


def test_a_missed_take_has_no_curve_and_says_so(open_page: OpenPage) -> None:
    gauge = open_page()
    show(gauge, TakePair("happiness", None, take(TakeKind.POSED, 0.4)))
    assert catalogue.text("take.none") in text(gauge, "takes")
    name = gauge.page.locator("#genuine").get_attribute("aria-label") or ""
    assert "felt take: no curve" in name
    assert gauge.page.locator("#genuine .felt").get_attribute("d") == ""


@pytest.mark.parametrize("width", [320, 390, 820, 1280])
def test_the_takes_fit_on_every_screen(open_page: OpenPage, width: int) -> None:
    gauge = open_page(viewport={"width": width, "height": 800})
    show(gauge, TWO)
    assert gauge.page.evaluate("document.documentElement.scrollWidth") <= width
    top = gauge.page.locator("#takes-panel").bounding_box()
    assert top is not None
    assert top["y"] < 250  # the first thing below the header


def test_the_takes_go_with_guided_use_and_with_the_gauge(open_page: OpenPage) -> None:
    gauge = open_page()
    show(gauge, TWO)
    gauge.show(State.NEUTRAL, guide=OFFERED)
    assert gauge.page.locator("#takes-panel").is_hidden()
    show(gauge, TWO)
    gauge.reachable = False
    gauge.sockets[-1].close(code=1001)
    gauge.wait_for_link("ended")
    assert gauge.page.locator("#takes-panel, #guide-bar").locator("visible=true").count() == 0
    left = gauge.page.locator("#takes-panel").text_content() or ""
    assert [words for words in ("30 %", comparison(TWO), "happiness") if words in left] == []
