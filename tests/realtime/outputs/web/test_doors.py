from __future__ import annotations

import asyncio
import json
from types import SimpleNamespace

import pytest

pytest.importorskip("starlette")

from realtime.outputs.events import Event
from realtime.outputs.web.clients import ClientQueue
from realtime.outputs.web.doors import (
    KEY_BYTES,
    KEYS_PER_S,
    KeyReader,
    event_stream,
    hello,
    picture_stream,
)
from realtime.outputs.web.state import WebState


@pytest.mark.parametrize("key", ["q", "n", "e", "g", "r", "u", " "])
def test_keys_of_the_gauge_are_taken(key: str) -> None:
    assert KeyReader().read(json.dumps({"key": key}), 0.0) == key


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "n",
        '"n"',
        "[]",
        "{}",
        '{"key": "x"}',
        '{"key": ""}',
        '{"key": null}',
        '{"key": ["n"]}',
        '{"key": "n", "more": 1}',
        "[" * KEY_BYTES,
        '{"key": "n"}' + " " * KEY_BYTES,
    ],
)
def test_anything_else_is_not(text: str | None) -> None:
    assert KeyReader().read(text, 0.0) is None


def test_too_many_keys_a_second_are_not() -> None:
    keys, text = KeyReader(), '{"key": "n"}'
    assert [keys.read(text, 0.0) for _ in range(KEYS_PER_S + 1)] == ["n"] * KEYS_PER_S + [None]
    slow = KeyReader()
    assert all(slow.read(text, number / 8) for number in range(100))


def test_hello_holds_what_a_page_needs_once() -> None:
    said = json.loads(hello(WebState(video=True, version="1.2.3")))
    assert (said["type"], said["version"], said["video"]) == ("hello", "1.2.3", True)
    assert ["q", "quit"] in said["keys"]
    assert said["keys"][-2:] == [["u", "guide"], [" ", "next step"]]
    assert max(max(line) for line in said["lines"]) < 36  # the midpoints are on no line


def streamed(state: WebState, last_id: str | None) -> list[str]:
    """Return what an event stream sends whose queue ends at once."""

    async def run() -> list[str]:
        queue = ClientQueue()
        queue.put("new")
        queue.end()
        return [text async for text in event_stream(state, queue, last_id)]

    return asyncio.run(run())


def test_a_stream_of_events_begins_with_the_run_or_with_what_was_missed() -> None:
    state = WebState()
    for number, kind in enumerate(("run", "verdict", "verdict"), 1):
        state.publish(Event(number, {"type": kind}, 0.0))
    run, first, second = state.history.after("")
    assert streamed(state, None) == [run.sse, ": connected\n\n", "new"]
    assert streamed(state, first.id) == [second.sse, ": connected\n\n", "new"]


def test_pictures_are_sent_when_there_is_a_new_one() -> None:
    queue_pictures = iter([(-1, b""), (1, b"one"), (1, b"one"), (2, b"two")])

    async def run() -> list[bytes]:
        queue = ClientQueue()

        async def newest() -> tuple[int, bytes]:
            found = next(queue_pictures)
            if found[0] == 2:
                queue.end()
            return found

        pictures = SimpleNamespace(newest=newest)
        return [part async for part in picture_stream(queue, pictures)]  # type: ignore[arg-type]

    parts = asyncio.run(run())
    assert [part.split(b"\r\n")[4] for part in parts] == [b"one", b"two"]
