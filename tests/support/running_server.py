"""Web server that runs, and clients that speak to it over sockets of their own."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from realtime.outputs.events import EventHub
from realtime.outputs.web.server import WebServer
from realtime.view.records.rows import Row

WAIT_S = 10.0  # for anything that should come at once


@dataclass
class RunningServer:
    """A server that runs, its hub, and what is closed with the test."""

    server: WebServer
    hub: EventHub
    stack: ExitStack = field(default_factory=ExitStack)

    @property
    def port(self) -> int:
        return urlsplit(self.server.url).port or 0

    @property
    def query(self) -> str:
        """The part of the address that holds the token."""
        query = urlsplit(self.server.url).query
        return f"?{query}" if query else ""

    def get(
        self, path: str, method: str = "GET", **headers: str
    ) -> tuple[http.client.HTTPResponse, bytes]:
        """Return the response and its body; `_` in a header's name stands for `-`."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=WAIT_S)
        self.stack.callback(connection.close)
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        connection.request(method, path, headers=named)
        response = connection.getresponse()
        return response, response.read()

    def status_of(self, path: str, method: str = "GET", **headers: str) -> int:
        """Return the status code alone."""
        return self.get(path, method, **headers)[0].status

    def open(self) -> socket.socket:
        """Return a bare connection, closed with the test."""
        sock = socket.create_connection(("127.0.0.1", self.port), timeout=WAIT_S)
        self.stack.callback(sock.close)
        return sock

    def ask(self, request: bytes) -> socket.socket:
        """Return a connection on which `request` was sent."""
        sock = self.open()
        sock.sendall(request)
        return sock

    def websocket(self, query: str | None = None, **options: object) -> ClientConnection:
        """Return a connected WebSocket client."""
        path = f"/ws{self.query if query is None else query}"
        address = f"ws://127.0.0.1:{self.port}{path}"
        connecting = connect(address, open_timeout=WAIT_S, **options)  # type: ignore[arg-type]
        return self.stack.enter_context(connecting)


def received(client: ClientConnection, kind: str) -> Row:
    """Return the next message of a type."""
    while True:
        message = json.loads(client.recv(WAIT_S))
        if message["type"] == kind:
            return message


def close_code(client: ClientConnection) -> int | None:
    """Read to the end; return the server's close code, None if it just hung up."""
    deadline = time.monotonic() + WAIT_S
    try:
        while time.monotonic() < deadline:
            client.recv(WAIT_S)
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd is not None else None
    raise TimeoutError("the server goes on")


def read_until(sock: socket.socket | ssl.SSLSocket, end: bytes = b"") -> bytes:
    """Return what arrives up to `end`, or until the peer closes."""
    data = b""
    while not end or end not in data:
        try:
            more = sock.recv(65536)
        except ConnectionError:
            break
        if not more:
            break
        data += more
    return data
