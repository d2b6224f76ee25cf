"""What the page shows of its connection: live, of earlier, ended, refused."""

from __future__ import annotations

import pytest
from staged_page import OpenPage, link, status, text, verdict

from realtime.core.messages import State


def test_what_is_not_of_now_is_grey_within_a_second(open_page: OpenPage) -> None:
    gauge = open_page()
    gauge.show(State.SETTLED, 0.83)
    assert link(gauge) == "live"
    gauge.wait(0.7)
    assert link(gauge) == "live"
    gauge.wait(0.3)
    assert link(gauge) == "stale"
    assert gauge.page.locator("#number").is_hidden()
    assert gauge.page.locator("#keys button").first.is_disabled()
    gauge.show(State.SETTLED, 0.84)
    assert link(gauge) == "live"
    assert text(gauge, "percent") == "84"


def test_a_verdict_that_is_not_renewed_is_grey_although_messages_come(open_page: OpenPage) -> None:
    gauge = open_page()
    gauge.show(State.SETTLED, 0.83)
    row = verdict(gauge.at_s, State.SETTLED, 0.83)
    for _ in range(12):
        gauge.wait(0.1)
        gauge.send(status(row))
    assert link(gauge) == "stale"
    assert gauge.page.locator("#number").is_hidden()


def test_a_source_without_signal_is_grey(open_page: OpenPage) -> None:
    gauge = open_page(reduced_motion="reduce")
    opacity = "getComputedStyle(document.querySelector('.stage')).opacity"
    gauge.show(State.NO_FACE)
    assert gauge.page.evaluate(opacity) == "1"
    gauge.show(State.NO_SIGNAL, None, reason="the camera was unplugged")
    assert gauge.page.evaluate(opacity) == "0.45"
    assert link(gauge) == "live"


def test_it_comes_back_by_itself_with_growing_pauses(open_page: OpenPage) -> None:
    gauge = open_page()
    gauge.show(State.SETTLED, 0.83)
    gauge.reachable = False
    gauge.sockets[-1].close(code=1001)
    gauge.wait_for_link("ended")
    assert text(gauge, "phrase") == "the gauge has ended; waiting for it to start again"
    for _ in range(4):
        gauge.wait(0.65)
        gauge.page.wait_for_timeout(60)
    assert 2 <= len(gauge.sockets) <= 3  # after 0.5 s and 1 s, a fifth earlier or later
    gauge.reachable, before = True, len(gauge.sockets)
    for _ in range(100):
        gauge.wait(0.1)
        gauge.page.wait_for_timeout(20)
        if len(gauge.sockets) > before:
            break
    gauge.show(State.SETTLED, 0.77)
    assert link(gauge) == "live"
    assert text(gauge, "percent") == "77"


@pytest.mark.parametrize(("code", "words"), [(401, "its token"), (503, "too many viewers")])
def test_it_says_why_it_was_refused(open_page: OpenPage, code: int, words: str) -> None:
    gauge = open_page()
    gauge.status_code = code
    gauge.sockets[-1].close(code=1011)
    gauge.wait_for_link("refused")
    assert words in text(gauge, "phrase")
