from __future__ import annotations

import math
import os
import subprocess
import sys

import cv2
import numpy as np
import pytest

from realtime.capture import video_file as module
from realtime.capture.decoding.decoder import TimedPicture
from realtime.capture.playback import PlaybackRange
from realtime.capture.video_file import LONGEST_WAIT_S, FileFormat, VideoFile
from realtime.core.errors import FileUnreadable
from realtime.core.picture import ArrayPicture


def frames_of(source: VideoFile) -> list:
    with source:
        return list(iter(source.read, None))


def test_a_file_tells_of_itself(clip, clock):
    with VideoFile(clip, False, clock) as source:
        assert (source.kind, source.name, source.hz, source.size_px) == (
            "replay",
            "clip.mp4",
            30.0,
            (64, 48),
        )


def test_every_frame_comes_once_with_its_own_picture_and_time(clip, clock):
    frames = frames_of(VideoFile(clip, False, clock))
    assert [frame.index for frame in frames] == list(range(30))
    assert [frame.captured_at_s for frame in frames] == pytest.approx(np.arange(30) / 30)
    assert [int(frame.image.mean()) for frame in frames] == pytest.approx(np.arange(30) * 8, abs=4)


def test_unpaced_never_waits(clip, clock):
    frames_of(VideoFile(clip, False, clock))
    assert clock.waits == []


def test_paced_frames_come_when_they_are_due(clip, clock):
    frames = frames_of(VideoFile(clip, True, clock))
    assert [frame.read_at_s for frame in frames] == pytest.approx(1000 + np.arange(30) / 30)
    assert frames[0].captured_at_s == 0


def test_the_first_read_is_time_zero_and_a_late_reader_catches_up(clip, clock):
    with VideoFile(clip, True, clock) as source:
        clock.time_s = 2000.0  # loading models takes its time
        assert source.read().read_at_s == 2000.0
        clock.time_s = 2000.5
        late = [source.read() for _ in range(16)]
    assert [frame.read_at_s for frame in late[:15]] == [2000.5] * 15
    assert late[15].read_at_s == pytest.approx(2000 + 16 / 30)


@pytest.mark.parametrize("name", ["vfr.mp4", "vfr.mkv"])
def test_a_variable_frame_rate_is_kept(ffmpeg, clock, name):
    vfr = ffmpeg(
        name, "-vf", "select=not(eq(mod(n\\,3)\\,1))", "-fps_mode", "vfr", "-c:v", "libx264"
    )
    frames = frames_of(VideoFile(vfr, True, clock))
    times = [frame.captured_at_s for frame in frames]
    assert times == pytest.approx([n / 30 for n in range(30) if n % 3 != 1], abs=0.002)
    assert [frame.read_at_s - 1000 for frame in frames] == pytest.approx(times)


def test_without_timestamps_the_nominal_rate_counts(ffmpeg, clock):
    raw = ffmpeg("raw.h264", "-c:v", "libx264", "-bsf:v", "h264_metadata=tick_rate=60")
    with VideoFile(raw, False, clock) as source:
        times = [frame.captured_at_s for frame in iter(source.read, None)]
        assert times == pytest.approx(np.arange(30) / source.hz)


def test_joined_parts_go_on(ffmpeg, clock, tmp_path):
    part = ffmpeg("part.ts", "-c:v", "libx264", "-pix_fmt", "yuv420p", seconds=2.0).read_bytes()
    joined = tmp_path / "joined.ts"
    joined.write_bytes(part * 2)
    source = VideoFile(joined, False, clock)
    frames = frames_of(source)
    assert source.skipped["corrupt"] <= 2  # the join itself is a break of the packets' count
    assert len(frames) + source.skipped["corrupt"] == 120
    assert frames[-1].captured_at_s == pytest.approx(119 / 30, abs=0.1)
    assert np.diff([frame.captured_at_s for frame in frames]).max() <= 3 / 30 + 0.001


def test_a_rotated_file_is_upright(ffmpeg, clock, tmp_path):
    flat = ffmpeg("flat.mp4", "-c:v", "libx264")
    turned = ffmpeg(
        "turned.mp4", "-display_rotation", "90", "-i", str(flat), "-map", "1", "-c", "copy"
    )
    upright, flat_frame = (
        frames_of(VideoFile(turned, False, clock))[0],
        frames_of(VideoFile(flat, False, clock))[0],
    )
    assert upright.image.shape == (64, 48, 3)
    assert np.array_equal(
        upright.image, cv2.rotate(flat_frame.image, cv2.ROTATE_90_COUNTERCLOCKWISE)
    )


def test_the_end_stays_the_end(clip, clock):
    with VideoFile(clip, False, clock) as source:
        assert len(list(iter(source.read, None))) == 30
        assert source.read() is None
    assert source.read() is None
    assert not source.skipped


def test_an_interrupted_wait_gives_no_frame(clip, clock):
    with VideoFile(clip, True, clock) as source:
        source.read()
        clock.wait_until = lambda at_s, stop: source.interrupt()
        assert source.read() is None
        assert source.read() is None


def test_what_is_left_of_a_truncated_file_is_delivered(ffmpeg, clock, tmp_path):
    whole = ffmpeg(
        "whole.mp4", "-c:v", "libx264", "-g", "10", "-movflags", "+faststart"
    ).read_bytes()
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(whole[: len(whole) * 2 // 3])
    frames = frames_of(VideoFile(cut, False, clock))
    assert 8 <= len(frames) < 30  # of 10 whole ones, two were not shown yet
    assert [frame.index for frame in frames] == list(range(len(frames)))


def test_damage_in_the_middle_is_counted_and_passed_over(ffmpeg, clock, tmp_path):
    data = bytearray(
        ffmpeg(
            "whole.mp4", "-c:v", "libx264", "-g", "10", "-movflags", "+faststart", seconds=2.0
        ).read_bytes()
    )
    half, some = len(data) // 2, len(data) // 8
    data[half : half + some] = bytes(some)
    holed = tmp_path / "holed.mp4"
    holed.write_bytes(data)
    source = VideoFile(holed, False, clock)
    frames = frames_of(source)
    assert source.skipped["corrupt"] > 3
    assert len(frames) + source.skipped.total() == 60
    assert frames[-1].captured_at_s == pytest.approx(59 / 30)


class ScriptedDecoder:
    """Decoder of a script: times in ms (nan: no timestamp), and "x" for a damaged picture."""

    hz = 25.0

    def __init__(self, script) -> None:
        self.script = script
        self.corrupt = 0

    def pictures(self):
        for step in self.script:
            if step == "x":
                self.corrupt += 1
            else:
                yield timed_picture(step)

    def close(self) -> None:
        pass


def timed_picture(at_ms: float) -> TimedPicture:
    return TimedPicture(at_ms / 1000, ArrayPicture(np.zeros((48, 64, 3), np.uint8)))


@pytest.fixture
def decoded(monkeypatch, clip, clock):
    """Return `play(script, paced)`: times in ms of the frames, and what was skipped."""

    def play(script, paced: bool = False):
        monkeypatch.setattr(module, "VideoDecoder", lambda *_: ScriptedDecoder(script))
        source = VideoFile(clip, paced, clock)
        frames = frames_of(source)
        return [round(frame.captured_at_s * 1000) for frame in frames], dict(source.skipped)

    return play


def test_damaged_pictures_are_counted_wherever_they_are(decoded):
    assert decoded(["x", 10, "x", "x", 50, 90, "x"]) == ([10, 50, 90], {"corrupt": 4})


def test_disorder_is_skipped_by_reason(decoded):
    assert decoded([10, 50, 50, 40, 90]) == ([10, 50, 90], {"repeated": 1, "back_in_time": 1})


def test_pictures_without_a_timestamp_follow_at_the_nominal_rate(decoded):
    assert decoded([10, math.nan, math.nan, 150])[0] == [10, 50, 90, 150]


@pytest.mark.parametrize("jump_ms", [3_000, 3_600_000, 95_443_000])
def test_a_jump_of_the_timestamps_is_kept_and_not_waited_for(
    monkeypatch, clip, clock, jump_ms: int
) -> None:
    times = [0, 40, 80, jump_ms, jump_ms + 40]
    monkeypatch.setattr(module, "VideoDecoder", lambda *_: ScriptedDecoder(times))
    source = VideoFile(clip, True, clock)
    frames = frames_of(source)
    assert [round(frame.captured_at_s * 1000) for frame in frames] == times
    waited_s = np.diff([frame.read_at_s for frame in frames])
    assert waited_s == pytest.approx([0.04, 0.04, LONGEST_WAIT_S, 0.04])
    assert f"jump by {(jump_ms - 80) / 1000:.1f} s at 0.1 s" in source.notes["jump"]


def test_a_gap_of_a_second_is_waited_for_in_full(monkeypatch, clip, clock) -> None:
    monkeypatch.setattr(module, "VideoDecoder", lambda *_: ScriptedDecoder([0, 1000, 1040]))
    source = VideoFile(clip, True, clock)
    assert np.diff([frame.read_at_s for frame in frames_of(source)]) == pytest.approx([1, 0.04])
    assert not source.notes


def test_timestamps_that_jump_back_start_a_new_part(decoded):
    assert decoded([5000, 5040, 0, 40, 80], paced=True)[0] == [5000, 5040, 5080, 5120, 5160]


def test_a_given_rate_replaces_the_files_own_times(clip, clock) -> None:
    source = VideoFile(clip, True, clock, file_format=FileFormat(hz=10))
    frames = frames_of(source)
    assert source.hz == 10
    assert [frame.captured_at_s for frame in frames] == pytest.approx(np.arange(30) / 10)
    assert np.diff([frame.read_at_s for frame in frames]) == pytest.approx([0.1] * 29)


def test_a_given_rate_counts_from_the_files_start(clip, clock) -> None:
    source = VideoFile(clip, False, clock, PlaybackRange(1.0, 1.2), FileFormat(hz=10))
    frames = frames_of(source)
    assert [frame.captured_at_s for frame in frames] == pytest.approx([1.0, 1.1, 1.2])
    assert [int(frame.image.mean()) for frame in frames] == pytest.approx([80, 88, 96], abs=4)


@pytest.mark.parametrize(("hz", "told"), [(1, True), (3, True), (6, True), (8, False)])
def test_a_file_too_slow_to_judge_says_so(ffmpeg, clock, hz: int, told: bool) -> None:
    slow = ffmpeg("slow.mp4", "-r", str(hz), "-c:v", "libx264", seconds=4.0)
    with VideoFile(slow, False, clock) as source:
        assert (f"the file has {hz} frames a second; want 7" in source.signal_error) == told


@pytest.mark.parametrize(("hz", "told"), [(240, False), (600, True), (999, True)])
def test_a_rate_that_no_camera_has_is_named(ffmpeg, clock, hz: int, told: bool) -> None:
    fast = ffmpeg("fast.avi", "-vf", f"settb=1/{hz},setpts=N", "-r", str(hz), "-c:v", "mjpeg")
    source = VideoFile(fast, False, clock)
    frames_of(source)
    assert ("rate" in source.notes) == told
    if told:
        assert f"claims {hz} frames a second" in source.notes["rate"]


@pytest.mark.parametrize("name", ["still.png", "still.jpg", "still.mp4"])
def test_a_still_picture_is_named(ffmpeg, clock, name: str) -> None:
    still = ffmpeg(name, "-frames:v", "1")
    source = VideoFile(still, False, clock)
    assert len(frames_of(source)) == 1
    assert f"{name} is one still picture" in source.notes["still"]


def refusal(path, clock) -> str:
    source = VideoFile(path, False, clock)
    with pytest.raises(FileUnreadable) as refused:
        source.open()
    assert source.read() is None
    assert "\n" not in str(refused.value)
    return str(refused.value)


def test_a_missing_file(tmp_path, clock):
    assert "there is no file" in refusal(tmp_path / "gone.mp4", clock)


def test_a_directory(tmp_path, clock):
    assert "is a directory" in refusal(tmp_path, clock)


def test_an_empty_file(tmp_path, clock):
    (tmp_path / "empty.mp4").touch()
    assert "0 bytes" in refusal(tmp_path / "empty.mp4", clock)


def test_a_text_file_named_mp4(tmp_path, clock):
    (tmp_path / "text.mp4").write_text("not a video\n" * 100)
    assert "is not a readable video" in refusal(tmp_path / "text.mp4", clock)


def test_a_file_cut_before_its_index(clip, clock, tmp_path):
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(clip.read_bytes()[:-1200])  # OpenCV writes the index last
    assert "truncated before its index" in refusal(cut, clock)


def test_a_video_without_frames(monkeypatch, clip, clock):
    monkeypatch.setattr(module, "VideoDecoder", lambda *_: ScriptedDecoder([]))
    assert "has no frame that can be decoded" in refusal(clip, clock)


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(clip, clock):
    clip.chmod(0)
    assert "cannot be read: Permission denied" in refusal(clip, clock)


@pytest.mark.parametrize(
    ("debugging", "silent"), [({}, True), ({"OPENCV_LOG_LEVEL": "WARNING"}, False)]
)
def test_ffmpeg_is_silent_unless_debugging(tmp_path, debugging, silent):
    """In a process of its own, for FFmpeg's log level is set once."""
    (tmp_path / "text.mp4").write_text("not a video\n" * 100)
    code = """if True:
        import contextlib
        from realtime.capture.video_file import VideoFile
        from realtime.core.clock import SystemClock
        from realtime.core.errors import FileUnreadable
        with contextlib.suppress(FileUnreadable):
            VideoFile("text.mp4", False, SystemClock()).open()
    """
    quiet = {name: value for name, value in os.environ.items() if not name.startswith("OPENCV")}
    environment = {**quiet, **debugging, "PYTHONPATH": os.pathsep.join(sys.path)}
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, timeout=60
    )
    assert ran.returncode == 0
    assert (ran.stderr == b"") == silent
