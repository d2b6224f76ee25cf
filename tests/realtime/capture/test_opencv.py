"""OpenCV's messages are silenced in every version that the project allows."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest

from realtime.capture.opencv import SILENT, silence_opencv


@pytest.mark.parametrize("version", ["up to 4.12", "from 4.13"])
def test_the_level_is_set_in_every_version_of_opencv(
    version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    levels: list[int] = []
    cv2 = SimpleNamespace(utils=SimpleNamespace())
    holder = cv2 if version == "up to 4.12" else SimpleNamespace()
    cv2.utils.logging = None if holder is cv2 else holder
    holder.setLogLevel = levels.append
    monkeypatch.setitem(sys.modules, "cv2", cv2)
    monkeypatch.delenv("OPENCV_LOG_LEVEL", raising=False)
    monkeypatch.setenv("OPENCV_FFMPEG_LOGLEVEL", "-8")
    silence_opencv()
    assert levels == [SILENT]
