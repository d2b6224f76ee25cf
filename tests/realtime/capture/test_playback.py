from __future__ import annotations

import math
import re
from pathlib import Path

import numpy as np
import pytest

from realtime.capture.playback import (
    BETWEEN_ROUNDS_S,
    PlaybackRange,
    parse_number,
    parse_seconds,
    parse_size_px,
)
from realtime.capture.video_file import VideoFile
from realtime.core.errors import FileUnreadable, UsageError
from realtime.core.messages import Frame
from realtime.motion.shape_buffer import GAP_S


def frames(source: VideoFile, most: int = 1000) -> list[Frame]:
    with source:
        found = []
        while len(found) < most and (frame := source.read()) is not None:
            found.append(frame)
    return found


def level(frame: Frame) -> int:
    """Which of the clip's pictures it is: they are 8 grey levels apart."""
    return round(float(frame.image.mean()) / 8)


@pytest.mark.parametrize(
    ("text", "value"),
    [("12", 12), ("12s", 12), ("12.5s", 12.5), ("1:30", 90), ("1:02:03", 3723), ("0", 0)],
)
def test_times_are_read_as_people_write_them(text: str, value: float) -> None:
    assert parse_seconds("--from", text) == value


@pytest.mark.parametrize("text", ["", "s", "-1", "1m", "1:2:3:4", "nan", "1e3"])
def test_other_times_are_refused(text: str) -> None:
    with pytest.raises(UsageError, match="--from"):
        parse_seconds("--from", text)


def test_sizes_and_numbers() -> None:
    assert parse_size_px("1280x720") == (1280, 720)
    assert parse_number("--rate", "29.97") == 29.97
    for text in ("720", "1280*720", "0x0", "1280x"):
        with pytest.raises(UsageError, match="--size"):
            parse_size_px(text)
    for text in ("0", "-1", "fast", "inf", "nan"):
        with pytest.raises(UsageError, match="--rate"):
            parse_number("--rate", text)


@pytest.mark.parametrize(
    ("cut", "said"),
    [
        ({"from_s": 2, "to_s": 2}, "--from 2 s is not before --to 2 s. Swap them"),
        ({"from_s": 3, "to_s": 1}, "--from 3 s is not before --to 1 s. Swap them"),
        ({"from_s": math.inf}, "--from inf s is not before"),
        ({"to_s": 0}, "--to is 0 s; want a time after the start"),
        ({"speed": 0.01}, "--speed is 0.01; want 0.05 to 20"),
        ({"speed": 21}, "--speed is 21; want 0.05 to 20"),
    ],
)
def test_an_impossible_cut_is_refused(cut: dict[str, float], said: str) -> None:
    with pytest.raises(UsageError, match=re.escape(said)):
        PlaybackRange(**cut)  # type: ignore[arg-type]


def test_only_the_cuts_frames_come_with_the_files_own_times(clip: Path, clock) -> None:
    found = frames(VideoFile(clip, False, clock, PlaybackRange(0.2, 0.5)))
    assert [frame.index for frame in found] == list(range(10))
    np.testing.assert_allclose(
        [frame.captured_at_s for frame in found], np.arange(6, 16) / 30, atol=1e-3
    )
    assert [level(frame) for frame in found] == pytest.approx(range(6, 16), abs=1)


def test_a_start_far_into_a_file_is_found_by_its_time(ffmpeg, clock) -> None:
    path = ffmpeg("long.mp4", "-g", "30", seconds=30.0)
    found = frames(VideoFile(path, False, clock, PlaybackRange(25.0, 25.1)))
    np.testing.assert_allclose(
        [frame.captured_at_s for frame in found], [25.0, 25.0333, 25.0667, 25.1], atol=2e-3
    )


def test_a_cut_beyond_the_end_says_so(clip: Path, clock) -> None:
    with pytest.raises(FileUnreadable, match="shows nothing from 5 to inf s"):
        frames(VideoFile(clip, False, clock, PlaybackRange(5.0)))


def test_a_loop_goes_on_in_time_with_a_gap_between_the_rounds(clip: Path, clock) -> None:
    found = frames(VideoFile(clip, False, clock, PlaybackRange(0.2, 0.5, loop=True)), most=25)
    assert [level(frame) for frame in found] == pytest.approx(
        [*range(6, 16)] * 2 + [*range(6, 11)], abs=1
    )
    assert [frame.index for frame in found] == list(range(25))
    steps = np.diff([frame.captured_at_s for frame in found])
    np.testing.assert_allclose(steps[[9, 19]], BETWEEN_ROUNDS_S, atol=1e-6)
    np.testing.assert_allclose(np.delete(steps, [9, 19]), 1 / 30, atol=1e-3)
    assert BETWEEN_ROUNDS_S > GAP_S


def test_a_loop_ends_when_it_is_interrupted(clip: Path, clock) -> None:
    source = VideoFile(clip, False, clock, PlaybackRange(loop=True))
    with source:
        for _ in range(40):
            assert source.read() is not None
        source.interrupt()
        assert source.read() is None


@pytest.mark.parametrize("speed", [0.5, 1.0, 4.0])
def test_speed_changes_the_pace_and_not_the_times(clip: Path, clock, speed: float) -> None:
    began_s = clock.now_s()
    found = frames(VideoFile(clip, True, clock, PlaybackRange(0.2, speed=speed)))
    assert found[-1].captured_at_s == pytest.approx(29 / 30, abs=1e-3)
    assert clock.now_s() - began_s == pytest.approx((29 - 6) / 30 / speed, abs=1e-3)
