"""The page of the real gauge, in a real Chromium, on the demo clip."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from command_line import DEMO
from served_gauge import WATCH, serve
from servers import Ffmpeg

from realtime.view.words.catalogue import text

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

NUMBERS = 12  # readings with a number, and as many positions of the needle
START_MS, MOST_MS = 60_000, 60_000
WATCH_NEEDLE = """() => {
  window.angles = new Set();
  const needle = document.querySelector(".turn");
  new MutationObserver(() => window.angles.add(needle.style.transform))
    .observe(needle, { attributes: true, attributeFilter: ["style"] });
}"""
WATCH_LINK = """() => {
  window.links = [];
  new MutationObserver(() => window.links.push(
    [document.body.dataset.link, document.getElementById("number").hidden]
  )).observe(document.body, { attributes: true, attributeFilter: ["data-link"] });
}"""


@pytest.fixture(autouse=True)
def _needs_the_server() -> None:
    pytest.importorskip("uvicorn")
    pytest.importorskip("starlette")


def open_live(browser: Browser, url: str) -> Page:
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.set_default_timeout(START_MS)
    page.errors = []  # type: ignore[attr-defined]
    page.on("pageerror", lambda error: page.errors.append(str(error)))  # type: ignore[attr-defined]
    page.goto(url)
    page.locator("body[data-link=live]").wait_for()
    return page


def wait_for(page: Page, condition: str) -> None:
    """Wait until a script is true; `wait_for_function` would need eval, which the page forbids."""
    for _ in range(MOST_MS // 100):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"{condition} did not become true")


def test_needle_and_numbers_follow_the_demo(browser: Browser) -> None:
    with serve() as gauge:
        page = open_live(browser, gauge.url)
        page.evaluate(WATCH)
        page.evaluate(WATCH_NEEDLE)
        numbers = "window.shown.filter(([, percent]) => percent !== '').length"
        wait_for(page, f"{numbers} >= {NUMBERS} && window.angles.size >= {NUMBERS}")
        shown = page.evaluate("window.shown")
        assert page.errors == []  # type: ignore[attr-defined]
        page.close()
    recorded = gauge.by_time()
    compared = [(recorded[at_s], percent) for at_s, percent, _ in shown if at_s in recorded]
    assert len(compared) > NUMBERS
    for row, percent in compared:
        p = row["p_genuine"]
        assert percent == ("" if p is None else f"{100 * float(str(p)):.0f}"), row


def test_it_turns_grey_when_the_gauge_is_killed_and_comes_back(browser: Browser) -> None:
    with serve() as gauge:
        page = open_live(browser, gauge.url)
        page.evaluate(WATCH_LINK)
        gauge.process.kill()
        page.locator("body[data-link=lost]").wait_for()
        assert page.locator("#number").is_hidden()
        assert page.evaluate("window.links[0]") == ["lost", True]
        assert "cannot be reached" in page.locator("#phrase").inner_text()
    with serve(urlsplit(gauge.url).port or 0):
        page.locator("body[data-link=live]").wait_for()
        assert page.locator("#link").inner_text() == "live"
        page.close()


def test_it_turns_grey_when_the_source_is_killed_and_comes_back(browser: Browser) -> None:
    ffmpeg = pytest.importorskip("imageio_ffmpeg").get_ffmpeg_exe()
    camera = Ffmpeg(ffmpeg)
    camera.start()
    try:
        with serve(0, ("--url", camera.url)) as gauge:
            page = open_live(browser, gauge.url)
            page.locator("body[data-link=live][data-state=no_face]").wait_for()
            camera.kill()
            page.locator("body[data-link=live][data-state=no_signal]").wait_for()
            assert page.locator("#number").is_hidden()
            camera.start()
            page.locator("body[data-link=live][data-state=no_face]").wait_for()
            page.close()
    finally:
        camera.kill()


def test_guided_use_is_started_led_and_ended_in_the_page(browser: Browser, tmp_path: Path) -> None:
    clip = ("--replay", str(DEMO), "--loop", "--emotion", "surprise")
    with serve(0, clip, tmp_path / "readings.jsonl") as gauge:
        page = open_live(browser, gauge.url)
        assert page.locator("#guide-bar").is_hidden()
        page.get_by_role("button", name="guide").click()
        page.locator("#guide-bar").wait_for()
        page.keyboard.press(" ")  # that button has the focus no longer
        page.get_by_text(text("guide.relax")).wait_for()
        page.keyboard.press("u")
        page.locator("#guide-bar").wait_for(state="hidden")
        assert page.errors == []  # type: ignore[attr-defined]
        page.close()
