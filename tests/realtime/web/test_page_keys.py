"""The keys of the page in a real Chromium."""

from __future__ import annotations

from staged_page import OpenPage

from realtime.core.messages import State
from realtime.view import phrases


def test_keys_do_what_they_do_in_the_terminal(open_page: OpenPage) -> None:
    gauge = open_page()
    gauge.show(State.NEUTRAL)
    assert gauge.page.locator("#keys button:visible").all_inner_texts() == [
        f"{key} {meaning}"
        for key, meaning in phrases.key_meanings()
        if key not in (phrases.DETAILS, phrases.GUIDE)
    ]
    gauge.page.keyboard.press("n")
    gauge.page.keyboard.press("Control+e")
    gauge.page.keyboard.press("x")
    gauge.wait(0.2)
    gauge.page.get_by_role("button", name="ghosts").click()
    gauge.page.wait_for_timeout(50)
    assert gauge.keys == [{"key": "n"}, {"key": "g"}]


def test_a_key_that_is_held_or_hammered_is_sent_seldom(open_page: OpenPage) -> None:
    gauge = open_page()
    gauge.show(State.NEUTRAL)
    for _ in range(10):
        gauge.page.keyboard.press("e")
    gauge.page.wait_for_timeout(50)
    assert gauge.keys == [{"key": "e"}]


def test_quitting_asks_first(open_page: OpenPage) -> None:
    gauge = open_page()
    gauge.show(State.NEUTRAL)
    gauge.page.keyboard.press("q")
    assert gauge.page.locator("dialog").is_visible()
    gauge.page.keyboard.press("Escape")
    assert gauge.page.locator("dialog").is_hidden()
    gauge.page.keyboard.press("q")
    gauge.page.get_by_role("button", name="End the gauge").click()
    gauge.page.wait_for_timeout(50)
    assert gauge.keys == [{"key": "q"}]


def test_single_letter_keys_can_be_switched_off(open_page: OpenPage) -> None:
    gauge = open_page()
    gauge.show(State.NEUTRAL)
    gauge.page.keyboard.press("d")
    gauge.page.get_by_label("Single-letter keys").uncheck()
    gauge.page.keyboard.press("n")
    gauge.page.wait_for_timeout(50)
    assert gauge.keys == []
