"""One suite over every source of frames: what the pipeline may rely on, whatever it watches."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
from driver import Driver

from realtime.capture import demo
from realtime.capture.demo import DemoClip
from realtime.capture.frame_sequence import FrameSequence
from realtime.capture.live import camera
from realtime.capture.live.camera import Camera
from realtime.capture.live.network_stream import NetworkStream
from realtime.capture.live.reconnect import ReconnectingSource
from realtime.capture.source import Source
from realtime.capture.video_file import VideoFile
from realtime.core.clock import SystemClock
from realtime.core.errors import SourceError
from realtime.testing.fake_camera import FakeCamera, Pause

KINDS = [
    "fake",
    "recovering",
    "replay paced",
    "replay unpaced",
    "demo",
    "frames",
    "camera",
    "stream",
]
LONG_S = 30.0

Make = Callable[[], Source]


@pytest.fixture
def film_url(clip: Path) -> Iterator[str]:
    body = clip.read_bytes()

    class Film(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            start = int((self.headers.get("Range") or "bytes=0-")[6:].split("-")[0])
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
            self.send_header("Content-Length", str(len(body) - start))
            self.end_headers()
            self.wfile.write(body[start:])

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Film)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/film.mp4"
    server.shutdown()
    server.server_close()


@pytest.fixture(params=KINDS)
def make(request, clip, clock, image, monkeypatch, tmp_path) -> Make:
    match request.param:
        case "fake":
            return lambda: FakeCamera([image, Pause(0.03)] * 30, clock)
        case "recovering":
            script = [
                step
                for level in range(60, 90)
                for step in (np.full_like(image, level), Pause(0.03))
            ]
            return lambda: ReconnectingSource(FakeCamera(script, clock), clock)
        case "replay paced":
            return lambda: VideoFile(clip, True, clock)
        case "replay unpaced":
            return lambda: VideoFile(clip, False, clock)
        case "demo":
            if not demo.CLIP.exists():
                pytest.skip("the demo clip is not rendered yet")
            return lambda: DemoClip(True, clock)
        case "frames":
            pairs = [(np.full_like(image, level), level / 30) for level in range(30)]
            return lambda: FrameSequence(pairs, clock)
        case "camera":
            clock.tick_s = 0.01
            (tmp_path / "video0").touch()
            monkeypatch.setattr(camera, "DEVICES", tmp_path)
            monkeypatch.setattr(camera.cv2, "VideoCapture", Driver(30))
            return lambda: Camera(0, clock)
        case _:
            url = request.getfixturevalue("film_url")
            return lambda: NetworkStream(url, SystemClock())


def frames_of(source: Source) -> list:
    """All frames; a camera has no end, so that being lost is one here."""
    frames = []
    try:
        while frame := source.read():
            frames.append(frame)
    except SourceError:
        assert source.kind == "camera"
    return frames


def test_frames_count_from_0_go_forward_and_are_all_accounted_for(make):
    with make() as source:
        frames = frames_of(source)
    assert [frame.index for frame in frames] == list(range(len(frames)))
    times = [frame.captured_at_s for frame in frames]
    assert all(before < after for before, after in pairwise(times))
    reads = [frame.read_at_s for frame in frames]
    assert reads == sorted(reads)
    if source.kind != "demo":
        assert len(frames) + source.skipped.total() == 30


def test_an_open_source_knows_its_size_and_what_it_is(make):
    with make() as source:
        frame = source.read()
        assert source.kind in ("camera", "replay", "stream", "demo", "frames")
        assert source.name
        assert source.hz >= 0
        assert source.size_px == (frame.image.shape[1], frame.image.shape[0])


def test_pictures_are_their_own(make):
    """A frame is not overwritten by the next: stages keep it for as long as they need it."""
    with make() as source:
        first = source.read()
        kept = first.image.copy()
        frames_of(source)
    assert np.array_equal(first.image, kept)


def test_none_at_the_end_and_ever_after(make):
    with make() as source:
        frames_of(source)
        if not isinstance(source, Camera):
            assert source.read() is None


def test_none_after_interrupt(make):
    with make() as source:
        assert source.read() is not None
        source.interrupt()
        source.interrupt()
        assert source.read() is None


def test_interrupted_before_opening_it_gives_nothing_and_no_error(make):
    source = make()
    source.interrupt()
    with source:
        assert source.read() is None


def test_closing_twice_is_harmless_and_so_is_closing_what_never_opened(make):
    source = make()
    source.close()
    with make() as source:
        source.read()
    source.close()


def test_what_is_live_opens_again_once_closed_and_counts_on(make):
    source = make()
    with source:
        first = source.read()
    if source.kind not in ("camera", "stream"):
        return
    with source:
        again = source.read()
    assert again.index == first.index + 1
    assert again.captured_at_s > first.captured_at_s


def test_all_is_well_with_a_source_that_gives_good_pictures(make):
    with make() as source:
        source.read()
        assert source.signal_error == ""


def test_no_thread_stays_behind(make):
    before = set(threading.enumerate())
    with make() as source:
        source.read()
    left = [thread for thread in set(threading.enumerate()) - before if thread.name == "reader"]
    assert left == []


def nothing(kind: str, clock, tmp_path: Path, monkeypatch) -> Source:
    monkeypatch.setattr(camera, "DEVICES", tmp_path)
    monkeypatch.setattr(camera.cv2, "VideoCapture", lambda *_: cv2.VideoWriter())  # opened nothing
    return {
        "replay": lambda: VideoFile(tmp_path / "gone.mp4", True, clock),
        "camera": lambda: Camera(0, clock),
        "stream": lambda: NetworkStream("http://127.0.0.1:9/", SystemClock()),
    }[kind]()


@pytest.mark.parametrize("kind", ["replay", "camera", "stream"])
def test_what_cannot_be_opened_is_one_line_from_the_tree(kind, clock, tmp_path, monkeypatch):
    source = nothing(kind, clock, tmp_path, monkeypatch)
    with pytest.raises(SourceError) as refused:
        source.open()
    assert "\n" not in str(refused.value)
    assert source.name in str(refused.value)
    source.close()
