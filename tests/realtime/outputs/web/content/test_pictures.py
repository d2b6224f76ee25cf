from __future__ import annotations

import asyncio
import re

import cv2
import numpy as np
import pytest
from gauge_moments import snapshot

from realtime.core.messages import Frame, Image
from realtime.core.snapshot import Snapshot
from realtime.outputs.web.content import pictures as module
from realtime.outputs.web.content.pictures import Pictures, encode_jpeg, multipart


def decoded(jpeg: bytes) -> Image:
    picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    return np.asarray(picture, np.uint8)


@pytest.mark.parametrize(
    ("width", "height", "shown"),
    [(640, 360, (360, 640)), (1920, 1080, (720, 1280)), (200, 300, (300, 200))],
)
def test_the_picture_without_dial_and_edges(
    width: int, height: int, shown: tuple[int, int]
) -> None:
    frame = Frame(1, 0.0, 0.0, np.full((height, width, 3), 90, np.uint8))
    picture = decoded(encode_jpeg(snapshot(frame=frame, face=None, landmarks=None)))
    assert picture.shape[:2] == shown
    assert abs(float(picture.mean()) - 90) < 2


def test_box_and_points_are_drawn() -> None:
    plain = decoded(encode_jpeg(snapshot(face=None, landmarks=None)))
    assert np.abs(decoded(encode_jpeg(snapshot())).astype(int) - plain).max() > 60


def test_without_a_frame_there_is_no_picture() -> None:
    with pytest.raises(ValueError, match="no frame"):
        encode_jpeg(snapshot(frame=None))


def test_a_frame_is_encoded_once_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []
    now = [snapshot(frame=None)]

    def encode(shown: Snapshot) -> bytes:
        assert shown.frame is not None
        made.append(shown.frame.index)
        return b"jpeg"

    monkeypatch.setattr(module, "encode_jpeg", encode)

    async def run() -> None:
        pictures = Pictures(lambda: now[0])
        assert await pictures.newest() == (-1, b"")
        now[0] = snapshot(5)
        assert await asyncio.gather(*(pictures.newest() for _ in range(9))) == [(5, b"jpeg")] * 9
        await pictures.newest()
        now[0] = snapshot(6)
        assert await pictures.newest() == (6, b"jpeg")
        pictures.close()

    asyncio.run(run())
    assert made == [5, 6]


def test_one_part_of_a_stream() -> None:
    part = multipart(b"1234")
    assert re.fullmatch(
        rb"--picture\r\nContent-Type: image/jpeg\r\nContent-Length: 4\r\n\r\n1234\r\n", part
    )
