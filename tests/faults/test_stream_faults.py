"""Streams over real sockets: a server that is killed and returns, and one that misbehaves."""

from __future__ import annotations

import threading

import pytest
from rtsp import RtspCamera
from servers import Ffmpeg, Misbehaving, wait_until
from simulated_run import pipeline_over

from realtime.capture.live.network_stream import NetworkStream
from realtime.capture.live.reconnect import ReconnectingSource
from realtime.core.clock import SystemClock
from realtime.core.messages import State, Verdict
from realtime.runtime.pipeline import Pipeline


class StreamRun:
    """Run of the pipeline on a stream, and its verdicts."""

    def __init__(self, url: str) -> None:
        self.verdicts: list[Verdict] = []
        self.source = ReconnectingSource(NetworkStream(url, SystemClock()), SystemClock())
        self.pipeline: Pipeline = pipeline_over(
            self.source, SystemClock(), on_verdict=self.verdicts.append
        )

    def __enter__(self) -> StreamRun:
        self.pipeline.start()
        return self

    def __exit__(self, *_: object) -> None:
        assert self.pipeline.stop() == []
        self.pipeline.raise_failure()
        counts = self.pipeline.snapshot().counts
        assert counts.captured == counts.processed + sum(counts.dropped.values())

    def wait_for(self, *, number: bool) -> None:
        wait_until(
            lambda: bool(self.verdicts) and (self.verdicts[-1].p_genuine is not None) == number
        )


@pytest.fixture
def ffmpeg_server():
    server = Ffmpeg(pytest.importorskip("imageio_ffmpeg").get_ffmpeg_exe())
    server.start()
    yield server
    server.kill()


def back_after_s(gauge: StreamRun, server: Ffmpeg) -> float:
    """Kill and restart the server; return the seconds until there is a signal again."""
    gauge.wait_for(number=True)
    server.kill()
    wait_until(lambda: gauge.verdicts[-1].state is State.NO_SIGNAL)
    lost_at = len(gauge.verdicts) - 1  # the reason may be there with the first such verdict
    wait_until(lambda: "127.0.0.1" in gauge.verdicts[-1].reason)
    server.start()
    returned_s = SystemClock().now_s()
    assert {verdict.state for verdict in gauge.verdicts[lost_at:]} == {State.NO_SIGNAL}
    wait_until(lambda: gauge.verdicts[-1].state is not State.NO_SIGNAL)
    return SystemClock().now_s() - returned_s


def test_a_stream_killed_and_restarted_three_times_is_watched_again_each_time(
    ffmpeg_server: Ffmpeg,
) -> None:
    with StreamRun(ffmpeg_server.url) as gauge:
        took_s = [back_after_s(gauge, ffmpeg_server) for _ in range(3)]
        gauge.wait_for(number=True)
    print(f"signal back {', '.join(f'{s:.2f}' for s in took_s)} s after the server listened")
    assert gauge.source.reopened == 3


@pytest.fixture
def rtsp_camera():
    camera = RtspCamera(pytest.importorskip("imageio_ffmpeg").get_ffmpeg_exe())
    camera.start()
    yield camera
    camera.kill()


@pytest.mark.parametrize("fault", ["killed", "stalled"])
def test_an_rtsp_camera_that_goes_and_comes_back_is_watched_again(
    rtsp_camera: RtspCamera, fault: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """The password reaches the camera and appears nowhere else."""
    with StreamRun(rtsp_camera.url) as gauge:
        gauge.wait_for(number=True)
        rtsp_camera.kill() if fault == "killed" else rtsp_camera.stall()
        wait_until(lambda: gauge.verdicts[-1].state is State.NO_SIGNAL)
        wait_until(lambda: "rtsp://***@127.0.0.1" in gauge.verdicts[-1].reason)
        assert gauge.verdicts[-1].p_genuine is None
        if fault == "stalled":
            rtsp_camera.kill()
        rtsp_camera.start()
        gauge.wait_for(number=True)
    assert gauge.source.reopened >= 1
    assert "s3cret" not in "".join(capfd.readouterr()) + repr(gauge.verdicts) + gauge.source.name


@pytest.mark.parametrize("how", ["stalls", "cuts mid-frame", "sends garbage", "refuses"])
def test_a_run_survives_a_misbehaving_server(how: str, capfd: pytest.CaptureFixture[str]) -> None:
    answers = ["stalls", "refuses"] if how == "refuses" else [how]
    with Misbehaving(answers).serving() as server, StreamRun(server.url) as gauge:
        wait_until(lambda: server.visits[-1:] == ["well"])
        gauge.wait_for(number=True)
    assert server.visits[: len(answers)] == answers
    assert any(verdict.state is State.NO_SIGNAL for verdict in gauge.verdicts)
    shown = "".join(capfd.readouterr()) + repr(gauge.verdicts) + gauge.source.name
    assert "s3cret" not in shown


def test_no_reader_is_left_behind_by_reconnecting() -> None:
    before = threading.active_count()
    with Misbehaving(["cuts mid-frame"] * 3).serving() as server, StreamRun(server.url) as gauge:
        wait_until(lambda: server.visits[-1:] == ["well"])
        gauge.wait_for(number=True)
        readers = [thread for thread in threading.enumerate() if thread.name == "reader"]
        assert len(readers) <= 1
    wait_until(lambda: threading.active_count() <= before)
