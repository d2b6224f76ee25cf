"""Which cameras there are, with their names and what they can give (`--list-cameras`)."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

TRIED = 4  # camera numbers that are opened where the system cannot be asked
NONE = "no camera found. Plug one in, or try --demo"

Mode = tuple[str, int, int, float]  # pixel format, width, height, highest rate


@dataclass(frozen=True, slots=True)
class CameraInfo:
    """A camera: what `--camera` takes for it, its name, its modes, or why it cannot be asked."""

    option: str
    name: str
    modes: tuple[Mode, ...] = ()
    error: str = ""


def find_cameras() -> list[CameraInfo]:
    """Every camera that this system shows, in order. Takes seconds where they must be opened to be found."""
    return list(_linux(Path("/dev")) if sys.platform == "linux" else _opened())


def camera_lines(found: Iterable[CameraInfo]) -> list[str]:
    """The cameras as lines for people: a camera, then a line for each pixel format."""
    told = [line for camera in found for line in (_heading(camera), *_modes(camera.modes))]
    return told or [NONE]


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
        told = ", ".join(
            f"{width}x{height} at {hz:.3g}/s" for (width, height), hz in sorted(sizes.items())
        )
        yield f"    {pixels}: {told}"


def _linux(folder: Path) -> Iterator[CameraInfo]:
    """Asked of Video4Linux; nodes that are no cameras, such as a camera's metadata, are left out."""
    from linuxpy.video.device import Capability, Device, iter_video_files

    for node in sorted(iter_video_files(folder), key=lambda node: (len(str(node)), str(node))):
        option = node.name.removeprefix("video") if folder == Path("/dev") else str(node)
        try:
            with Device(node) as device:
                if Capability.VIDEO_CAPTURE in device.info.device_capabilities:
                    yield CameraInfo(
                        option,
                        device.info.card,
                        tuple(_mode(each) for each in device.info.frame_sizes),
                    )
        except PermissionError:
            yield CameraInfo(
                option,
                str(node),
                error="this user may not use it; join its group, which is often 'video'",
            )
        except OSError as error:
            yield CameraInfo(
                option, str(node), error=f"cannot be asked ({error.strerror or error})"
            )


def _mode(each: object) -> Mode:
    pixels, width, height, hz = (
        getattr(each, name) for name in ("pixel_format", "width", "height", "max_fps")
    )
    return pixels.name, int(width), int(height), float(hz)


def _opened() -> Iterator[CameraInfo]:
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
