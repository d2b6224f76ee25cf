from __future__ import annotations

import asyncio

from realtime.outputs.web.clients import ClientQueue, Clients


def test_the_newest_win_and_drops_are_counted() -> None:
    async def run() -> None:
        queue = ClientQueue(bound=2)
        for text in "abcd":
            queue.put(text)
        assert (await queue.take(), queue.dropped) == (["c", "d"], 2)

    asyncio.run(run())


def test_only_the_newest_status_waits_and_comes_last() -> None:
    async def run() -> None:
        queue = ClientQueue()
        queue.put_status("old")
        queue.put_status("new")
        queue.put("event")
        assert await queue.take() == ["event", "new"]
        assert await queue.take(0.001) == []

    asyncio.run(run())


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
        with clients.join("ws") as first, clients.join("events"):
            assert clients.full
            assert clients.count() == {"ws": 1, "events": 1}
            assert clients.of("ws") == [first]
            clients.end()
            assert first.ended
        assert not clients.full

    asyncio.run(run())


def test_drops_of_clients_that_left_still_count() -> None:
    async def run() -> None:
        clients = Clients()
        with clients.join("ws") as queue:
            for _ in range(66):
                queue.put("event")
            assert clients.dropped == 2
        assert clients.dropped == 2

    asyncio.run(run())
