from __future__ import annotations

import socket
import sys

import cv2
import pytest

from realtime.view.window import display_check
from realtime.view.window.display_check import _loaded_libraries, display_available

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="X11 is checked on Linux only"
)


@pytest.fixture(autouse=True)
def _no_libraries_of_pyav(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide what other tests of this process have imported."""
    monkeypatch.setattr(display_check, "_loaded_libraries", str)


@pytest.mark.parametrize(
    ("environment", "why"),
    [
        ({}, "no display: DISPLAY is not set"),
        (
            {"WAYLAND_DISPLAY": "wayland-0"},
            "no display: DISPLAY is not set (WAYLAND_DISPLAY=wayland-0 needs XWayland)",
        ),
        (
            {"DISPLAY": ":4242"},
            "no display: DISPLAY=:4242 does not answer or refuses the connection",
        ),
        (
            {"DISPLAY": "nonsense"},
            "no display: DISPLAY=nonsense does not answer or refuses the connection",
        ),
    ],
)
def test_an_unusable_display_is_explained(environment: dict[str, str], why: str) -> None:
    assert display_available(environment) == (False, why)


def test_a_network_display_is_checked_with_a_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    connections: list[tuple[tuple[str, int], float]] = []

    def refuse(address: tuple[str, int], timeout_s: float) -> socket.socket:
        connections.append((address, timeout_s))
        raise TimeoutError

    monkeypatch.setattr(socket, "create_connection", refuse)
    assert not display_available({"DISPLAY": "far.example:3.0"})[0]
    assert connections == [(("far.example", 6003), 0.5)]


def test_an_opencv_without_windows_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        cv2, "getBuildInformation", lambda: "  GUI:                           NONE\n"
    )
    available, why = display_available({"DISPLAY": ":0"})
    assert not available
    assert "opencv-python-headless" in why


def test_a_display_that_accepts_the_connection_is_available(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(display_check, "_connects", lambda name: name == ":7")
    assert display_available({"DISPLAY": ":7"}) == (True, "")


@pytest.mark.parametrize(
    ("library", "hangs"),
    [
        ("av.libs/libxcb-shape-7716c890.so.0.0.0", True),
        ("av.libs/libxcb-shm-0be6dfbf.so.0.0.0", True),
        ("av.libs/libxcb-5ddf6756.so.1.1.0", False),
        ("opencv_python.libs/libxcb-shape-7716c890.so.0.0.0", False),
    ],
)
def test_x11_libraries_of_pyav_rule_a_window_out(
    monkeypatch: pytest.MonkeyPatch, library: str, hangs: bool
) -> None:
    mapped = f"7f00-7f01 r-xp 00000000 08:01 9 /lib/python3.11/site-packages/{library}\n"
    monkeypatch.setattr(display_check, "_loaded_libraries", lambda: mapped)
    monkeypatch.setattr(display_check, "_connects", lambda _: True)
    available, why = display_available({"DISPLAY": ":7"})
    assert available is not hangs
    assert ("import cv2 before av" in why) is hangs


def test_the_libraries_of_this_process_are_read() -> None:
    assert "numpy" in _loaded_libraries()
