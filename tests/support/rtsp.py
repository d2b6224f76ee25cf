"""RTSP camera on 127.0.0.1: ffmpeg makes the packets, this server speaks RTSP (RFC 2326)."""

from __future__ import annotations

import base64
import contextlib
import socket
import subprocess
import tempfile
import threading
from pathlib import Path

from servers import LONG_S, wait_until

USER = "me:s3cret"
ALLOWED = "Basic " + base64.b64encode(USER.encode()).decode()
PACKET_BYTES = 65536
HEADERS = {
    "401": 'WWW-Authenticate: Basic realm="camera"',
    "OPTIONS": "Public: DESCRIBE, SETUP, PLAY, TEARDOWN",
    "DESCRIBE": "Content-Type: application/sdp",
    "SETUP": "Session: 1\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1",
    "PLAY": "Session: 1",
    "TEARDOWN": "Session: 1",
}


class RtspCamera:
    """One player at a time, packets interleaved on its connection; a password is required.

    `stall` stops sending but holds the connection; `kill` closes it; `start` reopens the port.
    """

    def __init__(self, binary: str) -> None:
        self._binary = binary
        self._port = 0
        self._stalled = threading.Event()

    @property
    def url(self) -> str:
        """With user, password and a key, as owners of cameras type it."""
        return f"rtsp://{USER}@127.0.0.1:{self._port}/live?key=s3cret"

    def start(self) -> None:
        """Returns once it listens and has packets to give."""
        self._stalled.clear()
        self._open = contextlib.ExitStack()
        self._packets, control = (self._socket(socket.SOCK_DGRAM, 0) for _ in range(2))
        self._listener = self._socket(socket.SOCK_STREAM, self._port)
        self._port = self._listener.getsockname()[1]
        self._listener.listen()
        self._sdp = Path(self._open.enter_context(tempfile.TemporaryDirectory())) / "sdp"
        ports = [each.getsockname()[1] for each in (self._packets, control)]
        pictures = ["-re", "-f", "lavfi", "-i", "testsrc=size=64x48:rate=30", "-pix_fmt", "yuv420p"]
        codec = ["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-g", "5"]
        to = [
            "-sdp_file",
            self._sdp,
            "-f",
            "rtp",
            f"rtp://127.0.0.1:{ports[0]}?rtcpport={ports[1]}&pkt_size=1200",
        ]
        command = [self._binary, "-loglevel", "error", *pictures, *codec, *to]
        self._ffmpeg = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        )
        wait_until(lambda: self._sdp.exists() and self._sdp.read_text().endswith("\n"))
        threading.Thread(target=self._serve, daemon=True).start()

    def stall(self) -> None:
        self._stalled.set()

    def kill(self) -> None:
        self._ffmpeg.kill()
        self._ffmpeg.wait(LONG_S)
        self._open.close()

    def _socket(self, kind: socket.SocketKind, port: int) -> socket.socket:
        made = self._open.enter_context(socket.socket(type=kind))
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(("127.0.0.1", port))
        self._open.callback(lambda: _shut(made))
        return made

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                player, _ = self._listener.accept()
                self._open.callback(lambda player=player: _shut(player))
                with contextlib.suppress(OSError), player, player.makefile("rb") as asked:
                    while self._answer(player, _request(asked)) != "PLAY":
                        pass
                    self._play(player)

    def _answer(self, player: socket.socket, request: dict[str, str]) -> str:
        """Answer one request; what was granted."""
        granted = request["asks"] if request.get("authorization") == ALLOWED else "401"
        body = self._sdp.read_bytes() if granted == "DESCRIBE" else b""
        status = "401 Unauthorized" if granted == "401" else "200 OK"
        head = f"RTSP/1.0 {status}\r\nCSeq: {request['cseq']}\r\n{HEADERS[granted]}\r\n"
        head += f"Content-Length: {len(body)}\r\n\r\n"
        player.sendall(head.encode() + body)
        return granted

    def _play(self, player: socket.socket) -> None:
        while True:
            packet = self._packets.recv(PACKET_BYTES)
            if not self._stalled.is_set():
                player.sendall(b"$\0" + len(packet).to_bytes(2, "big") + packet)


def _request(asked) -> dict[str, str]:
    """What is asked, and the headers by name."""
    lines = list(iter(lambda: asked.readline().decode().strip(), ""))
    if not lines:
        raise OSError("the player went away")
    headers = dict(line.split(": ", 1) for line in lines[1:])
    return {"asks": lines[0].split()[0]} | {name.lower(): value for name, value in headers.items()}


def _shut(one: socket.socket) -> None:
    """Wake who waits for it."""
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
