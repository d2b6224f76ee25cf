"""Checks before OpenCV opens a window: without a display, Qt ends the process."""

from __future__ import annotations

import contextlib
import ctypes
import os
import re
import socket
import sys
from collections.abc import Mapping
from pathlib import Path

_WAIT_S = 0.5
_X11_PORT = 6000
# PyAV's wheels hold libraries of the same names as OpenCV's, linked to another libxcb. The linker
# takes those that were loaded first, and with PyAV's the first `imshow` never returns.
_PYAV_XCB = re.compile(r"/av\.libs/libxcb-(shape|shm|xfixes)")


def display_available(environment: Mapping[str, str] | None = None) -> tuple[bool, str]:
    """Return whether `GaugeWindow` can be opened, and if not, why. Takes at most 0.5 s."""
    environment = os.environ if environment is None else environment
    why_not = _why_no_windows() or (
        _why_no_x11(environment) if sys.platform.startswith("linux") else ""
    )
    return not why_not, why_not


def load_system_x11_xcb() -> None:
    """Give Qt the system's libX11-xcb before OpenCV's first window; without one, do nothing.

    OpenCV's wheels bring an old libX11-xcb, which notes in a structure of the system's libX11 that
    Qt reads the events, but at offset 0x40, and newer ones (1.8.4) look at 0x48. libX11 then goes
    on taking events from Qt. If it takes the one that says that the window is on the screen, Qt
    never paints. A symbol that was loaded globally comes before that of Qt's own dependency.
    """
    if sys.platform.startswith("linux"):
        with contextlib.suppress(OSError):
            ctypes.CDLL("libX11-xcb.so.1", mode=ctypes.RTLD_GLOBAL)


def _why_no_windows() -> str:
    import cv2

    if re.search(r"GUI:\s+NONE", cv2.getBuildInformation()):
        return (
            "this OpenCV was built without windows; "
            "install opencv-python instead of opencv-python-headless"
        )
    return ""


def _why_no_x11(environment: Mapping[str, str]) -> str:
    """Return why X11 cannot be used: OpenCV's wheels need X11, on Wayland through XWayland."""
    display = environment.get("DISPLAY", "")
    if not display:
        wayland = environment.get("WAYLAND_DISPLAY", "")
        return "no display: DISPLAY is not set" + (
            f" (WAYLAND_DISPLAY={wayland} needs XWayland)" if wayland else ""
        )
    if not _host_answers(display) or not _connects(display):
        return f"no display: DISPLAY={display} does not answer or refuses the connection"
    if _PYAV_XCB.search(_loaded_libraries()):
        return "PyAV was imported before OpenCV, whose windows hang then; import cv2 before av"
    return ""


def _loaded_libraries() -> str:
    """Return the files that this process has mapped, one a line."""
    try:
        return Path("/proc/self/maps").read_text(errors="replace")
    except OSError:
        return ""


def _host_answers(display: str) -> bool:
    """Return whether a networked display answers in time; True for a local one."""
    remote = re.fullmatch(r"([^:/]+):(\d{1,4})(?:\.\d+)?", display)
    if remote is None or remote[1] == "unix":
        return True
    try:
        socket.create_connection((remote[1], _X11_PORT + int(remote[2])), _WAIT_S).close()
    except OSError:
        return False
    return True


def _connects(display: str) -> bool:
    """Return whether the X server accepts a connection, through the library that Qt uses.

    The connection stays open for the whole run: a server such as a bare Xvfb resets when its last
    client leaves, and would refuse Qt's connection meanwhile.
    """
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return False
    xcb.xcb_connect.restype = ctypes.c_void_p
    connection = ctypes.c_void_p(xcb.xcb_connect(display.encode(), None))
    if not xcb.xcb_connection_has_error(connection):
        return True
    xcb.xcb_disconnect(connection)
    return False
