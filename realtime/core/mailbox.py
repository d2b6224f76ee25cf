"""A mailbox with one slot between two threads: who writes never waits for who reads, unless asked to."""

from __future__ import annotations

import threading
from typing import Generic, TypeVar

T = TypeVar("T")


class Mailbox(Generic[T]):
    """One slot. The writing thread calls the `put`s, the reading thread `take`; anyone may `close`.

    Whoever holds an item owns it: a put hands it over, and what a put returns belongs to the caller again, who counts
    it. After `close` nothing more comes in, and what lies in the slot can still be taken. Items are never None.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._item: T | None = None
        self._closed = False

    def put(self, item: T) -> T | None:
        """Leave the newest item at once. Returns what nobody will take: the older item, or `item` itself if closed."""
        with self._changed:
            if self._closed:
                return item
            displaced, self._item = self._item, item
            self._changed.notify_all()
            return displaced

    def put_blocking(self, item: T, timeout_s: float) -> bool:
        """Leave `item` once the slot is free; False if it was not free in time, or the mailbox is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._item is None or self._closed, timeout_s)
            if self._item is not None or self._closed:
                return False
            self._item = item
            self._changed.notify_all()
            return True

    def take(self, timeout_s: float) -> T | None:
        """The item, waiting for one at most `timeout_s`; None if none came. `finished` says whether one still may."""
        with self._changed:
            self._changed.wait_for(lambda: self._item is not None or self._closed, timeout_s)
            item, self._item = self._item, None
            self._changed.notify_all()
            return item

    def close(self) -> None:
        """Let nothing more in and wake everyone who waits; harmless when called again."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    @property
    def closed(self) -> bool:
        """Whether nothing more comes in."""
        with self._changed:
            return self._closed

    @property
    def finished(self) -> bool:
        """Whether nothing more can be taken: closed, and the slot is empty."""
        with self._changed:
            return self._closed and self._item is None
