"""The terminal of a run closes while it runs."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import cv2
from servers import wait_until

RUN = [sys.executable, "-m", "realtime", "--demo"]
# A new session whose controlling terminal is master: only that one gets SIGHUP when it closes.
IN_TERMINAL = [
    sys.executable,
    "-c",
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0);"
    "os.execv(sys.argv[1], sys.argv[1:])",
]


def test_closing_the_terminal_completes_video_and_record(tmp_path: Path) -> None:
    video, out, errors = tmp_path / "video.mp4", tmp_path / "out.jsonl", tmp_path / "errors"
    master, slave = pty.openpty()
    with errors.open("w") as into:
        command = [*IN_TERMINAL, *RUN, "--no-window", "--record", str(video), "--record", str(out)]
        process = subprocess.Popen(
            command, stdin=slave, stdout=slave, stderr=into, start_new_session=True
        )
    os.close(slave)
    try:
        with _reading(master):
            wait_until(lambda: _verdicts(out) > 3)
        assert process.wait(timeout=60) == 0
    finally:
        process.kill()
    assert errors.read_text() == ""
    assert _lines(out)[-1]["type"] == "summary"
    assert _lines(out)[-1]["frames"]["captured"] < 258
    assert cv2.VideoCapture(str(video)).read()[0]


def test_a_run_under_nohup_survives_its_terminal(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    command = ["nohup", *RUN, "--to", "4s", "--headless", "--record", str(out)]
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    try:
        wait_until(lambda: _verdicts(out) > 3)
        process.send_signal(signal.SIGHUP)
        process.communicate(timeout=60)
    finally:
        process.kill()
    assert _lines(out)[-1]["frames"]["captured"] == 121  # up to 4 s


@contextlib.contextmanager
def _reading(terminal: int) -> Any:
    """Read what is written to the terminal, and close it at the end."""
    closing = threading.Event()

    def read() -> None:
        with contextlib.suppress(OSError):
            while not closing.is_set():
                os.read(terminal, 65536)

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    yield
    closing.set()
    reader.join(20)
    os.close(terminal)


def _verdicts(out: Path) -> int:
    return out.read_text().count('"verdict"') if out.exists() else 0


def _lines(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.read_text().splitlines()]
