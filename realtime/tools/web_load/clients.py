"""WebSocket clients of the load, many in one process and cheap: they read, or they never do."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

HANDSHAKE = (
    "GET /ws HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)
END_OF_HEADER = b"\r\n\r\n"
PING, PONG = 0x9, 0xA
VERDICT = b'{"type": "verdict"'
DEAD_BUFFER_BYTES = 4096
RETRY_S = 1.0  # until a client that was cut comes back


@dataclass(slots=True)
class Received:
    """What all clients got: messages by type, delays of verdicts in ms, lost connections."""

    messages: Counter[str] = field(default_factory=Counter)
    delays_ms: list[float] = field(default_factory=list)
    lost: int = 0


class FrameReader:
    """Splits what a server sends into WebSocket frames; unmasked, each message in one frame."""

    def __init__(self) -> None:
        self._data = bytearray()

    def feed(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """Yield opcode and payload of each frame that is whole now."""
        self._data += data
        while (found := self._header()) is not None:
            start, length = found
            if len(self._data) < start + length:
                return
            yield self._data[0] & 0x0F, bytes(self._data[start : start + length])
            del self._data[: start + length]

    def _header(self) -> tuple[int, int] | None:
        """Return where the payload of the first frame starts, and its length."""
        data = self._data
        if len(data) < 2:
            return None
        short = data[1] & 0x7F
        size = {126: 2, 127: 8}.get(short, 0)
        if len(data) < 2 + size:
            return None
        return 2 + size, int.from_bytes(data[2 : 2 + size], "big") if size else short


class ReadingClient(asyncio.Protocol):
    """Client that reads everything and notes when each verdict came. Owned by the loop."""

    def __init__(self, port: int, received: Received) -> None:
        self._port, self._received = port, received
        self._frames = FrameReader()
        self._connected = False
        self._header = b""
        self.ended = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the stream."""
        self._transport = transport
        transport.write(HANDSHAKE.format(port=self._port).encode())  # type: ignore[attr-defined]

    def connection_lost(self, error: Exception | None) -> None:
        """Count the loss."""
        self._received.lost += 1
        self.ended.set()

    def data_received(self, data: bytes) -> None:
        """Count and time the messages in `data`."""
        now_s = time.time()
        if not self._connected:
            self._header += data
            head, end, data = self._header.partition(END_OF_HEADER)
            if not end:
                return
            self._connected = True
            if b" 101 " not in head:
                self._transport.close()
                return
        for opcode, payload in self._frames.feed(data):
            self._take(opcode, payload, now_s)

    def _take(self, opcode: int, payload: bytes, now_s: float) -> None:
        if opcode == PING:
            pong = bytes((0x80 | PONG, 0x80 | len(payload))) + bytes(4) + payload
            self._transport.write(pong)  # type: ignore[attr-defined]
        elif payload.startswith(VERDICT):
            self._received.messages["verdict"] += 1
            self._received.delays_ms.append(1000 * (now_s - published_at_s(payload)))
        else:
            self._received.messages["other"] += 1


@lru_cache(maxsize=64)
def published_at_s(text: bytes) -> float:
    """Return the wall-clock time at which a live verdict was made, to a millisecond."""
    row = json.loads(text)
    return datetime.fromisoformat(row["at"]).timestamp() + float(row["age_ms"]) / 1000


async def read_for(port: int, clients: int, dead: int, seconds: float) -> Received:
    """Run `clients` that read and `dead` ones that never do; those that are cut come back."""
    received = Received()
    tasks = [asyncio.create_task(_keep_reading(port, received)) for _ in range(clients)]
    tasks += [asyncio.create_task(_keep_dead(port)) for _ in range(dead)]
    await asyncio.sleep(seconds)
    lost = received.lost  # by the server's doing, not by the end
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    received.lost = lost
    return received


async def _keep_reading(port: int, received: Received) -> None:
    loop = asyncio.get_running_loop()
    while True:
        client = ReadingClient(port, received)
        try:
            transport, _ = await loop.create_connection(lambda: client, "127.0.0.1", port)  # noqa: B023
        except OSError:
            await asyncio.sleep(RETRY_S)
            continue
        try:
            await client.ended.wait()
        finally:
            transport.abort()
        await asyncio.sleep(RETRY_S)


async def _keep_dead(port: int) -> None:
    """Ask for the stream and never read it; once cut, ask again."""
    loop = asyncio.get_running_loop()
    while True:
        with socket.socket() as sock:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, DEAD_BUFFER_BYTES)
            sock.setblocking(False)
            try:
                await loop.sock_connect(sock, ("127.0.0.1", port))
                await loop.sock_sendall(sock, HANDSHAKE.format(port=port).encode())
                while not sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
                    await asyncio.sleep(RETRY_S)
            except OSError:  # cut
                pass
        await asyncio.sleep(RETRY_S)
