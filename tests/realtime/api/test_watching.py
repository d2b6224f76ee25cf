"""Watching files, cameras and frames: the readings of a record, and nothing left behind."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest
from servers import wait_until

from engines.bundle.bundle import Bundle
from realtime.api import watching
from realtime.api.watching import NewestSnapshot, watch
from realtime.capture import demo
from realtime.capture.source import Source
from realtime.capture.video_file import VideoFile
from realtime.core.clock import SystemClock
from realtime.core.errors import FileUnreadable, SourceError, StageDied, UsageError
from realtime.core.messages import State, Verdict
from realtime.core.snapshot import RunSetting, Snapshot
from realtime.runtime.gauge_spec import GaugeSpec
from realtime.runtime.pipeline import Pipeline
from realtime.testing.fake_camera import FakeCamera, Pause, Step

IMAGE = np.full((48, 64, 3), 90, np.uint8)
STAGES = {"capture", "vision", "recognition", "reader"}


def files() -> list[str]:
    return [file.path for file in psutil.Process().open_files() if file.path.endswith("demo.mp4")]


def stage_threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name in STAGES]


@pytest.fixture
def camera(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeCamera]:
    """Return the camera that is watched: grey pictures, thirty a second, without end."""

    def script() -> Iterator[Step]:
        while True:
            yield from (IMAGE, Pause(1 / 30))

    yield watch_this(FakeCamera(script(), SystemClock()), monkeypatch)
    wait_until(lambda: not stage_threads())


def watch_this(source: FakeCamera, monkeypatch: pytest.MonkeyPatch) -> FakeCamera:
    def choose(*_: object) -> Source:
        return source

    monkeypatch.setattr(watching, "choose_source", choose)
    return source


@pytest.mark.parametrize("emotion", ["surprise", "auto"])
def test_the_readings_are_the_verdicts_of_a_lossless_run_bit_for_bit(
    bundle: Bundle, emotion: str
) -> None:
    verdicts: list[Verdict] = []
    clock, spec = SystemClock(), GaugeSpec.of(bundle, emotion)
    source = VideoFile(demo.CLIP, False, clock)
    setting = spec.setting(source.name)
    pipeline = Pipeline(
        setting, source, spec.load_group(), clock, lossless=True, on_verdict=verdicts.append
    )
    pipeline.start()
    wait_until(lambda: not pipeline.running)
    pipeline.stop()
    readings = list(watch(demo.CLIP, emotion))
    assert [values(each) for each in readings] == [values(each) for each in verdicts]
    assert any(each.pb is not None for each in readings)
    for reading, verdict in zip(readings, verdicts, strict=True):
        assert np.array_equal(reading.pb, verdict.pb)
        assert np.array_equal(reading.points_px, verdict.points_px)


def values(verdict: Verdict) -> list[object]:
    """Return what compares of a verdict, in order, but its age."""
    arrays, shown = ("pb", "points_px", "expression"), verdict.expression
    names = [name for name in Verdict.__dataclass_fields__ if name not in ("age_ms", *arrays)]
    return [*(getattr(verdict, name) for name in names), shown.by_name() if shown else None]


def test_paced_gives_the_same_at_its_own_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr(
        SystemClock, "wait_until", lambda self, at_s, stop: waited.append(at_s), raising=True
    )
    paced = [replace(each, age_ms=0.0) for each in watch(demo.CLIP, "surprise", paced=True)]
    assert waited[-1] - waited[0] == pytest.approx(8.57, abs=0.1)
    waited.clear()
    assert paced == [replace(each, age_ms=0.0) for each in watch(demo.CLIP, "surprise")]
    assert waited == []


def test_frames_of_ones_own_are_watched_like_a_file() -> None:
    with VideoFile(demo.CLIP, False, SystemClock()) as source:
        pairs = [(frame.image, frame.captured_at_s) for frame in iter(source.read, None)]
    readings = list(watch(pairs, "surprise"))
    assert len(readings) == 43
    assert any(each.p_genuine is not None for each in readings)


@pytest.mark.parametrize("how", ["break", "raise", "close"])
def test_leaving_early_closes_the_file_and_leaves_no_thread(how: str) -> None:
    before = threading.active_count()
    if how == "close":
        readings = watch(demo.CLIP)
        next(readings)
        assert files()
        readings.close()
    else:
        with_loop(how)
    assert files() == []
    assert threading.active_count() == before


def with_loop(how: str) -> None:
    def loop() -> None:
        for _ in watch(demo.CLIP):
            assert files()
            if how == "raise":
                raise KeyError(how)
            break

    if how == "raise":
        with pytest.raises(KeyError):
            loop()
    else:
        loop()


def test_what_is_odd_about_a_file_is_a_warning_at_its_end(ffmpeg: Callable[..., Path]) -> None:
    readings = watch(ffmpeg("still.mp4", "-frames:v", "1"))
    next(readings)
    with pytest.warns(UserWarning, match="still.mp4 is one still picture"):
        assert list(readings) == []


def test_nothing_is_opened_before_the_first_reading_is_asked_for() -> None:
    readings = watch(demo.CLIP)
    assert files() == []
    readings.close()


def test_a_time_at_rest_is_of_files_and_frames() -> None:
    for source in (0, "rtsp://127.0.0.1:9/"):
        with pytest.raises(UsageError, match="neutral_at_s is 2, a time of a file"):
            watch(source, neutral_at_s=2.0)
    watch(demo.CLIP, neutral_at_s=2.0).close()


def test_errors_come_at_once_or_with_the_first_reading(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no emotion"):
        watch(demo.CLIP, "joy")
    readings = watch(tmp_path / "gone.mp4")
    with pytest.raises(FileUnreadable, match=r"there is no file .*gone\.mp4"):
        next(readings)
    with pytest.raises(UsageError, match="want a BGR picture"):
        list(watch([(IMAGE[..., 0], 0.0)]))


class TestLive:
    def test_readings_come_as_they_are_made_until_the_loop_is_left(
        self, camera: FakeCamera
    ) -> None:
        times = []
        for reading in watch(0):
            assert (reading.state, reading.p_genuine) == (State.NO_FACE, None)
            times.append(reading.at_s)
            if len(times) == 3:
                break
        assert times == sorted(set(times))
        assert stage_threads() == []
        assert camera.closed

    def test_an_error_in_the_loop_ends_the_threads(self, camera: FakeCamera) -> None:
        readings = watch(0)
        next(readings)
        assert stage_threads()
        with pytest.raises(KeyError):
            readings.throw(KeyError("mine"))
        assert stage_threads() == []
        assert camera.closed

    def test_the_loop_ends_with_the_source(self, monkeypatch: pytest.MonkeyPatch) -> None:
        steps: list[Step] = [step for _ in range(20) for step in (IMAGE, Pause(0.03))]
        watch_this(FakeCamera(steps, SystemClock()), monkeypatch)
        assert len(list(watch(0))) >= 1
        assert stage_threads() == []

    @pytest.mark.parametrize(
        ("error", "raised"), [(SourceError("unplugged"), SourceError), (OSError(5), StageDied)]
    )
    def test_a_failure_is_raised_from_the_tree(
        self, error: Exception, raised: type[Exception], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        steps: Iterable[Step] = [IMAGE, Pause(0.05), error]
        watch_this(FakeCamera(steps, SystemClock()), monkeypatch)
        with pytest.raises(raised):
            list(watch(0))
        assert stage_threads() == []


class TestNewestSnapshot:
    def snapshot(self, at_s: float) -> Snapshot:
        verdict = Verdict(at_s, 1, "any", State.NO_FACE, None, "none", 1.0)
        return Snapshot(RunSetting("a", "any", "native", 1.6, 0.2), verdict=verdict)

    def test_the_newest_wins_and_the_others_are_counted(self) -> None:
        inbox = NewestSnapshot()
        for at_s in (1.0, 2.0, 3.0):
            inbox.put(self.snapshot(at_s))
        newest = inbox.take()
        assert newest is not None
        assert (newest.at_s, newest.missed) == (3.0, 2)
        inbox.put(self.snapshot(4.0))
        following = inbox.take()
        assert following is not None
        assert (following.at_s, following.missed) == (4.0, 0)
        assert inbox.take() is None

    def test_the_same_verdict_is_given_out_once(self) -> None:
        inbox, snapshot = NewestSnapshot(), self.snapshot(1.0)
        inbox.put(snapshot)
        inbox.put(replace(snapshot, notice="again"))
        assert inbox.take() is not None
        inbox.put(snapshot)
        assert inbox.take() is None
