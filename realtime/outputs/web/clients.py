"""Queues of connected clients: bounded, newest wins, drops counted."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

MAX_CLIENTS = 128  # streams of all doors together
BOUND = 64  # events that wait for one client
WAITING_BYTES = 16_384  # that the socket has not taken, above which a client counts as behind


class ClientQueue:
    """Texts for one client. Owned by the event loop's thread."""

    def __init__(self, bound: int = BOUND) -> None:
        self._events: deque[str] = deque()
        self._bound, self._changed = bound, asyncio.Event()
        self.dropped = 0
        self.ended = False

    def put(self, text: str) -> None:
        """Add an event; the oldest one makes room."""
        if len(self._events) == self._bound:
            self._events.popleft()
            self.dropped += 1
        self._events.append(text)
        self._changed.set()

    def end(self) -> None:
        """Let the client go once it has taken what waits."""
        self.ended = True
        self._changed.set()

    async def take(self, within_s: float | None = None) -> list[str]:
        """Return what waits, oldest first; empty after `within_s` or the end."""
        if not self._changed.is_set():
            try:
                await asyncio.wait_for(self._changed.wait(), within_s)
            except TimeoutError:
                return []
        texts = [*self._events]
        self._events.clear()
        if not self.ended:
            self._changed.clear()
        return texts


class PageClient:
    """WebSocket client that whole frames are written to, past the protocol's task and queue.

    A hundred tasks woken up ten times a second would hold Python's global lock and make readings
    older; a hundred writes take a millisecond. While the client is behind, what
    is new waits here.
    Owned by the event loop's thread.
    """

    def __init__(self, transport: asyncio.WriteTransport, bound: int = BOUND) -> None:
        self._transport, self._bound = transport, bound
        self._events: deque[bytes] = deque()
        self._status = b""
        self.dropped = 0
        self.ending = asyncio.Event()

    def put(self, frame: bytes) -> None:
        """Send an event after those that wait; the oldest makes room."""
        if len(self._events) == self._bound:
            self._events.popleft()
            self.dropped += 1
        self._events.append(frame)
        self.flush()

    def put_status(self, frame: bytes) -> None:
        """Send a status after the events, in place of one that still waits."""
        self._status = frame
        self.flush()

    def flush(self) -> None:
        """Write what waits unless the client is behind."""
        waiting = [*self._events, *filter(None, (self._status,))]
        if not waiting or not self._may_write:
            return
        self._events.clear()
        self._status = b""
        self._transport.write(waiting[0] if len(waiting) == 1 else b"".join(waiting))

    @property
    def _may_write(self) -> bool:
        behind = self._transport.get_write_buffer_size() > WAITING_BYTES
        return not behind and not self._transport.is_closing()

    @property
    def waits(self) -> bool:
        """Whether events still wait for an open socket."""
        return bool(self._events) and not self._transport.is_closing()

    def end(self) -> None:
        """Let the client go."""
        self.ending.set()


def text_frame(text: str) -> bytes:
    """Return a text message as the one unmasked frame that a server sends (RFC 6455)."""
    payload = text.encode()
    length = len(payload)
    if length < 126:
        return bytes((0x81, length)) + payload
    if length < 1 << 16:
        return bytes((0x81, 126)) + length.to_bytes(2, "big") + payload
    return bytes((0x81, 127)) + length.to_bytes(8, "big") + payload


Client = TypeVar("Client", ClientQueue, PageClient)


class Clients:
    """All connected clients: pages, and the queues of other doors (events, video)."""

    def __init__(self, most: int = MAX_CLIENTS) -> None:
        self._most = most
        self._doors: dict[ClientQueue | PageClient, str] = {}
        self._dropped_before = 0

    @property
    def full(self) -> bool:
        """Whether no further client may join."""
        return len(self._doors) >= self._most

    @property
    def dropped(self) -> int:
        """Events that clients were too slow for, those of clients that left included."""
        return self._dropped_before + sum(client.dropped for client in self._doors)

    def count(self) -> Counter[str]:
        """Return the number of clients of each door."""
        return Counter(self._doors.values())

    @contextmanager
    def join(self, door: str, client: Client) -> Iterator[Client]:
        """Count `client` among those of `door` while it is connected."""
        self._doors[client] = door
        try:
            yield client
        finally:
            del self._doors[client]
            self._dropped_before += client.dropped

    @property
    def pages(self) -> list[PageClient]:
        """The clients of WebSockets."""
        return [client for client in self._doors if isinstance(client, PageClient)]

    def queues(self, door: str) -> list[ClientQueue]:
        """Return the queues of a door."""
        of_door = [client for client, its in self._doors.items() if its == door]
        return [client for client in of_door if isinstance(client, ClientQueue)]

    def end(self) -> None:
        """Let every client go."""
        for client in self._doors:
            client.end()
