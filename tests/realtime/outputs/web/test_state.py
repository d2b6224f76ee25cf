from __future__ import annotations

import asyncio
import json
import time

import pytest
from gauge_moments import snapshot

from realtime.outputs.events import Event
from realtime.outputs.web.state import KEYS_WAITING, STALE_S, WebState


def test_an_event_goes_to_every_stream_in_its_form() -> None:
    async def run() -> None:
        state = WebState()
        with state.clients.join("ws") as page, state.clients.join("events") as program:
            state.publish(Event(1, {"type": "run"}, 0.0))
            assert await page.take() == ['{"type": "run"}']
            (sse,) = await program.take()
            assert 'data: {"type": "run"}\n\n' in sse

    asyncio.run(run())


def test_a_status_is_made_for_pages_alone() -> None:
    async def run() -> None:
        state = WebState()
        state.show(snapshot())
        state.publish_status()
        assert state.statuses == 0
        with state.clients.join("ws") as page, state.clients.join("events") as program:
            state.publish_status()
            (text,) = await page.take()
            assert json.loads(text)["web"] == {"clients": 2, "dropped": 0}
            assert await program.take(0.001) == []

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
