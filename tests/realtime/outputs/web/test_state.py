from __future__ import annotations

import asyncio
import json
import time

import pytest
from gauge_moments import snapshot

from realtime.outputs.events import Event
from realtime.outputs.web.clients import ClientQueue, PageClient
from realtime.outputs.web.state import KEYS_WAITING, STALE_S, WebState


class Page:
    """Double of a transport that keeps the payloads of text frames."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def write(self, data: bytes) -> None:
        _, payload = data.split(b"{", 1)
        self.texts.append("{" + payload.decode())

    def is_closing(self) -> bool:
        return False

    def get_write_buffer_size(self) -> int:
        return 0


def test_an_event_goes_to_every_stream_in_its_form() -> None:
    async def run() -> None:
        state, page = WebState(), Page()
        queue = ClientQueue()
        client = PageClient(page)  # type: ignore[arg-type]
        with state.clients.join("ws", client), state.clients.join("events", queue):
            state.publish(Event(1, {"type": "run"}, 0.0))
        assert page.texts == ['{"type": "run"}']
        (sse,) = await queue.take()
        assert 'data: {"type": "run"}\n\n' in sse

    asyncio.run(run())


def test_a_status_is_made_for_pages_alone() -> None:
    async def run() -> None:
        state, page = WebState(), Page()
        state.show(snapshot())
        state.publish_status()
        assert state.statuses == 0
        queue = ClientQueue()
        client = PageClient(page)  # type: ignore[arg-type]
        with state.clients.join("ws", client), state.clients.join("events", queue):
            state.publish_status()
        assert json.loads(page.texts[0])["web"] == {"clients": 2, "dropped": 0}
        assert await queue.take(0.001) == []

    asyncio.run(run())


def test_before_the_first_snapshot_there_is_no_status() -> None:
    with pytest.raises(LookupError):
        WebState().status_text()


def test_keys_come_in_order_and_are_bounded() -> None:
    state = WebState()
    assert [state.press("n") for _ in range(KEYS_WAITING)] == [True] * KEYS_WAITING
    assert not state.press("q")
    assert [state.next_key() for _ in range(KEYS_WAITING + 1)] == ["n"] * KEYS_WAITING + [None]


def test_a_gauge_that_shows_nothing_new_is_not_healthy(monkeypatch: pytest.MonkeyPatch) -> None:
    now_s = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now_s[0])
    state = WebState()
    assert not state.healthy
    state.show(snapshot())
    assert state.healthy
    now_s[0] += STALE_S
    assert not state.healthy
