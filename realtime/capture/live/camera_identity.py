"""Which camera a device node is, so that it is found again under another number. Linux, from sysfs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

SYSFS = Path("/sys/class/video4linux")


@dataclass(frozen=True, slots=True)
class CameraIdentity:
    """What stays the same when a camera is plugged in again: what it calls itself, and its serial number if it has one.

    `part` tells the nodes of one camera apart (picture, metadata); `port` is where it is plugged in.
    """

    name: str
    model: str  # vendor:product, empty for what is not on USB
    serial: str
    part: str
    port: str

    def same_camera(self, other: CameraIdentity) -> bool:
        """Whether both can be one camera, wherever it is plugged in."""
        return self.looks == other.looks

    @property
    def looks(self) -> tuple[str, ...]:
        """Everything but the port."""
        return (self.name, self.model, self.serial, self.part)


def read_identity(node: Path) -> CameraIdentity | None:
    """Who is behind `node`, such as /dev/video0; None where the system does not say."""
    entry = SYSFS / node.resolve().name
    name = _text(entry / "name")
    if not name:
        return None
    device = (entry / "device").resolve()
    usb = next(
        (parent for parent in (device, *device.parents[:3]) if (parent / "idVendor").exists()), None
    )
    if usb is None:
        return CameraIdentity(name, "", "", _text(entry / "index"), device.name)
    model = f"{_text(usb / 'idVendor')}:{_text(usb / 'idProduct')}"
    return CameraIdentity(name, model, _text(usb / "serial"), _text(entry / "index"), usb.name)


def present_cameras(devices: Path) -> dict[Path, CameraIdentity]:
    """Every camera node in the folder `devices` now, with who is behind it."""
    nodes = sorted(devices.glob("video*"), key=lambda node: (len(node.name), node.name))
    return {node: known for node in nodes if (known := read_identity(node)) is not None}


def find_camera(lost: CameraIdentity, twins: frozenset[str], devices: Path) -> Path | None:
    """The node behind which `lost` is now; None while it is away.

    `twins` are the ports of other cameras that look the same: what is plugged in there is another one.
    """
    alike = {
        node: known for node, known in present_cameras(devices).items() if lost.same_camera(known)
    }
    at_its_port = [node for node, known in alike.items() if known.port == lost.port]
    elsewhere = [node for node, known in alike.items() if known.port not in twins]
    return next(iter(at_its_port + elsewhere), None)


def twins_of(camera: CameraIdentity, devices: Path) -> frozenset[str]:
    """The ports of all other cameras that look like this one."""
    others = (known for known in present_cameras(devices).values() if known != camera)
    return frozenset(known.port for known in others if known.same_camera(camera))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()[:200]
    except OSError:
        return ""
