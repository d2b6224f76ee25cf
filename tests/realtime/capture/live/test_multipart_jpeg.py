from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
import pytest

from realtime.capture.live import multipart_jpeg
from realtime.capture.live.multipart_jpeg import START, split_jpegs


def jpeg(level: int) -> bytes:
    return cv2.imencode(".jpg", np.full((48, 64, 3), level, np.uint8))[1].tobytes()


PICTURES = [jpeg(level) for level in (20, 120, 220)]
THUMBNAIL = jpeg(5)


def with_thumbnail(picture: bytes) -> bytes:
    """Return `picture` with a whole JPEG inside, as cameras write it into EXIF data."""
    inside = b"\xff\xe1" + (len(THUMBNAIL) + 2).to_bytes(2, "big") + THUMBNAIL
    return picture[:2] + inside + picture[2:]


def body(
    pictures: list[bytes],
    boundary: str = "--frame",
    kind: str | None = "image/jpeg",
    length: int | None = None,
    newline: str = "\r\n",
) -> bytes:
    parts = []
    for picture in pictures:
        lines = [boundary]
        if kind is not None:
            lines.append(f"Content-Type: {kind}")
        lines.append(f"Content-Length: {len(picture) if length is None else length}")
        head = newline.join(lines) + 2 * newline
        parts.append(head.encode() + picture + newline.encode())
    return b"".join(parts) + boundary.encode() + b"--\r\n"


def in_chunks(data: bytes, size: int) -> Iterator[bytes]:
    return (data[start : start + size] for start in range(0, len(data), size))


SENDERS = {
    "as it should be": body(PICTURES),
    "wrong length": body(PICTURES, length=17),
    "length of zero": body(PICTURES, length=0),
    "image/jpg": body(PICTURES, kind="image/jpg"),
    "no type": body(PICTURES, kind=None),
    "octets": body(PICTURES, kind="application/octet-stream"),
    "no dashes": body(PICTURES, boundary="frame"),
    "more dashes": body(PICTURES, boundary="----frame"),
    "bare newlines": body(PICTURES, newline="\n"),
    "rubbish between": body(PICTURES).replace(b"--frame", b"\x00\x01 noise\r\n--frame"),
}


@pytest.mark.parametrize("size", [1, 7, 500, 1_000_000])
@pytest.mark.parametrize("sender", SENDERS)
def test_what_browsers_forgive_is_read(sender: str, size: int) -> None:
    assert list(split_jpegs(in_chunks(SENDERS[sender], size), b"frame")) == PICTURES


@pytest.mark.parametrize("declared", [b"", b"frame", b"--frame", b'"frame"'])
def test_the_boundary_is_found_however_it_is_declared(declared: bytes) -> None:
    assert list(split_jpegs(in_chunks(body(PICTURES), 100), declared)) == PICTURES


@pytest.mark.parametrize("size", [7, 1460, 1_000_000])
@pytest.mark.parametrize("boundary", ["b", "--b", "7", "--JF", "--jpg", "----" + "x" * 60])
def test_a_boundary_that_a_picture_contains_ends_nothing(boundary: str, size: int) -> None:
    rng = np.random.default_rng(0)
    pictures = []
    for _ in range(3):
        noise = rng.integers(0, 256, (48, 64, 3), dtype=np.uint8)
        picture = cv2.imencode(".jpg", noise)[1].tobytes()
        comment = f"\n{boundary} is a boundary, {boundary}".encode()
        inside = b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment
        pictures.append(picture[:2] + inside + picture[2:])
    found = list(split_jpegs(in_chunks(body(pictures, boundary), size), boundary.encode()))
    assert found == pictures


@pytest.mark.parametrize("size", [64, 1_000_000])
def test_a_thumbnail_inside_a_picture_ends_nothing(size: int) -> None:
    pictures = [with_thumbnail(picture) for picture in PICTURES]
    found = list(split_jpegs(in_chunks(body(pictures), size), b"frame"))
    assert found == pictures


def test_a_picture_is_given_out_before_the_next_one_arrives() -> None:
    chunks = iter([body(PICTURES[:1])[: -len(b"--frame--\r\n")]])
    assert next(split_jpegs(chunks, b"frame")) == PICTURES[0]


def test_an_endless_picture_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(multipart_jpeg, "MOST_BYTES", 1000)
    endless = START + bytes(5000)
    data = endless + body(PICTURES)
    found = list(split_jpegs(in_chunks(data, 100), b"frame"))
    assert found[-len(PICTURES) :] == PICTURES
    assert max(map(len, found)) < 2000
