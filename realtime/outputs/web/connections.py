"""Open connections of the web server, bounded in number and in time.

A connection is cut if its request's header takes too long (slow loris), or if its peer does not
read what it asked for. Where too many are open, the oldest without a request makes room.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from realtime.outputs.web.clients import WAITING_BYTES

MAX_CONNECTIONS = 192
HEADER_S = 5.0  # from the connection to the end of the request's header, TLS handshake included
SEND_S = 5.0  # for a peer to read what is waiting for it
RESET = struct.pack("ii", 1, 0)  # SO_LINGER of 0 s
SOCKET_BYTES = 65_536  # the system's send buffer: a slow client should not see an old state

Peer = tuple[str, int]


@dataclass(slots=True)
class Connection:
    """One accepted socket; `transport` is None until TLS is agreed on."""

    sock: socket.socket
    since_s: float
    setup: asyncio.Task[None] | None = None
    transport: asyncio.Transport | None = None
    requested: bool = False
    behind_since_s: float | None = None

    @property
    def open(self) -> bool:
        """Whether the system still holds the socket."""
        return self.sock.fileno() != -1

    def reset(self) -> None:
        """Close at once; the system drops what it would still send, and the peer notices."""
        with suppress(OSError):
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        self.close()

    def close(self) -> None:
        """Close at once; what the system holds is still sent."""
        if self.transport is not None:
            self.transport.abort()
        elif self.setup is not None:
            self.setup.cancel()


class Connections:
    """Every open connection. Owned by the event loop's thread. `cut` and `refused` count."""

    def __init__(self, now_s: Callable[[], float], most: int = MAX_CONNECTIONS) -> None:
        self._now_s, self._most = now_s, most
        self._all: dict[Peer, Connection] = {}
        self.cut = 0
        self.refused = 0

    def __len__(self) -> int:
        return sum(connection.open for connection in self._all.values())

    def admit(self, sock: socket.socket, peer: Peer) -> Connection | None:
        """Return the new connection; None if it must be refused, because all are in use."""
        if len(self) >= self._most and not self._make_room():
            self.refused += 1
            return None
        self._all.pop(peer, None)
        self._all[peer] = Connection(sock, self._now_s())
        return self._all[peer]

    def report_request(self, peer: Peer | None) -> None:
        """Note that the header of a request from `peer` has arrived."""
        if peer in self._all:
            self._all[peer].requested = True

    def transport(self, peer: Peer | None) -> asyncio.Transport | None:
        """Return the transport to `peer`; None if it has gone."""
        return self._all[peer].transport if peer in self._all else None

    def check(self) -> None:
        """Cut what is too slow, forget what is closed. Called a few times a second."""
        self._all = {peer: each for peer, each in self._all.items() if each.open}
        for connection in self._all.values():
            if self._too_slow(connection):
                self.cut += 1
                connection.reset()

    def close_all(self) -> None:
        """Close every connection."""
        for connection in self._all.values():
            if connection.open:
                connection.close()

    def _make_room(self) -> bool:
        for peer, connection in self._all.items():  # oldest first
            if connection.open and not connection.requested:
                self.cut += 1
                connection.reset()
                del self._all[peer]  # its socket closes in the loop's next round
                return True
        return False

    def _too_slow(self, connection: Connection) -> bool:
        now_s = self._now_s()
        if not connection.requested:
            return now_s - connection.since_s > HEADER_S
        transport = connection.transport
        if transport is None or not _is_behind(transport):
            connection.behind_since_s = None
            return False
        if connection.behind_since_s is None:
            connection.behind_since_s = now_s
        return now_s - connection.behind_since_s > SEND_S


def _is_behind(transport: asyncio.Transport) -> bool:
    try:
        waiting = transport.get_write_buffer_size()
    except AttributeError:  # Python 3.11: a closed TLS transport has let go of what it asks
        return False
    return waiting > (0 if transport.is_closing() else WAITING_BYTES)
