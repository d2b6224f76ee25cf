from __future__ import annotations

import pytest

from realtime.capture.decoding.container import (
    StreamInfo,
    choose_stream,
    list_streams,
    no_video_reason,
    open_file,
)
from realtime.core.errors import UsageError


def stream(number: int, size: tuple[int, int] = (640, 360), **fields: object) -> StreamInfo:
    values = {"codec": "h264", "default": False, "cover": False, "frames": 0, **fields}
    return StreamInfo(number=number, width_px=size[0], height_px=size[1], **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("streams", "chosen"),
    [
        ([stream(0), stream(1, default=True)], 1),
        ([stream(0, (160, 90)), stream(1, (640, 360)), stream(2, (320, 180))], 1),
        ([stream(0, (160, 90), default=True), stream(1, default=True)], 1),
        ([stream(0, (1920, 1080)), stream(1, (320, 180), default=True)], 1),
        ([stream(0, frames=1), stream(1, frames=36)], 1),
        ([stream(0, (2000, 2000), cover=True, default=True), stream(3)], 3),
        ([stream(0, (2000, 2000), codec="", default=True), stream(1)], 1),
    ],
)
def test_the_main_stream_is_the_default_then_the_largest_then_the_longest(
    streams: list[StreamInfo], chosen: int
) -> None:
    found = choose_stream(streams, None)
    assert found is not None
    assert found.number == chosen


def test_a_named_stream_is_taken_even_if_it_is_a_cover() -> None:
    assert choose_stream([stream(0), stream(2, cover=True)], 2) == stream(2, cover=True)


@pytest.mark.parametrize("number", [-1, 1, 7])
def test_a_stream_that_is_none_is_refused_with_those_there_are(number: int) -> None:
    with pytest.raises(UsageError, match=f"--stream {number} is no picture stream") as refused:
        choose_stream([stream(0, default=True), stream(2)], number)
    assert "0 (h264 640x360, default), 2 (h264 640x360)" in str(refused.value)


def test_a_container_lists_its_streams_and_says_what_it_lacks(ffmpeg) -> None:
    two = ffmpeg(
        "two.mkv", "-map", "0", "-map", "0", "-c:v", "libx264", "-disposition:v:1", "default"
    )
    with open_file(two) as container:
        streams = list_streams(container)
        assert [(each.number, each.default) for each in streams] == [(0, False), (1, True)]
        assert {(each.width_px, each.height_px) for each in streams} == {(64, 48)}
        assert "only a cover picture: 0 (h264 64x48)" in no_video_reason(container, streams[:1])
        unknown = no_video_reason(container, [stream(0, codec="")])
        assert unknown == "has a video that FFmpeg cannot decode: 0 (unknown codec 640x360)"
