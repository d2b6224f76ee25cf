"""Window under Xvfb, in a separate process: Qt can end its process."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from ctypes.util import find_library
from pathlib import Path
from unittest.mock import Mock

import cv2
import numpy as np
import pytest

from realtime.view.window.window import GaugeWindow

ROOT = Path(__file__).parents[4]
SHOW = """
import cv2
import numpy as np
from realtime.core.snapshot import RunSetting, Snapshot
from realtime.core.messages import Frame
from realtime.view.window.display_check import display_available
from realtime.view.window.overlay import draw_overlay
from realtime.view.window.window import GaugeWindow
print(display_available())
setting = RunSetting("demo", "any", "native", 1.0, 0.1)
shot = draw_overlay(Snapshot(setting, Frame(0, 0.0, 0.0, np.full((360, 640, 3), 90, np.uint8))))
pressed = iter([-1, ord("Q"), 27, -1])
wait = cv2.waitKey
cv2.waitKey = lambda delay_ms: (wait(delay_ms), next(pressed, -1))[1]
with GaugeWindow() as window:
    print(*[window.show(shot) for _ in range(3)])
    cv2.imshow = lambda *_: cv2.destroyAllWindows()  # the user closes it
    print(window.show(shot))
"""


@pytest.fixture(scope="module")
def screen() -> Iterator[str]:
    """Start a virtual X server and return its display name."""
    if shutil.which("Xvfb") is None:
        pytest.skip("Xvfb is missing (Debian's package xvfb)")
    ours, theirs = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(theirs), "-screen", "0", "1300x900x24", "-nolisten", "tcp"],
        pass_fds=[theirs], stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(theirs)
    with os.fdopen(ours) as result:
        yield f":{result.readline().strip()}"
    server.terminate()
    server.wait(20)


@pytest.mark.parametrize(
    "result", [0.0, -1.0, cv2.error("NULL guiReceiver (please create a window)")]
)
def test_closing_the_window_returns_q(monkeypatch: pytest.MonkeyPatch, result) -> None:
    """Qt raises once its last window was closed with the mouse; other builds answer 0 or -1."""
    monkeypatch.setattr(cv2, "imshow", lambda *_: None)
    monkeypatch.setattr(cv2, "waitKey", lambda _: -1)
    monkeypatch.setattr(cv2, "getWindowProperty", Mock(side_effect=[result]))
    assert GaugeWindow().show(np.zeros((8, 8, 3), np.uint8)) == "q"


def test_show_returns_pressed_keys_and_q_once_closed(screen: str) -> None:
    result = subprocess.run(
        [sys.executable, "-c", SHOW],
        cwd=ROOT,
        env=os.environ | {"DISPLAY": screen},
        capture_output=True,
        timeout=60,
    )
    assert result.stdout.decode().splitlines() == ["(True, '')", "None q \x1b", "q"], (
        result.stderr.decode()[-2000:]
    )
    assert result.returncode == 0


LOOK = """
import os
import time
import cv2
import numpy as np
from PIL import ImageGrab
from realtime.core.snapshot import Ghosts, RunSetting, Snapshot
from realtime.core.messages import BoxSource, Face, Frame, Landmarks, State, Verdict, ViewQuality
from realtime.view.window.display_check import display_available
from realtime.view.window.overlay import draw_overlay
from realtime.view.window.window import GaugeWindow
display_available()
points = np.random.default_rng(0).uniform(100, 200, (40, 2)).astype(np.float32)
points[16:22], points[22:28] = (120, 120), (180, 120)
away = np.zeros((40, 2), np.float32)
shot = draw_overlay(Snapshot(
    RunSetting("demo", "any", "native", 1.0, 0.1),
    Frame(0, 0.0, 0.0, np.full((360, 640, 3), 90, np.uint8)),
    Face((90, 90, 120, 120), 20.0, BoxSource.MOSSE),
    Landmarks(points, 0.0, 0, ViewQuality(100, 120, 0)),
    Verdict(0.0, 0, "any", State.JUDGING, 0.7, "", 10.0),
    ghosts=Ghosts(away + 0.1, away),
))
with GaugeWindow() as window:
    until_s = time.monotonic() + 90  # a bound for a broken build: a busy machine maps windows late
    while time.monotonic() < until_s:
        window.show(shot)
        screen = ImageGrab.grab(xdisplay=os.environ["DISPLAY"])
        seen = np.asarray(screen)[:, :, ::-1].astype(np.uint8)
        left, top = cv2.minMaxLoc(cv2.matchTemplate(seen, shot, cv2.TM_SQDIFF))[2]
        same = np.array_equal(seen[top : top + shot.shape[0], left : left + shot.shape[1]], shot)
        if same:
            break
print(same, seen.shape)
"""


def test_the_screen_shows_the_drawn_picture(screen: str) -> None:
    environment = os.environ | {"DISPLAY": screen}
    result = subprocess.run(
        [sys.executable, "-c", LOOK], cwd=ROOT, env=environment, capture_output=True, timeout=120
    )
    assert result.stdout.decode().split()[0] == "True", result.stderr.decode()[-2000:]


@pytest.mark.skipif(
    find_library("X11-xcb") is None, reason="needs the system's libX11-xcb (package libx11-xcb1)"
)
def test_qt_takes_the_event_queue_by_the_systems_library(screen: str, tmp_path: Path) -> None:
    """With that of OpenCV's wheel, libX11 takes events from Qt: the window can stay black."""
    subprocess.run(
        [sys.executable, "-c", SHOW],
        cwd=ROOT,
        env=os.environ
        | {"DISPLAY": screen, "LD_DEBUG": "bindings", "LD_DEBUG_OUTPUT": str(tmp_path / "linked")},
        capture_output=True,
        timeout=60,
        check=True,
    )
    linked = "".join(file.read_text(errors="replace") for file in tmp_path.iterdir())
    bound = re.findall(r"libQt5XcbQpa\S* \[0\] to (\S+) .*`XSetEventQueueOwner'", linked)
    assert [Path(library).name for library in bound] == ["libX11-xcb.so.1"]


SOURCE = """
from realtime.capture.factory import SourceSpec, create_source
from realtime.core.clock import SystemClock
create_source(SourceSpec(demo=True), SystemClock())
import av
"""


@pytest.mark.parametrize("before", ["import realtime.app.main, av\n", SOURCE])
def test_a_window_opens_after_pyav_was_loaded(screen: str, before: str) -> None:
    """PyAV's X11 libraries, loaded before OpenCV's, would let `imshow` hang."""
    result = subprocess.run(
        [sys.executable, "-c", before + SHOW],
        cwd=ROOT,
        env=os.environ | {"DISPLAY": screen},
        capture_output=True,
        timeout=60,
    )
    lines = result.stdout.decode().splitlines()
    assert lines == ["(True, '')", "None q \x1b", "q"], result.stderr.decode()[-2000:]
