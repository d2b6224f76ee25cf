from __future__ import annotations

import sys
import threading
from pathlib import Path

import cv2
import numpy as np
import pytest
from driver import LONG_S, Driver

from realtime.capture.live import camera as module
from realtime.capture.live.camera import Camera
from realtime.core.errors import CameraNotFound, SourceLost


@pytest.fixture
def plug(monkeypatch, tmp_path):
    """Plug a driver in as camera 0, with other cameras beside it."""

    def plug(driver: Driver, *nodes: str) -> Driver:
        monkeypatch.setattr(module, "DEVICES", tmp_path)
        for node in nodes or ("video0",):
            (tmp_path / node).touch()
        monkeypatch.setattr(module.cv2, "VideoCapture", driver)
        return driver

    return plug


@pytest.fixture
def clock(clock):
    clock.tick_s = 0.05  # time goes on by itself, so that waiting for a silent camera ends
    return clock


def refusal(camera: Camera) -> str:
    with pytest.raises(CameraNotFound) as refused:
        camera.open()
    return str(refused.value)


def frames_until_lost(camera: Camera) -> list:
    frames = []
    try:
        while True:
            frames.append(camera.read())
    except SourceLost:
        return frames


linux = pytest.mark.skipif(sys.platform != "linux", reason="cameras are files on Linux only")


@linux
def test_no_camera_names_those_that_there_are(plug, clock, tmp_path):
    plug(Driver(1), "video2", "video10", "video-decoder")
    expected = f"no camera 0; found {tmp_path}/video2, {tmp_path}/video10. Try --camera 2"
    assert refusal(Camera(0, clock)) == expected


@linux
def test_no_camera_at_all(plug, clock, tmp_path):
    plug(Driver(1), "other")
    assert (
        refusal(Camera(0, clock))
        == f"no camera 0; there is no other {tmp_path}/video*. Plug one in, or try --demo"
    )


@linux
def test_a_path_names_a_camera(plug, clock, tmp_path):
    driver = plug(Driver(1), "video3")
    with Camera(f"{tmp_path}/video3", clock):
        assert driver.opened == [(f"{tmp_path}/video3", cv2.CAP_V4L2)]
    assert "no /dev/video77; found" in refusal(Camera("/dev/video77", clock))


def test_a_camera_that_does_not_open(plug, clock):
    plug(Driver(0, opens=False))
    assert "camera 0 cannot be opened; is another program using it?" in refusal(Camera(0, clock))


def test_a_camera_without_a_picture(plug, clock):
    driver = plug(Driver(0))
    assert "camera 0 opens but delivers no picture" in refusal(Camera(0, clock))
    assert driver.released.wait(LONG_S)


def test_a_camera_that_wakes_up_too_late_is_let_go(plug, clock, monkeypatch):
    monkeypatch.setattr("realtime.capture.live.live_source.SLICE_S", 0.001)
    driver = plug(Driver(0, blocks=True))
    assert "delivers no picture" in refusal(Camera(0, clock))
    driver.left = 10**9
    driver.unblock.set()
    assert driver.released.wait(LONG_S)


def test_what_is_asked_of_the_camera(plug, clock):
    driver = plug(Driver(1))
    with Camera(0, clock, size_px=(640, 360), hz=30):
        pass
    assert driver.asked == [
        (cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG")),
        (cv2.CAP_PROP_FRAME_WIDTH, 640),
        (cv2.CAP_PROP_FRAME_HEIGHT, 360),
        (cv2.CAP_PROP_FPS, 30),
        (cv2.CAP_PROP_BUFFERSIZE, 1),
    ]


def test_what_the_camera_gives_instead(plug, clock):
    plug(Driver(1))
    with Camera(0, clock, size_px=(640, 360), hz=30) as camera:
        assert (camera.kind, camera.name, camera.size_px, camera.hz) == (
            "camera",
            "camera 0",
            (64, 48),
            15.0,
        )


def test_a_camera_that_fails_for_two_seconds_is_lost(plug, clock):
    plug(Driver(1))
    with Camera(0, clock) as camera:
        assert camera.read().index == 0
        with pytest.raises(SourceLost, match="camera 0 gave no picture for 2 s"):
            camera.read()


def test_a_camera_that_blocks_is_lost_and_can_be_closed(plug, clock, monkeypatch):
    monkeypatch.setattr("realtime.capture.live.live_source.SLICE_S", 0.001)
    monkeypatch.setattr("realtime.capture.live.live_source.JOIN_S", 0.01)
    driver = plug(Driver(1, blocks=True))
    with Camera(0, clock) as camera:
        camera.read()
        with pytest.raises(SourceLost):
            camera.read()
    assert not driver.released.is_set()  # only the thread that reads may release
    driver.unblock.set()
    assert driver.released.wait(LONG_S)


def test_interrupt_ends_a_read_of_a_camera_that_blocks(plug, clock, monkeypatch):
    monkeypatch.setattr("realtime.capture.live.live_source.JOIN_S", 0.01)
    clock.tick_s = 0.0  # it would wait for ever
    driver = plug(Driver(1, blocks=True))
    camera = Camera(0, clock)
    with camera:
        camera.read()
        results: list[object] = []
        thread = threading.Thread(target=lambda: results.append(camera.read()), daemon=True)
        thread.start()
        camera.interrupt()
        thread.join(LONG_S)
        assert results == [None]
    driver.unblock.set()


def test_interrupted_before_it_opens(plug, clock):
    plug(Driver(1))
    camera = Camera(0, clock)
    camera.interrupt()
    with camera:
        assert camera.read() is None


def test_pictures_that_nobody_fetched_are_counted(plug, clock):
    driver = plug(Driver(100))
    with Camera(0, clock) as camera:
        frames = frames_until_lost(camera)
    assert len(frames) + camera.skipped["newer_frame"] == 100
    assert set(camera.skipped) <= {"newer_frame"}
    assert [frame.index for frame in frames] == list(range(len(frames)))
    assert frames[-1].image[0, 0, 0] == 0  # the newest one always comes through
    assert driver.released.wait(LONG_S)


def test_a_fault_of_ours_is_not_hidden(plug, clock, monkeypatch):
    driver = plug(Driver(1))
    monkeypatch.setattr(driver, "set", None)
    with pytest.raises(TypeError):
        Camera(0, clock).open()


@linux
def test_this_machine_says_clearly_what_it_has(clock):
    if Path("/dev/video99").exists():
        pytest.skip("it has a hundred cameras")
    assert refusal(Camera(99, clock)).startswith("no camera 99; ")


def test_a_camera_whose_driver_still_hangs_is_not_opened_beside_itself(plug, clock, monkeypatch):
    monkeypatch.setattr("realtime.capture.live.live_source.SLICE_S", 0.001)
    monkeypatch.setattr("realtime.capture.live.live_source.JOIN_S", 0.01)
    driver = plug(Driver(1, blocks=True))
    camera = Camera(0, clock)
    with camera:
        camera.read()
    before = threading.active_count()
    for _ in range(5):
        with pytest.raises(SourceLost, match="camera 0 still hangs in its driver"):
            camera.open()
    assert threading.active_count() == before
    driver.unblock.set()
    assert driver.released.wait(LONG_S)


@pytest.mark.parametrize(
    "hollow", [None, np.zeros((0, 0, 3), np.uint8), np.zeros((4, 4), np.uint8)]
)
def test_success_without_a_picture_is_no_picture(plug, clock, monkeypatch, hollow):
    driver = plug(Driver(10))
    monkeypatch.setattr(driver, "read", lambda: (True, hollow))
    assert "opens but delivers no picture" in refusal(Camera(0, clock))
