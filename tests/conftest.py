"""Fixtures of several stages: a clock moved by hand, and small generated videos."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the commands do, before numpy is there

import cv2
import numpy as np
import pytest

from engines.bundle.bundle import DEFAULT_BUNDLE, Bundle
from realtime.app import consent_notice
from realtime.landmarks import predictor
from realtime.view.words.catalogue import choose_language


class ManualClock:
    """Clock that only waiting moves; each reading of it takes `tick_s`."""

    def __init__(self, now_s: float = 1000.0, tick_s: float = 0.0) -> None:
        self.time_s = now_s
        self.tick_s = tick_s
        self.waits: list[float] = []

    def now_s(self) -> float:
        self.time_s += self.tick_s
        return self.time_s

    def wait_until(self, at_s: float, stop: threading.Event) -> None:
        self.waits.append(at_s)
        if not stop.is_set():
            self.time_s = max(self.time_s, at_s)


@pytest.fixture(scope="session", autouse=True)
def notice_read(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Accept the first-run notice in a temporary settings folder that subprocesses inherit."""
    folder = tmp_path_factory.mktemp("settings")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CONFIG_HOME", str(folder))
        consent_notice.remember(consent_notice.mark_path())
        yield


@pytest.fixture(scope="session", autouse=True)
def landmark_models_are_loaded_once() -> Iterator[None]:
    """Load the landmark model, 100 MB, once for all tests of the process."""
    with pytest.MonkeyPatch.context() as patch:
        for name, load in predictor.FITTERS.items():
            patch.setitem(predictor.FITTERS, name, cache(load))
        yield


@pytest.fixture(autouse=True)
def texts_are_english() -> Iterator[None]:
    """Choose English again after a test that chose another language."""
    yield
    choose_language("en", {})


@pytest.fixture(scope="session")
def bundle() -> Bundle:
    """Return the packaged bundle."""
    return Bundle.load(DEFAULT_BUNDLE)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def image() -> np.ndarray:
    return np.full((48, 64, 3), 128, np.uint8)


@pytest.fixture
def ffmpeg(tmp_path: Path) -> Callable[..., Path]:
    """Return `ffmpeg(name, *arguments)`, which encodes a 64x48 test source at 30 Hz."""
    binary = pytest.importorskip("imageio_ffmpeg").get_ffmpeg_exe()

    def make(name: str, *arguments: str, seconds: float = 1.0) -> Path:
        pictures = ["-f", "lavfi", "-i", f"testsrc=size=64x48:rate=30:duration={seconds}"]
        path = tmp_path / name
        subprocess.run(
            [binary, "-loglevel", "error", "-y", *pictures, *arguments, path],
            check=True,
            timeout=60,
        )
        return path

    return make


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """Thirty pictures at 30 Hz, each brighter than the one before."""
    path = tmp_path / "clip.mp4"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), 30.0, (64, 48))
    for number in range(30):
        writer.write(np.full((48, 64, 3), 8 * number, np.uint8))
    writer.release()
    return path
