"""What a Video4Linux node answers, with a fake driver; layouts compared with the C header."""

from __future__ import annotations

import errno
import re
import shutil
import struct
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from struct import pack_into, unpack_from
from typing import TypeVar

import pytest

from realtime.capture.live import v4l2
from realtime.capture.live.v4l2 import CameraNode, describe, read_node

HEADER = Path("/usr/include/linux/videodev2.h")
CAPTURE, META_CAPTURE = 0x00000001, 0x00800000
MJPG, YUYV, Y16 = (int.from_bytes(letters, "little") for letters in (b"MJPG", b"YUYV", b"Y16 "))
T = TypeVar("T")
Six = tuple[int, int, int, int, int, int]  # a range: of sizes or of intervals


@dataclass
class Driver:
    """Double of a driver: fills in structures written out field by field, as the header has them.

    `sizes` maps a pixel format to its sizes, `intervals` a size to seconds as (over, under).
    """

    capabilities: int = v4l2.HAS_DEVICE_CAPS | CAPTURE | META_CAPTURE
    device_capabilities: int = CAPTURE
    sizes: dict[int, list[tuple[int, int]] | Six] = field(default_factory=dict)
    intervals: dict[tuple[int, int], list[tuple[int, int]] | Six] = field(default_factory=dict)

    def __call__(self, request: int, answer: bytearray) -> None:
        if len(answer) != request >> 16 & 0x3FFF:  # the size is a part of the request's number
            raise OSError(errno.EFAULT, "Bad address")
        number = request & 0xFF
        {0: self._capability, 2: self._format, 74: self._size, 75: self._interval}[number](answer)

    def _capability(self, answer: bytearray) -> None:
        pack_into("=16s32s32s", answer, 0, b"uvcvideo", b"HD Webcam", b"usb-1.2")
        pack_into("=III", answer, 80, 0x060100, self.capabilities, self.device_capabilities)

    def _format(self, answer: bytearray) -> None:
        index, buffer_kind = unpack_from("=II", answer)
        assert buffer_kind == 1
        pack_into("=I32sI", answer, 8, 0, b"a description", at(list(self.sizes), index))

    def _size(self, answer: bytearray) -> None:
        index, pixels = unpack_from("=II", answer)
        self._one_or_range(answer, 8, self.sizes[pixels], index)

    def _interval(self, answer: bytearray) -> None:
        index, _, width, height = unpack_from("=IIII", answer)
        self._one_or_range(answer, 16, self.intervals.get((width, height), []), index)

    def _one_or_range(
        self, answer: bytearray, offset: int, rows: list[tuple[int, int]] | Six, index: int
    ) -> None:
        if isinstance(rows, tuple):
            pack_into("=I6I", answer, offset, 3, *at([rows], index))
        else:
            pack_into("=III", answer, offset, 1, *at(rows, index))


def at(rows: list[T], index: int) -> T:
    if index >= len(rows):
        raise OSError(errno.EINVAL, "Invalid argument")
    return rows[index]


def test_each_size_of_each_format_is_a_mode_with_its_highest_rate() -> None:
    driver = Driver(
        sizes={MJPG: [(1280, 720), (640, 480)], YUYV: [(640, 480)]},
        intervals={(1280, 720): [(1, 30), (1, 15)], (640, 480): [(1001, 30000), (1, 60)]},
    )
    assert describe(driver) == CameraNode(
        "HD Webcam",
        True,
        (("MJPG", 1280, 720, 30.0), ("MJPG", 640, 480, 60.0), ("YUYV", 640, 480, 60.0)),
    )


def test_of_a_range_the_largest_size_and_the_shortest_interval_are_listed() -> None:
    driver = Driver(
        sizes={YUYV: (32, 3280, 2, 16, 2464, 4)},
        intervals={(3280, 2464): (1, 90, 1, 1, 1, 1)},  # from 1/90 s to 1 s
    )
    assert describe(driver).modes == (("YUYV", 3280, 2464, 90.0),)


def test_a_driver_without_intervals_leaves_the_rate_open() -> None:
    assert describe(Driver(sizes={YUYV: [(640, 480)]})).modes == (("YUYV", 640, 480, 0.0),)


def test_an_interval_of_zero_seconds_is_no_rate() -> None:
    driver = Driver(sizes={YUYV: [(640, 480)]}, intervals={(640, 480): [(0, 0)]})
    assert describe(driver).modes == (("YUYV", 640, 480, 0.0),)


def test_a_big_endian_format_is_named_as_such() -> None:
    driver = Driver(sizes={Y16 | 1 << 31: [(640, 480)]})
    assert describe(driver).modes[0][0] == "Y16-BE"


def test_a_node_of_metadata_captures_no_pictures() -> None:
    assert not describe(Driver(device_capabilities=META_CAPTURE)).captures


def test_an_old_driver_has_the_capabilities_of_all_its_nodes() -> None:
    old = Driver(capabilities=CAPTURE, device_capabilities=0)
    assert describe(old).captures


def test_a_driver_that_never_ends_its_list_is_left_in_time() -> None:
    driver = Driver(sizes={YUYV: [(640, 480)] * (10 * v4l2.LIMIT)})
    assert len(describe(driver).modes) == v4l2.LIMIT


@pytest.mark.parametrize("number", [errno.EIO, errno.ENODEV])
def test_a_camera_that_fails_while_it_is_asked_is_an_error(number: int) -> None:
    def fail(*_: object) -> None:
        raise OSError(number, "")

    driver = Driver(sizes={YUYV: [(640, 480)]})
    driver._size = fail  # type: ignore[method-assign]
    with pytest.raises(OSError, match=str(number)):
        describe(driver)


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux")
def test_a_node_is_asked_through_its_own_descriptor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import fcntl

    node = tmp_path / "video0"
    node.touch()
    driver = Driver(sizes={MJPG: [(640, 480)]}, intervals={(640, 480): [(1, 30)]})

    def ioctl(descriptor: int, request: int, answer: bytearray) -> None:
        assert Path(f"/proc/self/fd/{descriptor}").readlink() == node
        driver(request, answer)

    monkeypatch.setattr(fcntl, "ioctl", ioctl)
    assert read_node(node).modes == (("MJPG", 640, 480, 30.0),)


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux")
def test_a_file_that_is_no_device_is_an_error_and_is_closed(tmp_path: Path) -> None:
    (tmp_path / "video0").touch()
    before = len(list(Path("/proc/self/fd").iterdir()))
    with pytest.raises(OSError, match="ioctl"):
        read_node(tmp_path / "video0")
    assert len(list(Path("/proc/self/fd").iterdir())) == before


# Structure, request, and the fields that are read: the layouts of v4l2.py, for the C compiler.
STRUCTURES = {
    "v4l2_capability": (
        v4l2.CAPABILITY,
        ("VIDIOC_QUERYCAP", v4l2.QUERY_CAPABILITY),
        ("card", "capabilities", "device_caps"),
    ),
    "v4l2_fmtdesc": (
        v4l2.FORMAT,
        ("VIDIOC_ENUM_FMT", v4l2.ENUM_FORMATS),
        ("index", "type", "pixelformat"),
    ),
    "v4l2_frmsizeenum": (
        v4l2.FRAME_SIZE,
        ("VIDIOC_ENUM_FRAMESIZES", v4l2.ENUM_FRAME_SIZES),
        (
            *("index", "pixel_format", "type", "discrete.width", "stepwise.max_width"),
            *("stepwise.step_width", "stepwise.min_height", "stepwise.max_height"),
        ),
    ),
    "v4l2_frmivalenum": (
        v4l2.FRAME_INTERVAL,
        ("VIDIOC_ENUM_FRAMEINTERVALS", v4l2.ENUM_FRAME_INTERVALS),
        (
            *("index", "pixel_format", "width", "height", "type"),
            *("discrete.numerator", "discrete.denominator"),
        ),
    ),
}


def offsets(layout: struct.Struct) -> list[int]:
    """Return the offset of each value of `layout`."""
    items = re.findall(r"(\d*)([sIx])", layout.format)
    found, at_byte = [], 0
    for count, kind in items:
        repeats = int(count or 1)
        if kind == "s":
            found.append(at_byte)
        elif kind == "I":
            found += range(at_byte, at_byte + 4 * repeats, 4)
        at_byte += repeats * (4 if kind == "I" else 1)
    return found


@pytest.mark.skipif(
    not (HEADER.exists() and shutil.which("cc")), reason="needs a C compiler and the kernel headers"
)
def test_structures_and_requests_are_those_of_the_c_header(tmp_path: Path) -> None:
    lines = []
    for name, (_, (request, _), fields) in STRUCTURES.items():
        expressions = [f"sizeof(struct {name})", request]
        expressions += [f"offsetof(struct {name}, {each})" for each in fields]
        lines += [f'printf("%lu ", (unsigned long)({each}));' for each in expressions]
        lines.append('puts("");')
    source = tmp_path / "layout.c"
    source.write_text(
        "#include <linux/videodev2.h>\n#include <stddef.h>\n#include <stdio.h>\n"
        f"int main(void) {{ {' '.join(lines)} return 0; }}\n"
    )
    subprocess.run(["cc", "-o", tmp_path / "layout", source], check=True, timeout=60)
    printed = subprocess.run(
        [tmp_path / "layout"], check=True, timeout=10, capture_output=True, text=True
    ).stdout
    expected = [
        [layout.size, number, *offsets(layout)[: len(fields)]]
        for layout, (_, number), fields in STRUCTURES.values()
    ]
    assert [[int(each) for each in line.split()] for line in printed.splitlines()] == expected
