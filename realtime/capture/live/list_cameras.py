"""List of cameras with names and modes (`--list-cameras`)."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from realtime.capture.live.camera_identity import read_identity
from realtime.capture.live.v4l2 import Mode, read_node

TRIED = 4  # camera numbers opened where the system has no listing
NONE = "no camera found. Plug one in, or try --demo"


@dataclass(frozen=True, slots=True)
class CameraInfo:
    """Camera: its value for `--camera`, name and modes, or why it cannot be queried."""

    option: str
    name: str
    modes: tuple[Mode, ...] = ()
    error: str = ""


def find_cameras() -> list[CameraInfo]:
    """Return all cameras in order; takes seconds where they must be opened."""
    return list(_linux(Path("/dev")) if sys.platform == "linux" else _probe_numbers())


def camera_lines(cameras: Iterable[CameraInfo]) -> list[str]:
    """Return display lines: a camera, then a line for each pixel format."""
    lines = [line for camera in cameras for line in (_heading(camera), *_modes(camera.modes))]
    return lines or [NONE]


def _heading(camera: CameraInfo) -> str:
    return (
        f"--camera {camera.option:<12} {camera.name}{f': {camera.error}' if camera.error else ''}"
    )


def _modes(modes: Iterable[Mode]) -> Iterator[str]:
    by_format: dict[str, dict[tuple[int, int], float]] = {}
    for pixels, width, height, hz in modes:
        sizes = by_format.setdefault(pixels, {})
        sizes[width, height] = max(hz, sizes.get((width, height), 0.0))
    for pixels, sizes in by_format.items():
        text = ", ".join(
            f"{width}x{height}" + (f" at {hz:.3g}/s" if hz else "")
            for (width, height), hz in sorted(sizes.items())
        )
        yield f"    {pixels}: {text}"


def _linux(folder: Path) -> Iterator[CameraInfo]:
    """Query Video4Linux; skip nodes that are not cameras, such as metadata nodes."""
    nodes = (node for node in folder.glob("video*") if node.name.removeprefix("video").isdigit())
    for node in sorted(nodes, key=lambda node: (len(node.name), node.name)):
        option = node.name.removeprefix("video") if folder == Path("/dev") else str(node)
        try:
            camera = read_node(node)
            if camera.captures:
                yield CameraInfo(option, camera.name, camera.modes)
        except PermissionError:
            identity = read_identity(node)
            yield CameraInfo(
                option,
                str(node) if identity is None else identity.name,
                error="this user may not use it; join its group, which is often 'video'",
            )
        except OSError as error:
            yield CameraInfo(
                option, str(node), error=f"cannot be queried ({error.strerror or error})"
            )


def _probe_numbers() -> Iterator[CameraInfo]:
    import cv2

    for number in range(TRIED):
        device = cv2.VideoCapture(number)
        if device.isOpened():
            width, height = (
                int(device.get(key))
                for key in (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT)
            )
            yield CameraInfo(
                str(number),
                "camera",
                (("as it opens", width, height, device.get(cv2.CAP_PROP_FPS)),),
            )
        device.release()
