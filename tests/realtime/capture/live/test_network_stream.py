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
from realtime.capture.live.media_clock import MediaClock
from realtime.capture.live.network_stream import NetworkStream, mask_password
from realtime.capture.video_file import VideoFile
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
        try:
            wait_for_listening(server, port)
            yield url
        finally:
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
        if server.status != 200:
            self.send_error(server.status)
            return
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
        server.wants, server.release, server.status = wants, threading.Event(), 200
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


def test_a_file_behind_http_plays_like_a_file(serve, film, clock, tmp_path):
    """The network is read ahead of a clock that only waiting moves."""
    server = serve(film, "video/mp4", declared=len(film))
    source = NetworkStream(f"http://{server.url}", clock)
    frames = frames_of(source)
    (tmp_path / "film.mp4").write_bytes(film)
    with VideoFile(tmp_path / "film.mp4", True, clock) as local:
        wanted = list(iter(local.read, None))
    assert source.hz == 30.0
    assert source.recorded
    assert [frame.captured_at_s for frame in frames] == [each.captured_at_s for each in wanted]
    assert np.diff([frame.read_at_s for frame in frames]) == pytest.approx([1 / 30] * 119, abs=1e-3)
    assert not source.skipped
    np.testing.assert_array_equal(frames[77].gray, wanted[77].gray)


def test_an_index_at_the_end_of_a_file_without_parts_is_named(serve, ffmpeg, capfd):
    noisy = ("-vf", "scale=960:720,noise=alls=80:allf=t", "-preset", "ultrafast", "-crf", "5")
    late = ffmpeg("late.mp4", "-c:v", "libx264", *noisy).read_bytes()  # more than is read ahead
    server = serve(late, "video/mp4", declared=len(late))
    assert "its index is at the end" in refusal(f"http://me:s3cret@{server.url}", capfd)


def test_a_file_that_breaks_off_is_lost(serve, film, clock):
    server = serve(film[: len(film) // 2], "video/mp4", declared=len(film))
    with pytest.raises(SourceLost, match=r"broke off after .* of 4\.0 s"):
        frames_of(NetworkStream(f"http://{server.url}", clock))


def test_a_file_that_broke_off_is_continued(serve, film, clock):
    server = serve(film[: len(film) // 2], "video/mp4", declared=len(film))
    source, frames = NetworkStream(f"http://{server.url}", clock), []
    with source, pytest.raises(SourceLost, match="broke off"):
        frames.extend(iter(source.read, None))
    server.body = film
    frames += frames_of(source)
    times = [frame.captured_at_s for frame in frames]
    assert all(before < after for before, after in pairwise(times))
    assert np.diff(times).max() < 0.5  # what was on the way when it broke
    assert times[-1] == pytest.approx(119 / 30)
    assert [frame.index for frame in frames] == list(range(len(frames)))


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
    assert message.startswith(f"{scheme}://***@127.0.0.1:{port}/live refuses the connection")


@pytest.mark.parametrize("scheme", ["http", "rtsp"])
def test_who_takes_the_call_and_says_nothing_is_given_up(scheme, capfd, monkeypatch):
    """Without a limit FFmpeg would wait for ever."""
    monkeypatch.setattr(network_stream, "OPEN_TIMEOUT_S", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        where = f"127.0.0.1:{mute.getsockname()[1]}/live"
        message = refusal(f"{scheme}://me:s3cret@{where}", capfd)
        assert message.startswith(f"{scheme}://***@{where} gave no ")
        assert "within 0.5 s" in message


@pytest.mark.parametrize(
    ("body", "content_type", "told"),
    [
        (b"<html>welcome</html>" * 50, "text/html", "is a web page, not a video"),
        (b"not a video" * 500, "video/mp4", "sends no video that can be read"),
        (b"\xff\xd8\xff" + bytes(500), "image/jpeg", "is one picture (image/jpeg)"),
        (b"{}", "application/json", "sends no video that can be read"),
    ],
)
def test_an_answer_that_is_no_video_is_named(serve, capfd, body, content_type, told):
    server = serve(body, content_type, declared=len(body))
    assert told in refusal(f"http://me:s3cret@{server.url}", capfd)


def test_a_wrong_password_is_refused(serve, capfd):
    server = serve(mjpeg(0), MJPEG, wants="Basic other")
    assert "asks for a user and a password (401)" in refusal(
        f"http://me:s3cret@{server.url}", capfd
    )


@pytest.mark.parametrize(
    ("code", "told"),
    [(401, "(401)"), (403, "forbids access (403)"), (404, "Check the path"), (503, "error 503")],
)
def test_a_status_is_named(serve, capfd, code, told):
    server = serve(b"", "text/plain")
    server.status = code
    assert told in refusal(f"http://me:s3cret@{server.url}", capfd)


def test_an_unknown_host_is_named(capfd):
    assert "is an unknown host" in refusal("http://me:s3cret@no-such-host.invalid/live", capfd)
    assert "is an unknown host" in refusal("rtsp://me:s3cret@no-such-host.invalid/live", capfd)


def test_a_server_without_tls_is_named(serve, capfd):
    server = serve(mjpeg(0), MJPEG)
    assert "speaks no TLS" in refusal(f"https://me:s3cret@{server.url}", capfd)


def test_sound_alone_is_named(serve, capfd, ffmpeg):
    sound = ffmpeg("sound.mp3", "-f", "lavfi", "-i", "sine=duration=2", "-map", "1").read_bytes()
    server = serve(sound, "audio/mpeg", declared=len(sound))
    assert "has no video, only sound" in refusal(f"http://me:s3cret@{server.url}", capfd)


@pytest.mark.parametrize(
    ("closed", "recorded", "segmented", "reached_s", "lost"),
    [
        (True, False, False, 9.0, "closed the connection"),
        (True, False, True, 9.0, None),
        (True, True, False, 9.5, None),
        (True, True, False, 5.0, "broke off after 5.0 of 10.0 s"),
        (True, True, True, 5.0, "broke off after 5.0 of 10.0 s"),
        (False, True, False, 9.5, "sent no picture for"),
        (False, False, False, 9.5, "sent no picture for"),
    ],
)
def test_what_is_an_end_and_what_a_loss(closed, recorded, segmented, reached_s, lost, clock):
    source = NetworkStream("http://host/live", clock)
    source.recorded, source._segmented, source._reached_s = recorded, segmented, reached_s
    source._duration_s = 10.0 if recorded else 0.0
    error = source._ended(closed)
    assert (error is None) == (lost is None)
    assert lost is None or lost in str(error)


@pytest.mark.parametrize("variants", [1, 2, 3])
def test_an_hls_stream_that_falls_behind_is_left_only_for_a_smaller_variant(variants, clock):
    source = NetworkStream("http://host/live.m3u8", clock)
    source._segmented, source._variants = True, variants
    for _ in range(variants - 1):
        source._media_clock = late_clock()
        with pytest.raises(SourceLost, match="Trying a smaller variant"):
            source._check_pace(110.0)
    source._media_clock = late_clock()
    source._check_pace(110.0)
    assert source._smaller_variants == variants - 1


def late_clock() -> MediaClock:
    media_clock = MediaClock(recorded=False)
    media_clock.place(0.0, 100.0)
    media_clock.place(0.1, 100.1 + 2 * network_stream.DELAYED_S)
    return media_clock


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
