from __future__ import annotations

import base64
import http.server
import socket
import subprocess
import threading
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import psutil
import pytest

from realtime.capture.live import live_source, network_stream
from realtime.capture.live.network_stream import NetworkStream, mask_password
from realtime.core.clock import SystemClock
from realtime.core.errors import SourceLost, StreamUnreachable

LONG_S = 30.0  # a limit that is only met when something is broken


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    """Generous time-outs for slow machines; a short one for the end of a stream."""
    monkeypatch.setattr(live_source, "LOST_S", LONG_S)
    monkeypatch.setattr(live_source, "OPEN_S", LONG_S)
    monkeypatch.setattr(network_stream, "OPEN_TIMEOUT_S", LONG_S)
    monkeypatch.setattr(network_stream, "READ_TIMEOUT_S", LONG_S)
    monkeypatch.setattr(network_stream, "FAILING_S", 0.1)


def frames_of(source: NetworkStream) -> list:
    with source:
        return list(iter(source.read, None))


def frames_until_closed(source: NetworkStream) -> list:
    """A stream without a declared length has no end: closing it counts as a loss."""
    frames: list = []
    with source, pytest.raises(SourceLost, match="closed the connection"):
        frames.extend(iter(source.read, None))
    return frames


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for_listening(server: subprocess.Popen, port: int) -> None:
    """FFmpeg takes one visitor only and does not say when it is ready, so ask the system."""
    process, pause = psutil.Process(server.pid), threading.Event()
    for _ in range(int(LONG_S / 0.02)):
        sockets = process.net_connections("tcp")
        if any(s.status == psutil.CONN_LISTEN and s.laddr.port == port for s in sockets):
            return
        pause.wait(0.02)
    pytest.fail("ffmpeg does not listen")


@pytest.fixture
def ffmpeg_server(clip) -> Iterator[str]:
    """The address at which ffmpeg serves the clip, at its own pace, as MJPEG over HTTP."""
    binary = pytest.importorskip("imageio_ffmpeg").get_ffmpeg_exe()
    port = free_port()
    url = f"http://127.0.0.1:{port}/clip.mjpeg"
    command = [
        binary,
        "-loglevel",
        "error",
        "-re",
        "-i",
        clip,
        "-q:v",
        "2",
        "-f",
        "mpjpeg",
        "-listen",
        "1",
        url,
    ]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL) as server:
        wait_for_listening(server, port)
        yield url
        server.kill()


def test_a_real_stream_is_watched_to_its_end(ffmpeg_server):
    source = NetworkStream(ffmpeg_server, SystemClock())
    frames = frames_until_closed(source)
    assert (source.kind, source.size_px) == ("stream", (64, 48))
    assert len(frames) + source.skipped["newer_frame"] == 30
    assert [frame.index for frame in frames] == list(range(len(frames)))
    times = [frame.captured_at_s for frame in frames]
    assert all(before < after for before, after in pairwise(times))
    brightness = [frame.image.mean() for frame in frames]
    assert brightness == sorted(brightness)
    assert brightness[-1] == pytest.approx(8 * 29, abs=4)


class Answer(http.server.BaseHTTPRequestHandler):
    """Answers with the server's `body` and `declared` length, then hangs while `hang` is set."""

    def do_GET(self) -> None:
        server = self.server
        if server.wants not in (None, self.headers.get("Authorization")):
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="camera"')
            self.end_headers()
            return
        self.send_response(200)
        self.send_header("Content-Type", server.content_type)
        if server.declared:
            self.send_header("Content-Length", str(server.declared))
        self.end_headers()
        self.wfile.write(server.body)
        self.wfile.flush()
        if server.hangs:
            server.release.wait(LONG_S)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def serve():
    """Serve `body` at an address; without `declared`, HTTP/1.0 ends the body by closing."""
    servers = []

    def start(body: bytes, content_type: str, declared: int = 0, hangs: bool = False, wants=None):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        server.body, server.content_type, server.declared, server.hangs = (
            body,
            content_type,
            declared,
            hangs,
        )
        server.wants, server.release = wants, threading.Event()
        server.url = f"127.0.0.1:{server.server_port}/watch"
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        servers.append(server)
        return server

    yield start
    for server in servers:
        server.release.set()
        server.shutdown()
        server.server_close()


MJPEG = "multipart/x-mixed-replace;boundary=frame"


def mjpeg(*levels: int) -> bytes:
    import cv2

    parts = []
    for level in levels:
        picture = cv2.imencode(".jpg", np.full((48, 64, 3), level, np.uint8))[1].tobytes()
        head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(picture)}\r\n\r\n"
        parts.append(head.encode() + picture + b"\r\n")
    return b"".join(parts)


def test_an_answer_without_a_length_that_closes_is_lost(serve):
    server = serve(mjpeg(*range(0, 200, 10)), MJPEG)
    source = NetworkStream(f"http://{server.url}", SystemClock())
    frames = frames_until_closed(source)
    assert len(frames) + source.skipped["newer_frame"] == 20
    assert frames[-1].image.mean() == pytest.approx(190, abs=2)


def test_a_sender_that_falls_silent_is_lost(serve, monkeypatch):
    monkeypatch.setattr(live_source, "LOST_S", 0.2)
    monkeypatch.setattr(live_source, "JOIN_S", 0.0)
    monkeypatch.setattr(network_stream, "READ_TIMEOUT_S", 1.0)
    server = serve(mjpeg(*range(0, 200, 10)), MJPEG, hangs=True)
    with pytest.raises(SourceLost, match="sent no picture for"):
        frames_of(NetworkStream(f"http://{server.url}", SystemClock()))


def test_interrupt_ends_a_read_that_waits(serve, monkeypatch):
    monkeypatch.setattr(live_source, "JOIN_S", 0.0)
    monkeypatch.setattr(network_stream, "READ_TIMEOUT_S", 1.0)
    server = serve(mjpeg(*range(0, 200, 10)), MJPEG, hangs=True)
    ends: list[bool] = []
    with NetworkStream(f"http://{server.url}", SystemClock()) as source:
        thread = threading.Thread(
            target=lambda: ends.append(list(iter(source.read, None)) is not None), daemon=True
        )
        thread.start()
        source.interrupt()
        thread.join(LONG_S)
        assert ends == [True]
        assert source.read() is None


@pytest.fixture
def film(ffmpeg) -> bytes:
    return ffmpeg(
        "film.mp4", "-c:v", "libx264", "-movflags", "+faststart", "-g", "10", seconds=4.0
    ).read_bytes()


def test_a_finished_file_is_an_end(serve, film):
    server = serve(film, "video/mp4", declared=len(film))
    source = NetworkStream(f"http://{server.url}", SystemClock())
    frames = frames_of(source)
    assert len(frames) + source.skipped["newer_frame"] == 120
    assert source.hz == 30.0


def test_a_file_that_breaks_off_is_lost(serve, film):
    server = serve(film[: len(film) // 2], "video/mp4", declared=len(film))
    with pytest.raises(SourceLost, match=r"broke off after .* of 4\.0 s"):
        frames_of(NetworkStream(f"http://{server.url}", SystemClock()))


def test_user_and_password_reach_the_server_and_nobody_else(serve, capfd):
    server = serve(
        mjpeg(*range(0, 200, 10)), MJPEG, wants="Basic " + base64.b64encode(b"me:s3cret").decode()
    )
    source = NetworkStream(f"http://me:s3cret@{server.url}?key=s3cret", SystemClock())
    assert frames_until_closed(source)
    assert source.name == f"http://***@{server.url}?***"
    assert "s3cret" not in "".join(capfd.readouterr())


def refusal(url: str, capfd) -> str:
    source = NetworkStream(url, SystemClock())
    with pytest.raises(StreamUnreachable) as refused:
        source.open()
    assert "s3cret" not in "".join(capfd.readouterr())
    return str(refused.value)


@pytest.mark.parametrize("scheme", ["http", "rtsp"])
def test_nobody_answers(scheme, capfd):
    port = free_port()
    message = refusal(f"{scheme}://me:s3cret@127.0.0.1:{port}/live", capfd)
    assert message.startswith(f"{scheme}://***@127.0.0.1:{port}/live gave no video within")


@pytest.mark.parametrize("scheme", ["http", "rtsp"])
def test_who_takes_the_call_and_says_nothing_is_given_up(scheme, capfd, monkeypatch):
    """Without a limit FFmpeg would wait for ever."""
    monkeypatch.setattr(network_stream, "OPEN_TIMEOUT_S", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        where = f"127.0.0.1:{mute.getsockname()[1]}/live"
        assert refusal(f"{scheme}://me:s3cret@{where}", capfd).startswith(
            f"{scheme}://***@{where} gave no video within 0.5 s"
        )


def test_the_answer_is_no_video(serve, capfd):
    server = serve(b"<html>welcome</html>" * 50, "text/html")
    assert "gave no video" in refusal(f"http://me:s3cret@{server.url}", capfd)


def test_a_wrong_password_is_refused(serve, capfd):
    server = serve(mjpeg(0), MJPEG, wants="Basic other")
    assert "Check the address, the sender, the password" in refusal(
        f"http://me:s3cret@{server.url}", capfd
    )


@pytest.mark.parametrize(
    ("closed", "declared_s", "position_s", "url", "lost"),
    [
        (True, 0.0, 9.0, "HTTP://host/live", True),
        (True, 0.0, 9.0, "rtsp://host/live", True),
        (True, 10.0, 9.5, "rtsp://host/live", False),
        (True, 10.0, 5.0, "http://host/live", True),
        (False, 10.0, 9.5, "http://host/live", True),
        (False, 0.0, 9.5, "http://host/live", True),
    ],
)
def test_what_is_an_end_and_what_a_loss(closed, declared_s, position_s, url, lost, clock):
    source = NetworkStream(url, clock)
    source._device_thread.declared_s, source._device_thread.position_s = declared_s, position_s
    assert isinstance(source._ended(closed), SourceLost) == lost


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("rtsp://host:554/a/b", "rtsp://host:554/a/b"),
        ("rtsp://me:s3cret@host/a", "rtsp://***@host/a"),
        ("rtsp://me:s3cret/more@s3cret@host/a", "rtsp://***@host/a"),
        ("rtsp://me:what?s3cret@host/a", "rtsp://***@host/a"),
        ("http://host/a?user=me&pwd=s3cret", "http://host/a?***"),
        ("http://host/a?user=me@home&pwd=s3cret", "http://***@home?***"),
        ("http://host/a;token=s3cret#part", "http://host/a?***"),
    ],
)
def test_secrets_are_masked(url, shown):
    assert mask_password(url) == shown
