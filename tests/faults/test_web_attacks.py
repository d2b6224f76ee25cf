"""Attacks on the web server over real sockets: each is refused or bounded, and it still answers."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress

import pytest
from gauge_moments import snapshot

pytest.importorskip("uvicorn")
pytest.importorskip("websockets")

from running_server import WAIT_S, RunningServer, close_code, read_until
from websockets.exceptions import ConnectionClosed, InvalidStatus

from realtime.outputs.events import EventHub
from realtime.outputs.web import clients, connections, server
from realtime.outputs.web.options import WebOptions
from realtime.outputs.web.server import WebServer

TOKEN = "a-token-of-sixteen-or-more"
HUNG_UP = r"reset|[Bb]roken pipe|aborted"
SECRETS = (b"root:", b"[project]", b"import ")


@pytest.fixture
def running(monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningServer]:
    """A server with a token and short time limits."""
    monkeypatch.setattr(connections, "HEADER_S", 0.5)
    monkeypatch.setattr(connections, "SEND_S", 0.5)
    hub = EventHub()
    with ExitStack() as stack:
        web = WebServer(WebOptions(token=TOKEN, video=True), hub).start()
        stack.callback(web.stop)
        web.show(snapshot())
        yield RunningServer(web, hub, stack.enter_context(ExitStack()))


def refused_websocket(running: RunningServer, query: str | None = None, **options: object) -> int:
    """Return the status code with which a WebSocket is refused."""
    with pytest.raises(InvalidStatus) as refused:
        running.websocket(query, **options)
    return refused.value.response.status_code


def trickle(sock: socket.socket) -> None:
    """Send a header line now and then, without end."""
    deadline = time.monotonic() + WAIT_S
    while time.monotonic() < deadline:
        sock.sendall(b"X: y\r\n")
        time.sleep(0.05)


def answers(running: RunningServer) -> bool:
    """Return whether a good client is still served."""
    return running.status_of(f"/status{running.query}") == 200


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://127.0.0.1:1", "https://127.0.0.1"]
)
def test_pages_of_other_origins_open_no_websocket_and_read_nothing(
    running: RunningServer, origin: str
) -> None:
    assert refused_websocket(running, origin=origin) == 403
    response, body = running.get(f"/status{running.query}", Origin=origin)
    assert response.status == 403
    assert b"verdict" not in body
    assert response.getheader("access-control-allow-origin") is None
    assert running.status_of(f"/status{running.query}", "OPTIONS", Origin=origin) == 403


def test_a_rebound_name_is_refused(running: RunningServer) -> None:
    host = f"rebound.evil.example:{running.port}"
    origin = f"http://{host}"
    for path in ("/", f"/status{running.query}", f"/events{running.query}"):
        assert running.status_of(path, Host=host, Origin=origin) == 421
    request = (
        f"GET /ws{running.query} HTTP/1.1\r\nHost: {host}\r\nOrigin: {origin}\r\n"
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    )
    assert b" 421 " in read_until(running.ask(request.encode()))[:20]


def test_requests_without_or_with_two_hosts_are_refused(running: RunningServer) -> None:
    for hosts in (b"", b"Host: 127.0.0.1\r\nHost: evil.example\r\n"):
        request = b"GET /status HTTP/1.1\r\n" + hosts + b"\r\n"
        assert b" 400 " in read_until(running.ask(request))[:20]
    old = running.ask(b"GET /status HTTP/1.0\r\n\r\n")
    assert b" 421 " in read_until(old)[:20]


@pytest.mark.parametrize("query", ["", "?token=", "?token=wrong-token-of-some-length"])
def test_without_the_token_there_is_nothing_of_the_run(running: RunningServer, query: str) -> None:
    assert refused_websocket(running, query) == 401
    for path in ("status", "events", "metrics", "openapi.json", "video", "snapshot.jpg", "none"):
        assert running.status_of(f"/{path}{query}") == 401
    assert running.status_of("/status", Authorization=f"Bearer {TOKEN}x") == 401
    assert running.status_of("/status", Authorization=f"Bearer {TOKEN}") == 200


@pytest.mark.parametrize(
    "path",
    [
        "/static/../pyproject.toml",
        "/static/..%2f..%2fpyproject.toml",
        "/static/%2e%2e/%2e%2e/pyproject.toml",
        "/static/....//....//etc/passwd",
        "/static//etc/passwd",
        "/static/%00",
        "/static/gauge.js%00.png",
        "/static/..\\..\\pyproject.toml",
        "/../../../../etc/passwd",
        "//etc/passwd",
        "/static/",
        "/static",
    ],
)
def test_no_path_leads_to_another_file(running: RunningServer, path: str) -> None:
    sock = running.ask(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
    answer = read_until(sock)
    assert answer.split(b" ")[1] in (b"400", b"401", b"404")
    assert not any(secret in answer for secret in SECRETS)


def test_a_frame_of_10_mb_ends_its_connection_unread(running: RunningServer) -> None:
    client = running.websocket()
    with suppress(ConnectionClosed):
        client.send("x" * 10_000_000)
    assert close_code(client) in (1009, None)
    assert answers(running)


def test_a_message_in_many_fragments_ends_its_connection(running: RunningServer) -> None:
    client = running.websocket()
    with suppress(ConnectionClosed):
        client.send("x" for _ in range(100_000))
    assert close_code(client) in (1009, None)
    assert answers(running)


def test_a_flood_of_keys_ends_its_connection_and_stays_bounded(running: RunningServer) -> None:
    client = running.websocket()
    with suppress(ConnectionClosed):
        for _ in range(1000):
            client.send('{"key": "g"}')
    assert close_code(client) in (1008, None)
    pressed = 0
    while running.server.show(snapshot()) is not None:
        pressed += 1
    assert pressed <= 10


def test_a_body_of_10_mb_is_not_taken(running: RunningServer) -> None:
    head = f"POST /status{running.query} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    sock = running.ask(f"{head}Content-Length: 10000000\r\n\r\n".encode())
    with pytest.raises(OSError, match=HUNG_UP):
        sock.sendall(b"x" * 10_000_000)
    assert answers(running)


def test_a_header_without_end_is_refused(running: RunningServer) -> None:
    sock = running.ask(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: " + b"x" * 60_000)
    assert b" 400 " in read_until(sock)[:20]


def test_headers_that_trickle_in_are_cut(running: RunningServer) -> None:
    sock = running.ask(b"GET / HTTP/1.1\r\n")
    with pytest.raises(OSError, match=HUNG_UP):
        trickle(sock)
    assert answers(running)


def test_one_that_opens_a_connection_and_says_nothing_is_cut(running: RunningServer) -> None:
    assert read_until(running.open()) == b""


def test_one_that_asks_for_pictures_and_reads_none_is_cut(running: RunningServer) -> None:
    sock = running.open()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.sendall(f"GET /video{running.query} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
    deadline, number = time.monotonic() + WAIT_S, 1000
    while not running.server._state.connections.cut and time.monotonic() < deadline:
        number += 1
        running.server.show(snapshot(number))
        time.sleep(0.01)
    assert running.server._state.connections.cut == 1
    assert answers(running)


def test_a_thousand_connections_are_bounded_and_a_good_client_is_served(
    running: RunningServer,
) -> None:
    opened = [running.open() for _ in range(1000)]
    assert answers(running)
    held = running.get(f"/metrics{running.query}")[1].decode()
    (count,) = re.findall(r"^genuine_gauge_web_connections (\d+)$", held, re.MULTILINE)
    assert int(count) <= connections.MAX_CONNECTIONS
    assert sum(read_until(sock) == b"" for sock in opened) == len(opened)  # all are let go


def test_more_streams_than_allowed_are_refused(
    running: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    running.server._state.clients._most = 3
    for _ in range(3):
        running.websocket()
    assert refused_websocket(running) == 503
    assert running.status_of(f"/events{running.query}") == 503
    assert running.status_of(f"/video{running.query}") == 503
    assert answers(running)


def test_limits_are_as_documented() -> None:
    assert (clients.MAX_CLIENTS, connections.MAX_CONNECTIONS) == (128, 192)
    assert (server.KEY_BYTES, server.HEADER_BYTES) == (256, 16_384)


def test_a_request_in_another_protocol_is_refused(running: RunningServer) -> None:
    for request in (b"\x16\x03\x01\x02\x00\x01", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"\x00" * 99):
        assert b"200" not in read_until(running.ask(request))
    assert answers(running)


def test_a_second_request_on_the_same_connection_is_not_answered(running: RunningServer) -> None:
    one = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    answer = read_until(running.ask(one + one))
    assert answer.count(b"HTTP/1.1 200") == 1
