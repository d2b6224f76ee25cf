"""Golden states on real videos and still faces; the videos stay outside the project.

`VIDEOS=folder pytest tests/scenarios/test_videos.py`; golden/videos.json holds moments noted by
hand, as times and the states that are allowed then, and nothing else of the videos.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from realtime.app.cli import main

ROOT = Path(__file__).parents[2]
FOLDER = Path(os.environ.get("VIDEOS", ROOT.parent / "shared" / "videos"))
GOLDEN: dict[str, list[dict[str, Any]]] = json.loads(
    (ROOT / "tests" / "golden" / "videos.json").read_text()
)
STILL_S, STILL_HZ, NOISE = 60, 15, 4.0  # seconds, frames a second, grey levels of a webcam's noise


def verdicts(video: Path, out: Path) -> list[dict[str, Any]]:
    assert main(["--replay", str(video), "--fast", "--headless", "--record", str(out)]) == 0
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    return [line for line in lines if line["type"] == "verdict"]


@pytest.fixture(params=list(GOLDEN))
def video(request: pytest.FixtureRequest) -> Path:
    path = FOLDER / str(request.param)
    if not path.exists():
        pytest.skip(f"{path.name} is not in {FOLDER.name}; name its folder with VIDEOS")
    return path


def test_the_states_match_what_a_person_saw(video: Path, tmp_path: Path) -> None:
    records = verdicts(video, tmp_path / "out.jsonl")
    for moment in GOLDEN[video.name]:
        states = {
            line["state"] for line in records if moment["from_s"] <= line["at_s"] <= moment["to_s"]
        }
        assert states, moment
        assert states <= set(moment["states"]), moment
        assert not moment.get("some") or states & set(moment["some"]), moment


def test_a_still_face_has_no_probability_for_a_minute(video: Path, tmp_path: Path) -> None:
    """The first frame of each video, with a camera's noise on it."""
    device = cv2.VideoCapture(str(video))
    first = device.read()[1]
    device.release()
    rng = np.random.default_rng(0)
    still = cv2.VideoWriter(
        str(tmp_path / "still.avi"), cv2.VideoWriter.fourcc(*"MJPG"), STILL_HZ, first.shape[1::-1]
    )
    for _ in range(STILL_S * STILL_HZ):
        noisy = first + rng.normal(0, NOISE, first.shape)
        still.write(noisy.clip(0, 255).astype(np.uint8))
    still.release()
    records = verdicts(tmp_path / "still.avi", tmp_path / "out.jsonl")
    assert len(records) > STILL_S * 4
    assert [line for line in records if line["p_genuine"] is not None] == []
