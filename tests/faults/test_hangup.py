"""The terminal that a run was started from goes away while it runs."""

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
# A session of its own, with the terminal as its controlling one: only that is told when it closes.
LED = [
    sys.executable,
    "-c",
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0);"
    "os.execv(sys.argv[1], sys.argv[1:])",
]


def test_a_terminal_that_is_closed_loses_neither_film_nor_record(tmp_path: Path) -> None:
    film, out, errors = tmp_path / "film.mp4", tmp_path / "out.jsonl", tmp_path / "errors"
    ours, theirs = pty.openpty()
    with errors.open("w") as into:
        command = [*LED, *RUN, "--no-window", "--record", str(film), "--record", str(out)]
        process = subprocess.Popen(
            command, stdin=theirs, stdout=theirs, stderr=into, start_new_session=True
        )
    os.close(theirs)
    try:
        with _read(ours):
            wait_until(lambda: _verdicts(out) > 3)
        assert process.wait(timeout=60) == 0
    finally:
        process.kill()
    assert errors.read_text() == ""
    assert _lines(out)[-1]["type"] == "summary"
    assert _lines(out)[-1]["frames"]["captured"] < 258
    assert cv2.VideoCapture(str(film)).read()[0]


def test_a_run_that_is_to_outlive_its_terminal_does(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    command = ["nohup", *RUN, "--headless", "--record", str(out)]
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    try:
        wait_until(lambda: _verdicts(out) > 3)
        process.send_signal(signal.SIGHUP)
        process.communicate(timeout=60)
    finally:
        process.kill()
    assert _lines(out)[-1]["frames"]["captured"] == 258


@contextlib.contextmanager
def _read(terminal: int) -> Any:
    """A terminal that shows what comes, until it is closed."""
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
