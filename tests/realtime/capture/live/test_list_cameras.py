"""The list of cameras, with doubles of Video4Linux devices."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Self

import pytest

from realtime.capture.live import list_cameras
from realtime.capture.live.list_cameras import NONE, CameraInfo, camera_lines

video = pytest.importorskip("linuxpy.video.device", reason="linuxpy is for Linux")


def mode(pixels: str, width: int, height: int, hz: float) -> SimpleNamespace:
    return SimpleNamespace(
        pixel_format=SimpleNamespace(name=pixels), width=width, height=height, max_fps=hz
    )


class Device:
    """A node of each kind, by its number."""

    def __init__(self, node: Path) -> None:
        if node.name == "video2":
            raise PermissionError(13, "Permission denied")
        capture = (
            video.Capability.VIDEO_CAPTURE
            if node.name != "video1"
            else video.Capability.META_CAPTURE
        )
        modes = [
            mode("MJPEG", 1280, 720, 30),
            mode("MJPEG", 640, 480, 30),
            mode("YUYV", 640, 480, 15),
        ]
        self.info = SimpleNamespace(
            card="HD Webcam", device_capabilities=capture, frame_sizes=modes
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None: ...


def test_cameras_are_named_with_their_modes_and_other_nodes_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nodes = [tmp_path / f"video{number}" for number in (10, 2, 1, 0)]
    monkeypatch.setattr(video, "iter_video_files", lambda folder: iter(nodes))
    monkeypatch.setattr(video, "Device", Device)
    found = list(list_cameras._linux(tmp_path))
    assert [Path(camera.option).name for camera in found] == ["video0", "video2", "video10"]
    assert found[0].name == "HD Webcam"
    assert "join its group" in found[1].error
    assert camera_lines(found[:1])[1:] == [
        "    MJPEG: 640x480 at 30/s, 1280x720 at 30/s",
        "    YUYV: 640x480 at 15/s",
    ]


def test_of_each_size_the_highest_rate_is_told() -> None:
    told = camera_lines(
        [
            CameraInfo(
                "0",
                "Cam",
                (("MJPG", 640, 480, 15.0), ("MJPG", 640, 480, 60.0), ("MJPG", 640, 480, 30.0)),
            )
        ]
    )
    assert told == ["--camera 0            Cam", "    MJPG: 640x480 at 60/s"]


def test_without_a_camera_it_says_what_to_do() -> None:
    assert camera_lines([]) == [NONE]
    assert "--demo" in NONE


@pytest.mark.skipif(sys.platform != "linux", reason="asks Video4Linux")
def test_this_machine_can_be_asked() -> None:
    assert isinstance(list_cameras.find_cameras(), list)
