"""Event hub: hands the rows of a record, as events, to any number of slow or broken consumers."""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from dataclasses import dataclass

from realtime.view.records.rows import Row

BOUND = 256  # events a subscription holds unless it asks for another number


@dataclass(frozen=True, slots=True, eq=False)
class Event:
    """Row of a record on its way to other programs; `row` is shared and must not be changed.

    `number` counts all events of the hub, from 1. `published_s` is `time.monotonic()`.
    """

    number: int
    row: Row
    published_s: float

    @property
    def kind(self) -> str:
        """Return the row's type: run, verdict or summary."""
        return str(self.row["type"])

    @property
    def arrived_s(self) -> float:
        """Return when a verdict's frame arrived (monotonic); of another row, when it was made."""
        age_ms = self.row["age_ms"] if self.kind == "verdict" else 0.0
        assert isinstance(age_ms, (int, float))
        return self.published_s - age_ms / 1e3

    @property
    def text(self) -> str:
        """Return the JSON object, the same text as the line of a record."""
        return json.dumps(self.row, allow_nan=False)


class Subscription:
    """Bounded queue of one consumer, newest wins; `with` closes it.

    One thread takes. `dropped` counts the events that the consumer was too slow for, `error` is why
    it stopped, set by the consumer.
    """

    def __init__(self, hub: EventHub, name: str, bound: int) -> None:
        if bound < 1:
            raise ValueError(f"the bound is {bound}; want 1 or more")
        self.name, self.bound, self.error = name, bound, ""
        self.dropped = 0
        self._hub = hub
        self._events: deque[Event] = deque()
        self._changed = threading.Condition()
        self._closed = False

    def __enter__(self) -> Subscription:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def take(self, timeout_s: float) -> Event | None:
        """Return the oldest event, waiting at most `timeout_s`; None on timeout, or if finished."""
        with self._changed:
            self._changed.wait_for(lambda: self._events or self._closed, timeout_s)
            return self._events.popleft() if self._events else None

    @property
    def finished(self) -> bool:
        """Return whether no event is left and none will come."""
        with self._changed:
            return self._closed and not self._events

    def close(self) -> None:
        """Receive no further events; what is queued can still be taken. Any thread, repeatable."""
        self._hub._forget(self)
        self._end()

    def _put(self, event: Event) -> None:
        with self._changed:
            if len(self._events) == self.bound:
                self._events.popleft()
                self.dropped += 1
            self._events.append(event)
            self._changed.notify()

    def _end(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()


class EventHub:
    """Publishes rows to subscriptions. Any thread may call any method.

    A consumer never delays or stops the publisher: its queue is bounded, and what does not fit is
    dropped, oldest first, and counted.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: tuple[Subscription, ...] = ()
        self._ended: deque[Subscription] = deque(maxlen=BOUND)  # their notes are still wanted
        self._number = 0
        self._run: Event | None = None
        self._closed = False

    def publish(self, row: Row) -> None:
        """Hand `row` to every subscription; never waits for a consumer. Nothing after `close`."""
        with self._lock:
            if self._closed:
                return
            self._number += 1
            event = Event(self._number, row, time.monotonic())
            if event.kind != "verdict":
                self._run = event if event.kind == "run" else None
            for subscription in self._open:
                subscription._put(event)

    def subscribe(self, name: str, bound: int = BOUND) -> Subscription:
        """Return a new subscription that holds at most `bound` events.

        Its first event is the `run` that is going on, if there is one. `name` identifies the
        consumer in the notes. After `close` it is finished at once.
        """
        subscription = Subscription(self, name, bound)
        with self._lock:
            if self._closed:
                subscription._end()
                return subscription
            if self._run is not None:
                subscription._put(self._run)
            self._open += (subscription,)
        return subscription

    @property
    def subscriptions(self) -> tuple[Subscription, ...]:
        """Return the open subscriptions, such as for counting their drops."""
        return self._open

    def notes(self) -> list[str]:
        """Return a line for each consumer, also a closed one, that lost events or failed."""
        with self._lock:
            every = [*self._ended, *self._open]
        return [note for subscription in every for note in _notes(subscription)]

    def close(self) -> None:
        """Publish nothing more; consumers can take what is queued, then find it finished."""
        with self._lock:
            self._closed = True
            ended = self._open
        for subscription in ended:
            subscription._end()

    def _forget(self, subscription: Subscription) -> None:
        with self._lock:
            if subscription in self._open:
                self._open = tuple(other for other in self._open if other is not subscription)
                self._ended.append(subscription)


def _notes(subscription: Subscription) -> list[str]:
    dropped = f"dropped for newer events: {subscription.dropped}"
    parts = [dropped if subscription.dropped else "", subscription.error]
    return [f"{subscription.name}: {part}" for part in parts if part]
