from __future__ import annotations

import sys
from pathlib import Path

import pytest
from driver import Driver

from realtime.capture.live import camera as camera_module
from realtime.capture.live import camera_identity as module
from realtime.capture.live.camera import Camera
from realtime.capture.live.camera_identity import (
    find_camera,
    present_cameras,
    read_identity,
    twins_of,
)
from realtime.core.errors import CameraNotFound

INTEGRATED = {"name": "Integrated Camera", "model": ("04f2", "b6dd"), "serial": "", "port": "1-6"}
FRONT = {"name": "HD Pro Webcam C920", "model": ("046d", "082d"), "serial": "A1B2", "port": "1-2"}


class Machine:
    """A made-up /dev and /sys with cameras plugged in."""

    def __init__(self, root: Path) -> None:
        self.devices, self._root = root / "dev", root
        self.devices.mkdir()
        (root / "sys").mkdir()

    def plug(
        self,
        number: int,
        name: str,
        model: tuple[str, str],
        serial: str,
        port: str,
        part: str = "0",
    ) -> Path:
        usb = self._root / "bus" / port
        interface = usb / f"{port}:1.0"
        interface.mkdir(parents=True, exist_ok=True)
        for file, text in {"idVendor": model[0], "idProduct": model[1], "serial": serial}.items():
            if text:
                (usb / file).write_text(f"{text}\n")
        entry = self._root / "sys" / f"video{number}"
        entry.mkdir()
        (entry / "name").write_text(f"{name}\n")
        (entry / "index").write_text(f"{part}\n")
        (entry / "device").symlink_to(interface)
        node = self.devices / f"video{number}"
        node.touch()
        return node

    def unplug(self, number: int) -> None:
        (self.devices / f"video{number}").unlink()
        entry = self._root / "sys" / f"video{number}"
        (entry / "device").unlink()
        for file in entry.iterdir():
            file.unlink()
        entry.rmdir()


@pytest.fixture
def machine(tmp_path, monkeypatch) -> Machine:
    made = Machine(tmp_path)
    monkeypatch.setattr(module, "SYSFS", tmp_path / "sys")
    monkeypatch.setattr(camera_module, "DEVICES", made.devices)
    return made


def test_a_camera_tells_who_it_is(machine):
    known = read_identity(machine.plug(0, **FRONT))
    assert (known.name, known.model, known.serial, known.port) == (
        "HD Pro Webcam C920",
        "046d:082d",
        "A1B2",
        "1-2",
    )


def test_where_the_system_says_nothing_nobody_is_known(machine):
    node = machine.devices / "video7"
    node.touch()
    assert read_identity(node) is None
    assert present_cameras(machine.devices) == {}


def test_it_is_found_under_another_number_and_at_another_port(machine):
    machine.plug(0, **INTEGRATED)
    lost = read_identity(machine.plug(1, **FRONT))
    machine.unplug(1)
    assert find_camera(lost, frozenset(), machine.devices) is None
    node = machine.plug(4, **(FRONT | {"port": "3-1"}))
    assert find_camera(lost, frozenset(), machine.devices) == node


def test_the_node_for_metadata_is_not_the_camera(machine):
    lost = read_identity(machine.plug(0, **FRONT))
    machine.plug(1, **FRONT, part="1")
    machine.unplug(0)
    assert find_camera(lost, frozenset(), machine.devices) is None


def test_a_twin_is_another_camera(machine):
    twin = {**INTEGRATED, "name": "USB Camera"}
    lost = read_identity(machine.plug(0, **twin))
    machine.plug(2, **(twin | {"port": "1-7"}))
    twins = twins_of(lost, machine.devices)
    assert twins == {"1-7"}
    machine.unplug(0)
    assert find_camera(lost, twins, machine.devices) is None
    back = machine.plug(5, **twin)
    assert find_camera(lost, twins, machine.devices) == back


@pytest.mark.skipif(sys.platform != "linux", reason="nodes are Linux's")
def test_a_camera_that_comes_back_as_another_number_is_opened_there_and_no_other_in_its_place(
    machine, monkeypatch, clock
):
    driver = Driver(10)
    clock.tick_s = 0.01
    monkeypatch.setattr(camera_module.cv2, "VideoCapture", driver)
    machine.plug(0, **FRONT)
    camera = Camera(0, clock)
    with camera:
        camera.read()
    machine.unplug(0)
    machine.plug(0, **INTEGRATED)  # the number is taken by another camera
    with pytest.raises(
        CameraNotFound, match=r"camera 0 \(HD Pro Webcam C920\) is not there. Plug it in again"
    ):
        camera.open()
    back = machine.plug(3, **FRONT)
    with camera:
        assert camera.read() is not None
    assert [node for node, _backend in driver.opened] == [0, str(back)]
