"""A real Chromium for the tests of a module, and the page in it with a gauge staged by hand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from staged_page import OpenPage, StagedGauge, chromium, open_browser

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    pytest.importorskip("playwright", reason="Playwright is missing; pip install playwright")
    if chromium() is None:
        pytest.skip("Chromium is missing; apt-get install chromium")
    with open_browser() as browser:
        yield browser


@pytest.fixture
def open_page(browser: Browser) -> Iterator[OpenPage]:
    """Open a staged page; options of the browser's context may be given."""
    opened = []

    def open_page(query: str = "", *, video: bytes | None = None, **options: object) -> StagedGauge:
        size = {"width": 1280, "height": 800}
        context = browser.new_context(**{"viewport": size, **options})  # type: ignore[arg-type]
        context.set_default_timeout(15_000)
        opened.append(context)
        gauge = StagedGauge(context.new_page(), query, video=video)
        gauge.open()
        return gauge

    yield open_page
    for context in opened:
        context.close()
