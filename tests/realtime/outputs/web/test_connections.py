from __future__ import annotations

import socket
from collections.abc import Iterator
from unittest.mock import Mock

import pytest

from realtime.outputs.web.clients import WAITING_BYTES
from realtime.outputs.web.connections import HEADER_S, SEND_S, Connection, Connections


class Clock:
    """Clock moved by hand."""

    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


class Transport:
    """Double of a transport that holds `waiting` bytes."""

    def __init__(self, sock: socket.socket) -> None:
        self.waiting, self.closing, self._sock = 0, False, sock

    def get_write_buffer_size(self) -> int:
        return self.waiting

    def is_closing(self) -> bool:
        return self.closing

    def abort(self) -> None:
        self._sock.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sockets() -> Iterator[list[socket.socket]]:
    made = [socket.socket() for _ in range(4)]
    yield made
    for sock in made:
        sock.close()


def connected(connections: Connections, sock: socket.socket, port: int) -> Connection:
    connection = connections.admit(sock, ("peer", port))
    assert connection is not None
    connection.transport = Transport(sock)  # type: ignore[assignment]
    return connection


def test_one_whose_header_does_not_arrive_is_cut(clock: Clock, sockets: list) -> None:
    connections = Connections(clock)
    slow, good = (connected(connections, sock, n) for n, sock in enumerate(sockets[:2]))
    connections.report_request(("peer", 1))
    clock.now_s = HEADER_S
    connections.check()
    assert slow.open
    clock.now_s += 0.1
    connections.check()
    assert (slow.open, good.open, connections.cut, len(connections)) == (False, True, 1, 1)


def test_one_that_does_not_read_is_cut_and_a_slow_one_is_not(clock: Clock, sockets: list) -> None:
    connections = Connections(clock)
    dead, slow = (connected(connections, sock, n) for n, sock in enumerate(sockets[:2]))
    for port in (0, 1):
        connections.report_request(("peer", port))
    dead.transport.waiting = slow.transport.waiting = WAITING_BYTES + 1  # type: ignore[union-attr]
    connections.check()
    clock.now_s = SEND_S / 2
    slow.transport.waiting = 0  # type: ignore[union-attr]
    connections.check()
    slow.transport.waiting = WAITING_BYTES + 1  # type: ignore[union-attr]
    clock.now_s = SEND_S + 0.1
    connections.check()
    assert (dead.open, slow.open) == (False, True)


def test_one_that_closes_with_something_unread_is_cut(clock: Clock, sockets: list) -> None:
    connections = Connections(clock)
    closing = connected(connections, sockets[0], 0)
    connections.report_request(("peer", 0))
    closing.transport.waiting, closing.transport.closing = 1, True  # type: ignore[union-attr]
    connections.check()
    clock.now_s = SEND_S + 0.1
    connections.check()
    assert not closing.open


def test_the_oldest_without_a_request_makes_room(clock: Clock, sockets: list) -> None:
    connections = Connections(clock, most=3)
    asked, old, young = (connected(connections, sock, n) for n, sock in enumerate(sockets[:3]))
    connections.report_request(("peer", 0))
    assert connections.admit(sockets[3], ("peer", 3)) is not None
    assert (asked.open, old.open, young.open) == (True, False, True)


def test_with_a_request_on_all_a_new_one_is_refused(clock: Clock, sockets: list) -> None:
    connections = Connections(clock, most=2)
    for number in range(2):
        connected(connections, sockets[number], number)
        connections.report_request(("peer", number))
    assert connections.admit(sockets[2], ("peer", 2)) is None
    assert connections.refused == 1


def test_one_whose_tls_is_not_agreed_on_is_cut(clock: Clock, sockets: list) -> None:
    connections = Connections(clock)
    pending = connections.admit(sockets[0], ("peer", 0))
    assert pending is not None
    pending.setup = Mock()
    clock.now_s = HEADER_S + 0.1
    connections.check()
    pending.setup.cancel.assert_called_once_with()


def test_closed_ones_are_forgotten(clock: Clock, sockets: list) -> None:
    connections = Connections(clock)
    connected(connections, sockets[0], 0)
    sockets[0].close()
    connections.check()
    assert len(connections) == 0
    connections.report_request(("peer", 0))  # of one that has gone: nothing to note


def test_all_are_cut_at_the_end(clock: Clock, sockets: list) -> None:
    connections = Connections(clock)
    all_ = [connected(connections, sock, n) for n, sock in enumerate(sockets)]
    connections.close_all()
    assert not any(each.open for each in all_)


class EndedTlsTransport(Transport):
    """As of Python 3.11 after its end: it asks a protocol that is no longer there."""

    def get_write_buffer_size(self) -> int:
        raise AttributeError("'NoneType' object has no attribute '_get_write_buffer_size'")


def test_a_tls_connection_that_has_just_ended_cuts_nothing(clock: Clock, sockets: list) -> None:
    connections = Connections(clock)
    ended = connected(connections, sockets[0], 0)
    ended.transport = EndedTlsTransport(sockets[0])  # type: ignore[assignment]
    ended.requested = True
    for _ in range(3):
        connections.check()
        clock.now_s += SEND_S
    assert connections.cut == 0
