from __future__ import annotations

import http.server
import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from realtime.capture.live.http_client import explain_socket, open_http
from realtime.core.errors import StreamUnreachable

LONG_S = 20.0
Serve = Callable[..., str]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Return `serve(headers, body, challenge)`, which serves at an address without a scheme."""
    servers = []

    def start(headers: dict[str, str], body: bytes = b"", challenge: str = "") -> str:
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                authorised = (self.headers.get("Authorization") or "").split(" ")[0]
                if challenge and authorised != challenge.split(" ")[0]:
                    self.send_response(401)
                    self.send_header("WWW-Authenticate", challenge)
                    self.end_headers()
                    return
                self.send_response(200)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        servers.append(server)
        return f"127.0.0.1:{server.server_port}/live"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    ("headers", "body", "endless", "mjpeg"),
    [
        ({"Content-Type": "multipart/x-mixed-replace;boundary=x"}, b"", True, True),
        ({"Content-Type": "Multipart/Mixed"}, b"", True, True),
        ({}, b"\r\n--x\r\nContent-Type: image/jpeg\r\n\r\n", True, True),
        (
            {"Content-Type": "application/octet-stream"},
            b"--x\r\nCONTENT-TYPE: image/jpg",
            True,
            True,
        ),
        ({"Content-Type": "video/mp2t"}, b"G" * 500, True, False),
        ({"Content-Type": "video/mp4", "Content-Length": "4"}, b"ftyp", False, False),
        ({"Content-Type": "video/mp4", "Accept-Ranges": "bytes"}, b"ftyp", False, False),
    ],
)
def test_what_kind_of_answer_it_is(
    serve: Serve, headers: dict[str, str], body: bytes, endless: bool, mjpeg: bool
) -> None:
    answer = open_http(f"http://{serve(headers, body)}", "it", LONG_S)
    assert (answer.endless, answer.is_mjpeg) == (endless, mjpeg)
    assert b"".join(answer.chunks()) == body  # looking at the beginning took nothing away
    answer.close()


@pytest.mark.parametrize(
    "challenge",
    ['Basic realm="camera"', 'Digest realm="camera", nonce="abc", qop="auth", algorithm=MD5'],
)
def test_it_logs_in_as_the_server_asks(serve: Serve, challenge: str) -> None:
    where = serve({}, b"in", challenge)
    answer = open_http(f"http://me:p%40ss@{where}", "it", LONG_S)
    assert b"".join(answer.chunks()) == b"in"
    answer.close()
    wrong = serve({}, b"in", "Bearer")
    for url in (f"http://{where}", f"http://{wrong}", f"http://me:x@{wrong}"):
        with pytest.raises(StreamUnreachable, match=r"it asks for a user and a password \(401\)"):
            open_http(url, "it", LONG_S)


def test_a_server_of_another_protocol_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:

        def answer() -> None:
            visitor, _ = other.accept()
            visitor.recv(1000)
            visitor.sendall(b"SSH-2.0-other\r\n")
            visitor.close()

        threading.Thread(target=answer, daemon=True).start()
        with pytest.raises(StreamUnreachable, match="does not answer as HTTP"):
            open_http(f"http://127.0.0.1:{other.getsockname()[1]}/", "it", LONG_S)


def test_why_a_socket_does_not_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        explain_socket("127.0.0.1", port, "it", LONG_S)
    with pytest.raises(StreamUnreachable, match="it refuses the connection"):
        explain_socket("127.0.0.1", port, "it", LONG_S)
    with pytest.raises(StreamUnreachable, match="it is an unknown host"):
        explain_socket("no-such-host.invalid", port, "it", LONG_S)
