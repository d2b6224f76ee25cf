"""Newest events, so that a client that joins or comes back has what it missed."""

from __future__ import annotations

import secrets
from collections import deque
from dataclasses import dataclass

from realtime.outputs.events import Event

KEPT = 6000  # events: ten minutes of one reading each tenth of a second
SHOWN_S = 60.0  # of verdicts, to a page that connects
SHOWN = 1200  # verdicts at most


@dataclass(frozen=True, slots=True)
class SentEvent:
    """Event with its text, serialised once for all clients, and its SSE id."""

    id: str
    event: Event
    text: str

    @property
    def sse(self) -> str:
        """The event in the form of a server-sent event."""
        return f"id: {self.id}\nevent: {self.event.kind}\ndata: {self.text}\n\n"


class EventHistory:
    """Newest events of the command. Owned by the event loop's thread.

    Ids begin with a name of this server's own: a client that comes back after a restart gets
    everything instead of nothing.
    """

    def __init__(self, kept: int = KEPT) -> None:
        self._server_id = secrets.token_hex(4)
        self._events: deque[SentEvent] = deque(maxlen=kept)
        self.run: SentEvent | None = None

    def add(self, event: Event) -> SentEvent:
        """Keep `event` and return it with its text."""
        sent = SentEvent(f"{self._server_id}-{event.number}", event, event.text)
        self._events.append(sent)
        if event.kind == "run":
            self.run = sent
        return sent

    def after(self, last_id: str) -> list[SentEvent]:
        """Return the events after the one with `last_id`; all that are kept if it is unknown."""
        server_id, _, number = last_id.rpartition("-")
        known = server_id == self._server_id and number.isdecimal() and len(number) < 16
        last = int(number) if known else 0
        return [sent for sent in self._events if sent.event.number > last]

    def newest_text(self) -> str:
        """Return the message `history`: the verdicts of the last minute of this run."""
        verdicts: list[str] = []
        newest_s: float | None = None
        for sent in reversed(self._events):
            if sent.event.kind == "run" or len(verdicts) == SHOWN:
                break
            if sent.event.kind == "verdict":
                at_s = float(str(sent.event.row["at_s"]))
                newest_s = at_s if newest_s is None else newest_s
                if newest_s - at_s > SHOWN_S:
                    break
                verdicts.append(sent.text)
        return f'{{"type": "history", "verdicts": [{", ".join(verdicts[::-1])}]}}'
