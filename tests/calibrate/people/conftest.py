"""Tracks of test videos, extracted once for all tests of this folder: extraction takes longest."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

import pytest

from calibrate.data.clips import Clip
from calibrate.data.extract import track_clip
from calibrate.data.tracks import Track

_TRACKS: dict[str, Track] = {}  # by the sha256 of the video


@pytest.fixture(autouse=True)
def track_each_video_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Return the track of an earlier test for a video with the same bytes."""

    def track_once(clip: Clip) -> Track:
        key = sha256(clip.path.read_bytes()).hexdigest() if clip.path.is_file() else ""
        if key not in _TRACKS:
            _TRACKS[key] = track_clip(clip)
        return replace(_TRACKS[key], clip=clip)

    for module in ("enrol", "compare"):
        monkeypatch.setattr(f"calibrate.people.{module}.track_clip", track_once)
