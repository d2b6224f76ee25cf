"""Queues of connected clients: bounded, newest wins, drops counted."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager

MAX_CLIENTS = 128  # streams of all doors together
BOUND = 64  # events that wait for one client


class ClientQueue:
    """Texts for one client, and the newest status. Owned by the event loop's thread."""

    def __init__(self, bound: int = BOUND) -> None:
        self._events: deque[str] = deque()
        self._status = ""
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

    def put_status(self, text: str) -> None:
        """Replace the status that waits."""
        self._status = text
        self._changed.set()

    def end(self) -> None:
        """Let the client go once it has taken what waits."""
        self.ended = True
        self._changed.set()

    async def take(self, within_s: float | None = None) -> list[str]:
        """Return what waits, oldest first, the status last; empty after `within_s` or the end."""
        if not self._changed.is_set():
            try:
                await asyncio.wait_for(self._changed.wait(), within_s)
            except TimeoutError:
                return []
        texts = [*self._events, *filter(None, (self._status,))]
        self._events.clear()
        self._status = ""
        if not self.ended:
            self._changed.clear()
        return texts


class Clients:
    """Queues of all connected clients, by door (ws, events, video)."""

    def __init__(self, most: int = MAX_CLIENTS) -> None:
        self._most = most
        self._queues: dict[ClientQueue, str] = {}
        self._dropped_before = 0

    @property
    def full(self) -> bool:
        """Whether no further client may join."""
        return len(self._queues) >= self._most

    @property
    def dropped(self) -> int:
        """Events that clients were too slow for, those of clients that left included."""
        return self._dropped_before + sum(queue.dropped for queue in self._queues)

    def count(self) -> Counter[str]:
        """Return the number of clients of each door."""
        return Counter(self._queues.values())

    @contextmanager
    def join(self, door: str) -> Iterator[ClientQueue]:
        """Give a client its queue while it is connected."""
        queue = ClientQueue()
        self._queues[queue] = door
        try:
            yield queue
        finally:
            del self._queues[queue]
            self._dropped_before += queue.dropped

    def of(self, door: str) -> list[ClientQueue]:
        """Return the queues of a door."""
        return [queue for queue, its in self._queues.items() if its == door]

    def end(self) -> None:
        """Let every client go."""
        for queue in self._queues:
            queue.end()
