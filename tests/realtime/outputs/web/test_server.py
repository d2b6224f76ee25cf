"""Life of the server: its address, its end, and clients that are slow."""

from __future__ import annotations

import json
import socket
import ssl
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from gauge_moments import judged

pytest.importorskip("uvicorn")
pytest.importorskip("websockets")

from running_server import WAIT_S, RunningServer, close_code, received
from websockets.sync.client import connect

from realtime.core.errors import UsageError
from realtime.outputs.events import EventHub
from realtime.outputs.web import connections
from realtime.outputs.web.options import WebOptions
from realtime.outputs.web.server import WebServer
from realtime.view.records.rows import verdict_row

Serve = Callable[..., RunningServer]


def test_its_address_leads_to_it(serve: Serve) -> None:
    running = serve()
    assert running.server.url == f"http://127.0.0.1:{running.port}/"
    assert running.status_of("/healthz") == 200


def test_an_address_for_others_names_this_machine_and_the_token() -> None:
    server = WebServer(WebOptions.of("0.0.0.0:0", "a-token-of-one-s-own"), EventHub())
    assert server.url.startswith(f"http://{socket.gethostname()}:")
    assert server.url.endswith("/?token=a-token-of-one-s-own")
    server.start().stop()


def test_a_port_is_taken_before_anything_starts(serve: Serve) -> None:
    running = serve()
    before = threading.active_count()
    with pytest.raises(UsageError, match="is in use"):
        WebServer(WebOptions(port=running.port), running.hub)
    assert threading.active_count() == before


def test_at_the_end_clients_get_the_summary_and_a_farewell(serve: Serve) -> None:
    running = serve()
    client = running.websocket()
    received(client, "history")
    running.hub.publish({"type": "summary"})
    running.hub.close()
    stopping = threading.Thread(target=running.server.stop)
    stopping.start()
    assert received(client, "summary") == {"type": "summary"}
    assert close_code(client) == 1001
    stopping.join(WAIT_S)


def test_after_the_end_no_thread_and_no_socket_is_left(serve: Serve) -> None:
    before = {thread.name for thread in threading.enumerate()}
    running = serve(video=True)
    clients = [running.websocket() for _ in range(3)]
    running.get("/snapshot.jpg")
    port = running.port
    running.open()  # never asks for anything
    running.server.stop()
    assert {thread.name for thread in threading.enumerate() if "web" in thread.name} <= before
    assert [close_code(client) for client in clients] == [1001] * 3
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", port), timeout=WAIT_S)
    running.server.stop()  # safe to repeat


def test_a_client_that_never_reads_is_cut_and_never_waited_for(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "SEND_S", 0.3)
    running = serve()
    reader = running.websocket()
    dead = running.open()
    dead.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    dead.sendall(
        f"GET /ws HTTP/1.1\r\nHost: 127.0.0.1:{running.port}\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n".encode()
    )
    last, deadline = verdict_row(judged()), time.monotonic() + WAIT_S
    slowest_s, cut = 0.0, 0
    while not cut and time.monotonic() < deadline:
        began_s = time.monotonic()
        for _ in range(50):
            running.hub.publish(last)
        slowest_s = max(slowest_s, time.monotonic() - began_s)
        received(reader, "verdict")
        cut = running.server._state.connections.cut
    assert cut == 1
    with pytest.raises(ConnectionResetError):  # it is told, and the system keeps nothing for it
        read_all(dead)
    assert slowest_s < 1  # publishing waits for no one
    # A status from before the cut may still be on its way.
    deadline, clients = time.monotonic() + WAIT_S, 2
    while clients != 1 and time.monotonic() < deadline:
        clients = received(reader, "status")["web"]["clients"]
    assert clients == 1


def read_all(sock: socket.socket) -> None:
    while sock.recv(65536):
        pass


def test_with_tls_both_page_and_websocket_are_encrypted(serve: Serve, tmp_path: Path) -> None:
    authority = pytest.importorskip("trustme").CA()
    issued = authority.issue_cert("127.0.0.1", "localhost")
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    issued.cert_chain_pems[0].write_to_path(cert)
    issued.private_key_pem.write_to_path(key)
    running = serve(cert=cert, key=key)
    context = ssl.create_default_context()
    authority.configure_trust(context)
    assert running.server.url.startswith("https://")
    with connect(
        f"wss://127.0.0.1:{running.port}/ws",
        ssl=context,
        origin=f"https://127.0.0.1:{running.port}",  # type: ignore[arg-type]
    ) as client:
        assert json.loads(client.recv(WAIT_S))["type"] == "hello"
    with context.wrap_socket(running.open(), server_hostname="127.0.0.1") as sock:
        assert sock.version() in ("TLSv1.2", "TLSv1.3")
    plain = running.ask(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    assert b"HTTP" not in plain.recv(4096)


def test_a_server_that_dies_says_so_and_the_hub_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    async def die(self: WebServer) -> None:
        raise OSError("no more of anything")

    monkeypatch.setattr(WebServer, "_serve", die)
    hub = EventHub()
    server = WebServer(WebOptions(), hub).start()
    server._threads[0].join(WAIT_S)
    hub.publish({"type": "run"})
    assert hub.notes() == ["web: the web server died: OSError: no more of anything"]
    server.stop()
