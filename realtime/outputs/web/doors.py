"""Streams that clients read: WebSocket, server-sent events, and pictures."""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from collections.abc import AsyncIterator

from starlette.responses import PlainTextResponse
from starlette.websockets import WebSocket, WebSocketDisconnect

from realtime.core.messages import State
from realtime.landmarks.points40 import FACE_LINES
from realtime.outputs.web.clients import ClientQueue, PageClient, text_frame
from realtime.outputs.web.content.pictures import PICTURE_HZ, Pictures, multipart
from realtime.outputs.web.state import WebState
from realtime.view import phrases
from realtime.view.records.rows import SCHEMA
from realtime.view.terminal.pb_map import HIGHEST, LEFT, RIGHT
from realtime.view.words import catalogue

STATUS_HZ = 10.0
FLUSH_S = 0.01  # between two tries to send the last messages
HEARTBEAT_S = 5.0  # of an event stream without events
KEY_BYTES = 256  # of a client's message
KEYS_PER_S = 10
GONE, UNWANTED = 1001, 1008  # close codes
FULL = "too many clients are connected"
KEYS = frozenset((*phrases.KEYS, phrases.NEXT)) - {phrases.DETAILS}  # which is the page's own


async def serve_websocket(websocket: WebSocket, state: WebState) -> None:
    """Send hello, the run, its last minute, then events and statuses until either side ends."""
    if state.clients.full:
        await websocket.send_denial_response(PlainTextResponse(f"{FULL}\n", 503))
        return
    await websocket.accept()
    transport = state.connections.transport(websocket.scope["client"])
    if transport is None:  # it has gone meanwhile
        return
    with state.clients.join("ws", PageClient(transport)) as page:
        for text in _first_messages(state):
            page.put(text_frame(text))
        code = await _close_code(page, asyncio.create_task(_read_keys(websocket, state)))
    if code is not None:
        await websocket.close(code)


async def _close_code(page: PageClient, reader: asyncio.Task[None]) -> int | None:
    """Return the code to close with, once either side ends; None if the client has left."""
    ending = asyncio.create_task(page.ending.wait())
    await asyncio.wait((reader, ending), return_when="FIRST_COMPLETED")
    ending.cancel()
    if reader.done():
        return UNWANTED if reader.exception() is None else None
    reader.cancel()
    while page.waits:  # bounded by the server's farewell
        await asyncio.sleep(FLUSH_S)
        page.flush()
    return GONE


async def event_stream(
    state: WebState, queue: ClientQueue, last_id: str | None
) -> AsyncIterator[str]:
    """Yield events in SSE form; those after `last_id` first. Without it, the run's line."""
    if last_id is not None:
        for sent in state.history.after(last_id):
            yield sent.sse
    elif state.history.run is not None:
        yield state.history.run.sse
    yield ": connected\n\n"
    while True:
        texts = await queue.take(HEARTBEAT_S)
        if queue.ended and not texts:
            return
        yield "".join(texts) or ": no event\n\n"


async def picture_stream(queue: ClientQueue, pictures: Pictures) -> AsyncIterator[bytes]:
    """Yield the newest picture whenever there is a new one, until the queue ends."""
    shown = -1
    while not queue.ended:
        began_s = time.monotonic()
        index, jpeg = await pictures.newest()
        if index != shown:
            shown = index
            yield multipart(jpeg)
        await asyncio.sleep(max(0.0, 1 / PICTURE_HZ - (time.monotonic() - began_s)))


def hello(state: WebState) -> str:
    """Return the first message of a WebSocket: what the page needs to know once."""
    limits = {"left": LEFT, "right": RIGHT, "highest": HIGHEST}
    return json.dumps(
        {
            "type": "hello",
            "schema": SCHEMA,
            "version": state.version,
            "video": state.video,
            "keys": [each for each in _key_meanings() if each[0] in KEYS],
            "lines": FACE_LINES,
            "states": [each.value for each in State],
            "pb_limits": limits | {"fake": [0.0, 0.0], "genuine": [1.0, 0.0]},
            "status_hz": STATUS_HZ,
        }
    )


def _key_meanings() -> list[tuple[str, str]]:
    return [*phrases.key_meanings(), (phrases.NEXT, catalogue.text("page.next"))]


class KeyReader:
    """Checks what a client sends: keys of the gauge, small, and not too many a second."""

    def __init__(self) -> None:
        self._times_s: deque[float] = deque(maxlen=KEYS_PER_S)

    def read(self, text: str | None, now_s: float) -> str | None:
        """Return the key of a message; None for any other message, or too many of them."""
        too_fast = len(self._times_s) == KEYS_PER_S and now_s - self._times_s[0] < 1
        self._times_s.append(now_s)
        if too_fast or text is None or len(text) > KEY_BYTES:
            return None
        try:
            message = json.loads(text)
        except (ValueError, RecursionError):
            return None
        known = isinstance(message, dict) and [*message] == ["key"]
        key = message["key"] if known else None
        return key if isinstance(key, str) and key in KEYS else None


async def _read_keys(websocket: WebSocket, state: WebState) -> None:
    """Take keys until one is unwanted; raises WebSocketDisconnect when the client leaves."""
    keys = KeyReader()
    while True:
        message = await websocket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", GONE))
        key = keys.read(message.get("text"), time.monotonic())
        if key is None:
            return
        state.press(key)


def _first_messages(state: WebState) -> list[str]:
    run = state.history.run
    return [hello(state), *([run.text] if run else []), state.history.newest_text()]
