"""What a written video holds, read back with PyAV and from its own boxes."""

from __future__ import annotations

import io
from pathlib import Path

import cv2  # noqa: F401  # before av, or windows hang (display_check)

# isort: split
import av
import numpy as np


def pictures(film: Path | bytes) -> list[np.ndarray]:
    """Return every picture (h, w, 3), BGR."""
    with av.open(io.BytesIO(film) if isinstance(film, bytes) else open(film, "rb")) as container:
        return [frame.to_ndarray(format="bgr24") for frame in container.decode(video=0)]


def levels(film: Path | bytes) -> list[int]:
    """Return the mean level of every picture."""
    return [round(float(picture.mean())) for picture in pictures(film)]


def playable(film: bytes) -> int:
    """Return how many pictures a player finds in a damaged film; it skips what it cannot decode."""
    found = 0
    with av.open(io.BytesIO(film)) as container:
        for packet in container.demux(video=0):
            try:
                found += len(packet.decode())
            except av.error.InvalidDataError:
                continue
    return found


def format_of(film: Path | bytes) -> tuple[str, str, int, int]:
    """Return codec, pixel format, width and height, as ffprobe prints them."""
    with av.open(io.BytesIO(film) if isinstance(film, bytes) else open(film, "rb")) as container:
        stream = container.streams.video[0]
        codec = stream.codec_context
        return codec.name, str(codec.pix_fmt), codec.width, codec.height


def boxes(data: bytes) -> list[tuple[str, int]]:
    """Return type and end of every whole box on the top level of an MP4."""
    found, start = [], 0
    while start + 8 <= len(data):
        size = int.from_bytes(data[start : start + 4])
        if size < 8 or start + size > len(data):
            break
        found.append((data[start + 4 : start + 8].decode("ascii"), start + size))
        start += size
    return found
