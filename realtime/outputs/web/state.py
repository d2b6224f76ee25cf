"""What all doors of the web server share."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue

from realtime.core.snapshot import Snapshot
from realtime.outputs.events import Event
from realtime.outputs.web.clients import Clients, text_frame
from realtime.outputs.web.connections import Connections
from realtime.outputs.web.content.history import EventHistory
from realtime.outputs.web.content.metrics import DoorCounts
from realtime.outputs.web.content.status import status_row

KEYS_WAITING = 8  # more are refused: a person presses one at a time
STALE_S = 5.0  # without a snapshot the gauge counts as hung


def _no_drops() -> Mapping[str, int]:
    return {}


@dataclass(slots=True)
class WebState:
    """Newest snapshot, events, clients and keys.

    `show` and `next_key` may be called by any thread; the rest by the event loop's only.
    """

    video: bool = False
    version: str = ""
    event_drops: Callable[[], Mapping[str, int]] = _no_drops
    clients: Clients = field(default_factory=Clients)
    connections: Connections = field(default_factory=lambda: Connections(time.monotonic))
    history: EventHistory = field(default_factory=EventHistory)
    snapshot: Snapshot | None = None
    shown_s: float = -STALE_S
    statuses: int = 0
    _keys: SimpleQueue[str] = field(default_factory=SimpleQueue)

    def show(self, snapshot: Snapshot) -> None:
        """Take `snapshot` as the newest; never waits."""
        self.snapshot, self.shown_s = snapshot, time.monotonic()

    def press(self, key: str) -> bool:
        """Queue a key for the gauge; return False if too many wait."""
        if self._keys.qsize() >= KEYS_WAITING:
            return False
        self._keys.put(key)
        return True

    def next_key(self) -> str | None:
        """Return the oldest key that was pressed, or None; never waits."""
        try:
            return self._keys.get_nowait()
        except Empty:
            return None

    @property
    def healthy(self) -> bool:
        """Whether the gauge still shows new snapshots."""
        return time.monotonic() - self.shown_s < STALE_S

    def publish(self, event: Event) -> None:
        """Hand an event to every stream."""
        sent = self.history.add(event)
        frame = text_frame(sent.text)
        for page in self.clients.pages:
            page.put(frame)
        sse = sent.sse
        for queue in self.clients.queues("events"):
            queue.put(sse)

    def publish_status(self) -> None:
        """Hand the newest status to the WebSocket clients, if there are any."""
        pages = self.clients.pages
        if pages:
            frame = text_frame(self.status_text())
            for page in pages:
                page.put_status(frame)

    def status_text(self) -> str:
        """Return the newest status; raises LookupError before the first snapshot."""
        snapshot = self.snapshot
        if snapshot is None:
            raise LookupError("the gauge has shown nothing yet")
        self.statuses += 1
        counts = {"clients": self.clients.count().total(), "dropped": self.clients.dropped}
        row = status_row(snapshot, self.statuses, video=self.video, web=counts)
        return json.dumps(row, allow_nan=False)

    def door_counts(self) -> DoorCounts:
        """Return what the doors did so far."""
        return DoorCounts(
            self.clients.count(),
            self.clients.dropped,
            len(self.connections),
            self.connections.cut,
            self.connections.refused,
            self.event_drops(),
        )
