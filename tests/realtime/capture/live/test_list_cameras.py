"""The list of cameras, with doubles of Video4Linux nodes."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from realtime.capture.live import camera_identity, list_cameras
from realtime.capture.live.list_cameras import NONE, CameraInfo, camera_lines
from realtime.capture.live.v4l2 import CameraNode

MODES = (
    ("MJPG", 1280, 720, 30.0),
    ("MJPG", 640, 480, 30.0),
    ("YUYV", 640, 480, 15.0),
    ("GREY", 320, 240, 0.0),
)


def answer(node: Path) -> CameraNode:
    """Double of `read_node`: a node of each kind, by its number."""
    if node.name == "video2":
        raise PermissionError(13, "Permission denied")
    if node.name == "video3":
        raise OSError(19, "No such device")
    return CameraNode("HD Webcam", node.name != "video1", MODES)


@pytest.fixture
def found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[CameraInfo]:
    for name in ("video10", "video3", "video2", "video1", "video0", "videocodec"):
        (tmp_path / name).touch()
    monkeypatch.setattr(list_cameras, "read_node", answer)
    return list(list_cameras._linux(tmp_path))


def test_cameras_are_named_with_their_modes_and_other_nodes_left_out(
    found: list[CameraInfo],
) -> None:
    assert [Path(camera.option).name for camera in found] == [
        "video0",
        "video2",
        "video3",
        "video10",
    ]
    assert found[0].name == "HD Webcam"
    assert camera_lines(found[:1])[1:] == [
        "    MJPG: 640x480 at 30/s, 1280x720 at 30/s",
        "    YUYV: 640x480 at 15/s",
        "    GREY: 320x240",
    ]


def test_a_camera_that_cannot_be_asked_is_listed_with_the_reason(found: list[CameraInfo]) -> None:
    assert "join its group" in found[1].error
    assert found[2].error == "cannot be queried (No such device)"


def test_a_camera_without_permission_has_the_name_that_the_system_knows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "video2").touch()
    (tmp_path / "class" / "video2").mkdir(parents=True)
    (tmp_path / "class" / "video2" / "name").write_text("HD Webcam\n")
    monkeypatch.setattr(list_cameras, "read_node", answer)
    monkeypatch.setattr(camera_identity, "SYSFS", tmp_path / "class")
    assert [camera.name for camera in list_cameras._linux(tmp_path)] == ["HD Webcam"]


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
