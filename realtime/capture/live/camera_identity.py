"""Identity of the camera behind a device node, to find it under another number (Linux sysfs)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

SYSFS = Path("/sys/class/video4linux")


@dataclass(frozen=True, slots=True)
class CameraIdentity:
    """Properties of a camera that survive reconnection, and the `port` it is plugged into.

    `part` distinguishes the nodes of one camera (picture, metadata).
    """

    name: str
    model: str  # vendor:product, empty if not on USB
    serial: str
    part: str
    port: str

    def same_camera(self, other: CameraIdentity) -> bool:
        """Return whether both may be the same camera, at any port."""
        return self.properties == other.properties

    @property
    def properties(self) -> tuple[str, ...]:
        """All properties except the port."""
        return (self.name, self.model, self.serial, self.part)


def read_identity(node: Path) -> CameraIdentity | None:
    """Return the identity of `node`, such as /dev/video0; None if the system has none."""
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
    """Return the identity of every camera node in the folder `devices`."""
    nodes = sorted(devices.glob("video*"), key=lambda node: (len(node.name), node.name))
    return {node: identity for node in nodes if (identity := read_identity(node)) is not None}


def find_camera(lost: CameraIdentity, twins: frozenset[str], devices: Path) -> Path | None:
    """Return the node of camera `lost`; None while it is disconnected.

    `twins` are the ports of identical cameras, which are never taken for the lost one.
    """
    present = present_cameras(devices)
    alike = {node: found for node, found in present.items() if lost.same_camera(found)}
    at_its_port = [node for node, identity in alike.items() if identity.port == lost.port]
    elsewhere = [node for node, identity in alike.items() if identity.port not in twins]
    return next(iter(at_its_port + elsewhere), None)


def twins_of(camera: CameraIdentity, devices: Path) -> frozenset[str]:
    """Return the ports of all other cameras with the same properties."""
    others = (identity for identity in present_cameras(devices).values() if identity != camera)
    return frozenset(identity.port for identity in others if identity.same_camera(camera))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()[:200]
    except OSError:
        return ""
