from __future__ import annotations

import asyncio

import pytest

from realtime.outputs.web.clients import ClientQueue, Clients, PageClient, text_frame


class Transport:
    """Double of a transport; the peer reads nothing while `blocked`."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.blocked, self.closing = False, False

    def write(self, data: bytes) -> None:
        self.written.append(data)

    def is_closing(self) -> bool:
        return self.closing

    def get_write_buffer_size(self) -> int:
        return 16_385 if self.blocked else 16_384


def page(transport: Transport | None = None, bound: int = 64) -> PageClient:
    return PageClient(transport or Transport(), bound)  # type: ignore[arg-type]


def test_a_page_that_reads_gets_everything_at_once() -> None:
    transport = Transport()
    client = page(transport)
    client.put(b"event")
    client.put_status(b"status")
    assert (transport.written, client.waits, client.dropped) == ([b"event", b"status"], False, 0)


def test_for_a_slow_page_the_newest_wait_and_of_statuses_only_one() -> None:
    transport = Transport()
    client = page(transport, bound=2)
    transport.blocked = True
    for event in (b"a", b"b", b"c"):
        client.put(event)
        client.put_status(b"status " + event)
    assert (transport.written, client.waits, client.dropped) == ([], True, 1)
    transport.blocked = False
    client.flush()
    assert transport.written == [b"bcstatus c"]


def test_nothing_is_written_to_a_socket_that_closes() -> None:
    transport = Transport()
    client = page(transport)
    transport.closing = True
    client.put(b"event")
    assert (transport.written, client.waits) == ([], False)


@pytest.mark.parametrize("length", [0, 1, 125, 126, 65_535, 65_536, 100_000])
def test_a_frame_is_what_a_client_reads(length: int) -> None:
    frame = text_frame("x" * length)
    assert frame[0] == 0x81  # the only frame of a text message
    size = {126: 2, 127: 8}.get(frame[1], 0)
    announced = int.from_bytes(frame[2 : 2 + size], "big") if size else frame[1]
    assert (announced, frame[2 + size :]) == (length, b"x" * length)


def test_what_waits_is_taken_before_the_end() -> None:
    async def run() -> None:
        queue = ClientQueue()
        queue.put("last")
        queue.end()
        assert await queue.take() == ["last"]
        assert queue.ended
        assert await queue.take() == []  # at once

    asyncio.run(run())


def test_clients_are_counted_by_door_and_bounded() -> None:
    async def run() -> None:
        clients = Clients(most=2)
        with clients.join("ws", page()) as first, clients.join("events", ClientQueue()):
            assert clients.full
            assert clients.count() == {"ws": 1, "events": 1}
            assert clients.pages == [first]
            assert len(clients.queues("events")) == 1
            assert clients.queues("ws") == []
            clients.end()
            assert first.ending.is_set()
        assert not clients.full

    asyncio.run(run())


def test_drops_of_clients_that_left_still_count() -> None:
    async def run() -> None:
        clients = Clients()
        with clients.join("events", ClientQueue()) as queue:
            for _ in range(66):
                queue.put("event")
            assert clients.dropped == 2
        assert clients.dropped == 2

    asyncio.run(run())
