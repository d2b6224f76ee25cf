"""One-slot hand-over between two threads; the writer waits for the reader only on request."""

from __future__ import annotations

import threading
from typing import Generic, TypeVar

T = TypeVar("T")


class Mailbox(Generic[T]):
    """One-slot queue: one thread puts, one thread takes, any thread may `close`.

    A put transfers ownership of the item; an item that a put returns belongs to the caller again,
    who counts it. After `close` puts are refused, but the item in the slot can still be taken.
    Items are never None.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._item: T | None = None
        self._closed = False

    def put(self, item: T) -> T | None:
        """Replace the slot's item ; return the displaced item, or `item` itself if closed."""
        with self._changed:
            if self._closed:
                return item
            displaced, self._item = self._item, item
            self._changed.notify_all()
            return displaced

    def put_blocking(self, item: T, timeout_s: float) -> bool:
        """Put `item` once the slot is empty; return False on timeout or if closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._item is None or self._closed, timeout_s)
            if self._item is not None or self._closed:
                return False
            self._item = item
            self._changed.notify_all()
            return True

    def take(self, timeout_s: float) -> T | None:
        """Return the item, waiting at most `timeout_s`; None on timeout or if `finished`."""
        with self._changed:
            self._changed.wait_for(lambda: self._item is not None or self._closed, timeout_s)
            item, self._item = self._item, None
            self._changed.notify_all()
            return item

    def close(self) -> None:
        """Refuse further puts and wake all waiting threads; idempotent."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    @property
    def closed(self) -> bool:
        """Whether puts are refused."""
        with self._changed:
            return self._closed

    @property
    def finished(self) -> bool:
        """Whether the mailbox is closed and its slot empty."""
        with self._changed:
            return self._closed and self._item is None
