"""MJPEG over HTTP as browsers read it: pictures between boundaries, whatever the headers say."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

import cv2
import numpy as np

from realtime.capture.decoding.decoder import TimedPicture
from realtime.capture.live.http_client import HttpAnswer
from realtime.core.picture import ArrayPicture, Image

START, END = b"\xff\xd8\xff", b"\xff\xd9"
MOST_BYTES = 50_000_000  # of one picture; more is no MJPEG


class MultipartJpeg:
    """Pictures of a multipart answer, without times: they count from their arrival.

    Wrong lengths, other or missing types and boundaries without dashes are common in cameras'
    servers. `corrupt` counts pictures that cannot be decoded. Owned by the reading thread.
    """

    hz = 0.0
    duration_s = 0.0
    timed = False

    def __init__(self, answer: HttpAnswer) -> None:
        self.corrupt = 0
        self._answer = answer

    def pictures(self) -> Iterator[TimedPicture]:
        """Yield pictures until the server closes; raises `OSError`."""
        for jpeg in split_jpegs(self._answer.chunks(), self._answer.boundary):
            image = _decoded(jpeg)
            if image is None:
                self.corrupt += 1
            else:
                yield TimedPicture(math.nan, ArrayPicture(image))

    def close(self) -> None:
        """Close the connection."""
        self._answer.close()


def split_jpegs(chunks: Iterable[bytes], boundary: bytes) -> Iterator[bytes]:
    """Yield the JPEG pictures in a multipart body that arrives in `chunks`.

    Without a `boundary`, the first line is it. A picture ends at the next one, so that a thumbnail
    inside it ends nothing, or at once where what has arrived ends with JPEG's own end mark.
    """
    mark = boundary.strip(b'"').lstrip(b"-")
    pending = b""
    for chunk in chunks:
        pending += chunk
        if not mark and pending.lstrip(b"\r\n").startswith(b"--"):
            mark = pending.split(None, 1)[0].lstrip(b"-")
        while True:
            start = pending.find(START)
            if start < 0:
                pending = pending[-len(START) :]
                break
            end = _end(pending, start, mark)
            if end < 0:
                pending = pending[start:] if len(pending) - start <= MOST_BYTES else b""
                break
            yield pending[start:end]
            pending = pending[end:]


def _end(data: bytes, start: int, mark: bytes) -> int:
    """Return where the picture that begins at `start` ends, or -1 if that has not arrived."""
    limit = _boundary(data, start, mark) if mark else data.find(START, start + len(START))
    if limit >= 0:
        end = data.rfind(END, start, limit)
        return end + len(END) if end >= 0 else limit
    bare = data.rstrip(b"\r\n-")
    return len(bare) if bare.endswith(END) and len(bare) > start + len(START) else -1


def _boundary(data: bytes, start: int, mark: bytes) -> int:
    """Return where the next boundary's `mark` stands at or after `start`, or -1.

    A short mark is found inside pictures, too: it counts as a line of its own, after dashes or
    after the end of a picture.
    """
    at = data.find(mark, start)
    while at >= 0:
        before, after = data[max(0, at - 4) : at], data[at + len(mark) : at + len(mark) + 2]
        bare = before.rstrip(b"-")
        begins = bare.endswith((b"\n", END)) or len(before) - len(bare) >= 2
        if begins and (after.startswith(b"\n") or after in (b"\r\n", b"--")):
            return at
        at = data.find(mark, at + 1)
    return -1


def _decoded(jpeg: bytes) -> Image | None:
    image = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    return None if image is None else np.asarray(image, dtype=np.uint8)
