"""Name and modes of a camera, asked from Video4Linux by ioctl (linux/videodev2.h)."""

from __future__ import annotations

import errno
import os
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

# Structures of linux/videodev2.h, as far as they are read. "=": sizes as in C, without padding,
# for all their numbers have 32 bits.
CAPABILITY: Final = struct.Struct("=16x32s36xII12x")  # card, capabilities, device_caps
FORMAT: Final = struct.Struct("=II36xI16x")  # index, type, pixelformat
FRAME_SIZE: Final = struct.Struct("=3I6I8x")  # index, pixel_format, type, union
FRAME_INTERVAL: Final = struct.Struct("=5I6I8x")  # index, format, width, height, type, union

# Request numbers of the processors that the project has wheels for (x86-64 and ARM).
QUERY_CAPABILITY: Final = 0x80685600
ENUM_FORMATS: Final = 0xC0405602
ENUM_FRAME_SIZES: Final = 0xC02C564A
ENUM_FRAME_INTERVALS: Final = 0xC034564B

CAN_CAPTURE: Final = 0x00000001  # V4L2_CAP_VIDEO_CAPTURE
HAS_DEVICE_CAPS: Final = 0x80000000  # else only the capabilities of all nodes together are known
CAPTURE_BUFFER: Final = 1  # V4L2_BUF_TYPE_VIDEO_CAPTURE
DISCRETE: Final = 1  # one size or interval; otherwise the union holds a range
BIG_ENDIAN: Final = 1 << 31  # V4L2: the same pixel format in the other byte order
LIMIT: Final = 128  # formats, sizes or intervals asked for: a broken driver cannot go on for ever
ENDS: Final = {errno.EINVAL, errno.ENOTTY, errno.ENODATA, errno.EPIPE}  # no such index

Ioctl = Callable[[int, bytearray], object]  # request number, structure to be filled in
Mode = tuple[str, int, int, float]  # pixel format, width_px, height_px, highest rate_hz or 0


@dataclass(frozen=True, slots=True)
class CameraNode:
    """What a node answers: its name, whether it captures pictures, and its modes."""

    name: str
    captures: bool
    modes: tuple[Mode, ...]


def read_node(node: Path) -> CameraNode:
    """Return what `node`, such as /dev/video0, answers; its pictures are not started.

    Raises `OSError`: no permission, no such device, no answer.
    """
    import fcntl  # not on Windows

    descriptor = os.open(node, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        return describe(lambda request, answer: fcntl.ioctl(descriptor, request, answer))
    finally:
        os.close(descriptor)


def describe(ioctl: Ioctl) -> CameraNode:
    """Return name and modes of the device behind `ioctl`; `OSError` where it is no V4L2 device."""
    answer = bytearray(CAPABILITY.size)
    ioctl(QUERY_CAPABILITY, answer)
    card, of_all_nodes, of_this_node = CAPABILITY.unpack(answer)
    capabilities = of_this_node if of_all_nodes & HAS_DEVICE_CAPS else of_all_nodes
    name = card.split(b"\0")[0].decode(errors="replace").strip()
    captures = bool(capabilities & CAN_CAPTURE)
    return CameraNode(name, captures, tuple(_modes(ioctl)) if captures else ())


def _modes(ioctl: Ioctl) -> Iterator[Mode]:
    for *_, pixels in _listed(ioctl, ENUM_FORMATS, FORMAT, CAPTURE_BUFFER, 0):
        for _, _, kind, *union in _listed(ioctl, ENUM_FRAME_SIZES, FRAME_SIZE, pixels, 0, *[0] * 6):
            # A range is smallest and largest width and step, then the same of the height.
            width, height = union[:2] if kind == DISCRETE else (union[1], union[4])
            yield _fourcc(pixels), width, height, _highest_hz(ioctl, pixels, width, height)


def _highest_hz(ioctl: Ioctl, pixels: int, width: int, height: int) -> float:
    """Return the highest rate of a size; 0 if the driver names none."""
    start = (pixels, width, height, 0, *[0] * 6)
    # Both a single interval and a range begin with the shortest: numerator, denominator in seconds.
    intervals = (row[5:7] for row in _listed(ioctl, ENUM_FRAME_INTERVALS, FRAME_INTERVAL, *start))
    return max((over / under for under, over in intervals if under), default=0.0)


def _listed(
    ioctl: Ioctl, request: int, layout: struct.Struct, *start: int
) -> Iterator[tuple[int, ...]]:
    """Yield the structures of an enumeration, by index, until the driver has no more."""
    for index in range(LIMIT):
        answer = bytearray(layout.pack(index, *start))
        try:
            ioctl(request, answer)
        except OSError as error:
            if error.errno in ENDS:
                return
            raise
        yield layout.unpack(answer)


def _fourcc(pixels: int) -> str:
    """Return the four letters of a pixel format, such as MJPG; bit 31 says big-endian."""
    letters = (pixels & ~BIG_ENDIAN).to_bytes(4, "little").decode("ascii", errors="replace")
    return letters.strip() + ("-BE" if pixels & BIG_ENDIAN else "")
