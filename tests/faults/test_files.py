"""Files that lie: what can be read is read, the rest is counted or refused in one line."""

from __future__ import annotations

import os
import struct
import sys
import wave
import zlib
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from realtime.capture.video_file import VideoFile
from realtime.core.errors import FileUnreadable
from realtime.core.messages import Frame, Image
from realtime.landmarks.face_reader import FaceReader

Ffmpeg = Callable[..., Path]


def frames_of(path: Path, clock) -> list[Frame]:
    with VideoFile(path, False, clock) as source:
        return list(iter(source.read, None))


def refusal(path: Path, clock) -> str:
    with pytest.raises(FileUnreadable) as refused:
        frames_of(path, clock)
    assert "\n" not in str(refused.value)
    assert path.name in str(refused.value)
    return str(refused.value)


def png(path: Path, width: int, height: int, rows: bytes) -> Path:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    )
    return path


def test_16000_by_16000_declared_is_refused_before_a_picture_is_decoded(
    tmp_path: Path, clock, monkeypatch
) -> None:
    huge = png(tmp_path / "huge.png", 16_000, 16_000, bytes(100))
    decoded: list[object] = []
    monkeypatch.setattr("realtime.capture.video_file.VideoDecoder", decoded.append)
    assert "declares 16000x16000 pixels; the most is 40 million" in refusal(huge, clock)
    assert decoded == []


@pytest.mark.parametrize("size", [(1, 1), (2, 2), (3, 700), (16, 16)])
def test_the_smallest_pictures_are_read_and_show_no_face(
    tmp_path: Path, clock, size: tuple[int, int]
) -> None:
    width, height = size
    tiny = png(tmp_path / "tiny.png", width, height, (b"\0" + b"\x80" * 3 * width) * height)
    (frame,) = frames_of(tiny, clock)
    assert frame.image.shape == (height, width, 3)
    assert faces_in([frame.image]) == [None]


def faces_in(images: list[Image]) -> list[object]:
    reader = FaceReader()
    return [
        reader.read(Frame(number, number / 30, 0.0, image))[0]
        for number, image in enumerate(images)
    ]


def test_a_picture_that_changes_its_size_is_searched_anew() -> None:
    """The tracker restarts after a change of size and raises nothing."""
    face = cv2.imread(str(Path(__file__).parents[1] / "data" / "astronaut_face.jpg"))
    whole = cv2.resize(face, (640, 480)) if face.shape[0] < 200 else face
    small = np.full((24, 32, 3), 128, np.uint8)
    found = faces_in([whole, whole, small, small, whole])
    assert found[1] is not None
    assert found[2:4] == [None, None]


def test_audio_only_is_refused(tmp_path: Path, clock) -> None:
    with wave.open(str(tmp_path / "talk.mp4"), "wb") as sound:
        sound.setparams((1, 2, 8000, 8000, "NONE", ""))
        sound.writeframes(bytes(16_000))
    assert "has no video, only sound" in refusal(tmp_path / "talk.mp4", clock)


def test_a_wrong_extension_does_not_matter(ffmpeg: Ffmpeg, clock) -> None:
    film = ffmpeg("film.mp4", "-c:v", "libx264")
    assert len(frames_of(film.rename(film.with_suffix(".txt")), clock)) == 30


@pytest.mark.skipif(sys.platform != "linux", reason="names are bytes on Linux")
@pytest.mark.parametrize("name", [b"caf\xe9", b"\xff\xfe", b"\xed\xa0\x80 half a surrogate"])
def test_a_name_that_is_no_utf_8_is_read(ffmpeg: Ffmpeg, clock, name: bytes) -> None:
    film = ffmpeg("film.mp4", "-c:v", "libx264")
    named = Path(os.fsdecode(bytes(film.parent) + b"/" + name + b".mp4"))
    film.rename(named)
    assert len(frames_of(named, clock)) == 30


@pytest.mark.parametrize(
    "name", ["12:30 run.mp4", "file:clip.mp4", "-clip.mp4", "100%d.mp4", "http:x"]
)
def test_a_name_is_never_read_as_an_address(
    ffmpeg: Ffmpeg, clock, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    film = ffmpeg("film.mp4", "-c:v", "libx264")
    film.rename(film.with_name(name))
    monkeypatch.chdir(film.parent)
    assert len(frames_of(Path(name), clock)) == 30


@pytest.mark.parametrize("keep", [0.3, 0.6, 0.9])
@pytest.mark.parametrize("kind", ["mkv", "ts", "avi"])
def test_a_truncated_file_gives_what_is_left(ffmpeg: Ffmpeg, clock, kind: str, keep: float) -> None:
    whole = ffmpeg(f"whole.{kind}", "-c:v", "mpeg4", "-g", "5", seconds=2.0)
    raw = whole.read_bytes()
    whole.write_bytes(raw[: int(len(raw) * keep)])
    found = frames_of(whole, clock)
    assert 60 * keep * 0.5 < len(found) < 60
    assert [frame.index for frame in found] == list(range(len(found)))
