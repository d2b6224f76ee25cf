"""Real and misbehaving servers of video on 127.0.0.1."""

from __future__ import annotations

import contextlib
import http.server
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator

import cv2
import numpy as np
import psutil

LONG_S = 60.0  # a limit that is only met when something is broken
MJPEG = "multipart/x-mixed-replace;boundary=frame"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Ffmpeg:
    """ffmpeg that serves an endless MJPEG stream over HTTP, to be killed and restarted."""

    def __init__(self, binary: str) -> None:
        self._binary = binary
        self._port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"http://127.0.0.1:{self._port}/live.mjpeg"

    def start(self) -> None:
        """Returns once it listens, or has a client that waited for it."""
        pictures = ["-re", "-f", "lavfi", "-i", "testsrc=size=64x48:rate=30"]
        command = [
            self._binary,
            "-loglevel",
            "error",
            *pictures,
            "-q:v",
            "2",
            "-f",
            "mpjpeg",
            "-listen",
            "1",
            self.url,
        ]
        self._process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        wait_until(self._listens)

    def kill(self) -> None:
        """At once, in the middle of whatever it sends."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(LONG_S)

    def _listens(self) -> bool:
        assert self._process is not None
        sockets = psutil.Process(self._process.pid).net_connections("tcp")
        ready = (psutil.CONN_LISTEN, psutil.CONN_ESTABLISHED)
        return any(s.status in ready and s.laddr.port == self._port for s in sockets)


def wait_until(condition: Callable[[], bool], limit_s: float = LONG_S) -> None:
    """Asks again whenever a moment has passed; the limit is only met when something is broken."""
    moment = threading.Event()
    for _ in range(int(limit_s / 0.02)):
        if condition():
            return
        moment.wait(0.02)
    raise AssertionError(f"not within {limit_s:g} s")


def part(level: int) -> bytes:
    """One picture of a MJPEG stream."""
    jpeg = cv2.imencode(".jpg", np.full((48, 64, 3), level, np.uint8))[1].tobytes()
    head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
    return head.encode() + jpeg + b"\r\n"


PICTURES = b"".join(part(level) for level in range(20, 220, 10))


class Misbehaving:
    """Server that misbehaves at each visit as `answers` say, and then serves correctly."""

    def __init__(self, answers: list[str]) -> None:
        self.visits: list[str] = []
        self._answers = iter(answers)
        self._release = threading.Event()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                with contextlib.suppress(OSError):
                    outer._answer(self, next(outer._answers, "well"))

            def log_message(self, *_: object) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://me:s3cret@127.0.0.1:{self._server.server_port}/live?key=s3cret"

    def _answer(self, visit: http.server.BaseHTTPRequestHandler, how: str) -> None:
        self.visits.append(how)
        if how == "refuses":
            visit.send_error(503)
            return
        visit.send_response(200)
        visit.send_header("Content-Type", MJPEG)
        visit.end_headers()
        visit.wfile.write(PICTURES)
        if how == "cuts mid-frame":
            visit.wfile.write(part(240)[:80])
        if how == "sends garbage":
            visit.wfile.write(
                np.random.default_rng(0).integers(0, 256, 200_000, np.uint8).tobytes()
            )
        while how == "well" and not self._release.is_set():
            visit.wfile.write(PICTURES)
            self._release.wait(0.1)
        if how == "stalls":
            visit.wfile.flush()
            self._release.wait(LONG_S)

    @contextlib.contextmanager
    def serving(self) -> Iterator[Misbehaving]:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield self
        finally:
            self._release.set()
            self._server.shutdown()
            self._server.server_close()
