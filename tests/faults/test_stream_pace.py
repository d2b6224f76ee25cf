"""Video over HTTP is judged by its own clock, whether it comes at once, in segments or late."""

from __future__ import annotations

import contextlib
import functools
import http.server
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from servers import wait_until

from realtime.capture.live import live_source, network_stream
from realtime.capture.live.network_stream import NetworkStream
from realtime.core.clock import SystemClock
from realtime.core.messages import Frame

LONG_S = 30.0
SOURCE = "testsrc2=size=160x120:rate=30"
CODED = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")


class SlowFiles(http.server.SimpleHTTPRequestHandler):
    """Files of a folder; sends those named like `slow` at `slow_bytes_per_s`."""

    slow, slow_bytes_per_s = "", 0.0

    def copyfile(self, source, outputfile) -> None:  # type: ignore[no-untyped-def]
        slow = self.slow and self.slow in self.path
        with contextlib.suppress(OSError):  # the player has seen enough
            while piece := source.read(4096):
                outputfile.write(piece)
                time.sleep(len(piece) / self.slow_bytes_per_s if slow else 0.0)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def serve_folder(tmp_path: Path) -> Iterator[Callable[..., str]]:
    """Return `serve(slow, slow_bytes_per_s)`, which serves `tmp_path` and returns its address."""
    servers = []

    def serve(slow: str = "", slow_bytes_per_s: float = 0.0) -> str:
        settings = {"slow": slow, "slow_bytes_per_s": slow_bytes_per_s}
        handler = functools.partial(type("Files", (SlowFiles,), settings), directory=tmp_path)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def encode(tmp_path: Path) -> Callable[..., subprocess.Popen[bytes]]:
    """Return `encode(seconds, *arguments)`, which starts ffmpeg on a test picture."""
    binary = pytest.importorskip("imageio_ffmpeg").get_ffmpeg_exe()

    def run(seconds: float, *arguments: object, live: bool = False) -> subprocess.Popen[bytes]:
        source = ["-re"] * live + ["-f", "lavfi", "-i", f"{SOURCE}:duration={seconds}"]
        command = [binary, "-loglevel", "error", "-y", *source, *map(str, arguments)]
        return subprocess.Popen(command, cwd=tmp_path, stdin=subprocess.DEVNULL)

    return run


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_source, "OPEN_S", LONG_S)
    monkeypatch.setattr(network_stream, "OPEN_TIMEOUT_S", LONG_S)


def frames_of(source: NetworkStream, most: int = 10_000) -> list[Frame]:
    frames: list[Frame] = []
    with source:
        while len(frames) < most and (frame := source.read()) is not None:
            frames.append(frame)
    return frames


def played_on_time(frames: list[Frame]) -> bool:
    """Return whether pace and stamps are those of the video, one thirtieth apart."""
    return np.allclose(
        np.diff([frame.captured_at_s for frame in frames]), 1 / 30, atol=2e-3
    ) and np.allclose(np.diff([frame.read_at_s for frame in frames]), 1 / 30, atol=2e-3)


@pytest.mark.parametrize("name", ["film.mp4", "film.mkv", "film.ts", "film.m3u8"])
def test_a_recording_behind_http_plays_at_its_own_pace(
    encode, serve_folder, clock, name: str
) -> None:
    """The clock moves by waiting only, so the network's speed plays no part."""
    segments = ("-hls_time", "1", "-hls_list_size", "0") * name.endswith("m3u8")
    flags = ("-movflags", "+faststart") * name.endswith("mp4")
    assert encode(4, *CODED, "-g", "30", *segments, *flags, name).wait(LONG_S) == 0
    source = NetworkStream(f"{serve_folder()}/{name}", clock)
    frames = frames_of(source)
    assert len(frames) == 120
    assert source.recorded
    assert frames[0].captured_at_s == pytest.approx(0.0, abs=0.05)
    assert played_on_time(frames)
    assert not source.skipped


def test_live_segments_are_judged_as_a_steady_stream(encode, serve_folder, tmp_path: Path) -> None:
    segments = ("-g", "30", "-f", "hls", "-hls_time", "1", "-hls_list_size", "5")
    sender = encode(60, *CODED, *segments, "live.m3u8", live=True)
    try:
        wait_until(lambda: (tmp_path / "live2.ts").exists())
        source = NetworkStream(f"{serve_folder()}/live.m3u8", SystemClock())
        frames = frames_of(source, most=150)
    finally:
        sender.kill()
        sender.wait(LONG_S)
    assert not source.recorded
    assert len(frames) == 150
    assert np.diff([frame.captured_at_s for frame in frames]) == pytest.approx(
        [1 / 30] * 149, abs=2e-3
    )
    # Read as they were filmed, and not in bursts of a segment: the last fifth took its time.
    took_s = frames[-1].read_at_s - frames[119].read_at_s
    assert took_s > 0.5


def test_the_largest_variant_that_keeps_pace_is_watched(
    encode, serve_folder, monkeypatch, tmp_path: Path
) -> None:
    variants = {"small": ("160x120", "40k"), "large": ("320x240", "1000k")}
    lines = ["#EXTM3U"]
    for name, (size, rate) in variants.items():
        segments = ("-g", "30", "-hls_time", "1", "-hls_list_size", "0")
        coded = (*CODED, "-s", size, "-b:v", rate, "-minrate", rate, "-maxrate", rate)
        sized = (*coded, "-bufsize", rate)
        assert encode(8, *sized, *segments, f"{name}.m3u8").wait(LONG_S) == 0
        bandwidth = int(rate[:-1]) * 1000
        lines += [f"#EXT-X-STREAM-INF:BANDWIDTH={bandwidth},RESOLUTION={size}", f"{name}.m3u8"]
    (tmp_path / "master.m3u8").write_text("\n".join(lines) + "\n")
    fast = NetworkStream(f"{serve_folder()}/master.m3u8", SystemClock())
    assert frames_of(fast, most=3)[0].size_px == (320, 240)
    monkeypatch.setattr(network_stream, "DELAYED_S", 1.0)
    largest = max((tmp_path / f"large{n}.ts").stat().st_size for n in range(8))
    slow = NetworkStream(f"{serve_folder('large', 0.3 * largest)}/master.m3u8", SystemClock())
    with pytest.raises(network_stream.SourceLost, match="Trying a smaller variant"):
        frames_of(slow)
    frames = frames_of(slow, most=3)
    assert frames[0].size_px == (160, 120)


def test_a_gap_inside_a_film_is_not_waited_for(encode, serve_folder, clock, tmp_path: Path) -> None:
    jump = ("-vf", "setpts='PTS+gte(N,60)*50/TB'")
    assert encode(4, *jump, "-fps_mode", "passthrough", *CODED, "film.mkv").wait(LONG_S) == 0
    frames = frames_of(NetworkStream(f"{serve_folder()}/film.mkv", clock))
    captured = [frame.captured_at_s for frame in frames]
    waited = [later.read_at_s - sooner.read_at_s for sooner, later in pairwise(frames)]
    assert max(np.diff(captured)) == pytest.approx(50, abs=0.1)
    assert max(waited) <= 2.001
    assert len(frames) == 120
