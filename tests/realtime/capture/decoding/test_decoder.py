from __future__ import annotations

import gc
import math
from collections.abc import Iterator
from pathlib import Path

import cv2  # noqa: F401  # before av, or windows hang (display_check)

# isort: split
import av.error
import av.video.frame
import numpy as np
import pytest
from living import living

from realtime.capture.decoding.container import choose_stream, list_streams, open_file
from realtime.capture.decoding.decoder import FAILURES_IN_A_ROW, VideoDecoder


def decoder_of(path: Path, **options: bool) -> VideoDecoder:
    container = open_file(path)
    chosen = choose_stream(list_streams(container), None)
    assert chosen is not None
    return VideoDecoder(container, chosen, **options)


def times_of(decoder: VideoDecoder) -> list[float]:
    times = [timed.at_s for timed in decoder.pictures()]
    decoder.close()
    return times


@pytest.fixture
def long(ffmpeg) -> Path:
    return ffmpeg("long.mp4", "-c:v", "libx264", "-g", "30", "-bf", "3", seconds=4.0)


@pytest.mark.parametrize("low_delay", [True, False])
def test_pictures_come_in_order_with_their_own_times(long: Path, low_delay: bool) -> None:
    decoder = decoder_of(long, low_delay=low_delay)
    assert (decoder.hz, decoder.duration_s, decoder.timed) == (30.0, 4.0, True)
    assert times_of(decoder) == pytest.approx(np.arange(120) / 30)
    assert decoder.corrupt == 0


@pytest.mark.parametrize("at_s", [0.0, 0.99, 1.5, 3.9])
def test_seek_goes_to_the_very_picture(long: Path, at_s: float) -> None:
    decoder = decoder_of(long)
    decoder.seek(at_s)
    first = math.ceil(round(at_s * 30, 6))
    assert times_of(decoder) == pytest.approx(np.arange(first, 120) / 30)


def test_without_an_index_seek_reads_up_to_the_picture(ffmpeg) -> None:
    decoder = decoder_of(ffmpeg("clip.ts", "-c:v", "libx264", "-f", "mpegts", seconds=2.0))
    decoder.seek(1.0)
    times = times_of(decoder)
    assert 1.0 <= times[0] < 1.04
    assert len(times) == 30


@pytest.mark.parametrize("name", ["late.mkv", "late.mp4", "late.ts"])
def test_a_picture_that_starts_later_than_the_sound_keeps_its_time(ffmpeg, name: str) -> None:
    late = ffmpeg(
        name,
        *("-f", "lavfi", "-i", "sine=duration=2", "-map", "0:v", "-map", "1:a"),
        *("-vf", "setpts=PTS+0.5/TB", "-c:v", "libx264", "-bf", "0"),
    )
    times = times_of(decoder_of(late))
    assert times[0] == pytest.approx(0.5, abs=0.05)
    assert np.diff(times) == pytest.approx([1 / 30] * 29, abs=2e-3)


@pytest.mark.parametrize("offset_s", [0, 1000, 90_000])
def test_time_counts_from_the_start_of_the_container(ffmpeg, offset_s: int) -> None:
    moved = ffmpeg("moved.ts", "-output_ts_offset", str(offset_s), "-c:v", "libx264", "-bf", "0")
    times = times_of(decoder_of(moved))
    assert times == pytest.approx(np.arange(30) / 30, abs=2e-3)


def test_without_timestamps_there_is_no_time(ffmpeg) -> None:
    raw = ffmpeg("raw.h264", "-c:v", "libx264", "-bf", "0")
    decoder = decoder_of(raw)
    assert not decoder.timed
    assert len(times_of(decoder)) == 30


def failing(failures: int, then: Iterator[object]) -> Iterator[Iterator[object]]:
    """Yield what each call of `demux` gives: errors, and at last `then`."""

    def broken() -> Iterator[object]:
        raise av.error.InvalidDataError(1, "broken")
        yield

    for _ in range(failures):
        yield broken()
    yield then


@pytest.mark.parametrize(("failures", "left"), [(1, 30), (FAILURES_IN_A_ROW - 1, 30)])
def test_what_cannot_be_read_is_passed_over(clip: Path, failures: int, left: int) -> None:
    decoder = decoder_of(clip)
    container = decoder._container
    calls = failing(failures, container.demux(decoder._stream))

    class Broken:
        demux = staticmethod(lambda stream: next(calls))
        close = container.close

    decoder._container = Broken()  # type: ignore[assignment]
    assert len(times_of(decoder)) == left


def test_too_many_failures_end_the_file(clip: Path) -> None:
    decoder = decoder_of(clip)
    container = decoder._container
    calls = failing(FAILURES_IN_A_ROW + 5, container.demux(decoder._stream))

    class Broken:
        demux = staticmethod(lambda stream: next(calls))
        close = container.close

    decoder._container = Broken()  # type: ignore[assignment]
    assert times_of(decoder) == []


def test_a_picture_that_is_let_go_frees_its_memory_at_once(long: Path) -> None:
    """No cycle holds it: cycles are looked for rarely, and a 4K picture has 12 MB."""
    gc.collect()
    gc.disable()
    try:
        decoder = decoder_of(long)
        assert len(times_of(decoder)) == 120
        kept = living(av.video.frame.VideoFrame)
    finally:
        gc.enable()
    assert kept <= 8  # what the decoder itself holds
