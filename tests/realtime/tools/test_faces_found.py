from __future__ import annotations

import math
import shutil
from pathlib import Path

import numpy as np
import pytest

from realtime.capture.demo import CLIP
from realtime.faces.pyramid import Pyramid
from realtime.tools.decoding_speed import write_clip
from realtime.tools.faces_found import Found, LateDetector, main, read_eyes_px, summary_line


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_clip(tmp_path / "empty.mp4", (320, 180), 12)
    shutil.copy(CLIP, tmp_path / "demo.mp4")
    return tmp_path


def test_a_line_for_each_video_and_one_for_large_faces(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    eyes = folder / "eyes.csv"
    eyes.write_text("clip,frames,eye_distance_px\ndemo,9,101\nempty,9,\n")
    assert main([str(folder), "--eyes", str(eyes), "--clips", "--every", "5"]) == 0
    demo, empty, overall, large = capsys.readouterr().out.splitlines()
    name, eyes_px, frames, faces, landmarks = demo.split(",")
    assert (name, eyes_px) == ("demo", "101")
    assert int(frames) == int(faces) == int(landmarks) > 10
    assert empty == "empty,0,3,0,0"
    assert overall.endswith(f" of {int(frames) + 3} frames (videos: 2)")
    assert large == (
        "eyes 70 px apart or more: a face in 100.00 %, landmarks in 100.00 % "
        f"of {frames} frames (videos: 1)"
    )


def test_clips_without_a_distance_are_of_none(tmp_path: Path) -> None:
    (tmp_path / "eyes.csv").write_text("\ufeffclip,eye_distance_px\na,70.5\nb,\n")
    assert read_eyes_px(tmp_path / "eyes.csv") == {"a": 70.5}


def test_shares_are_of_all_frames_together() -> None:
    line = summary_line("both", [Found("a", 10, 10, 10), Found("b", 90, 45, 0)])
    assert line == "both: a face in 55.00 %, landmarks in 10.00 % of 100 frames (videos: 2)"
    assert summary_line("none", []) == "none: no frame"


@pytest.mark.parametrize(
    ("late_s", "come"), [(0.0, [1, 1, 1]), (0.2, [0, 0, 1]), (math.inf, [0, 0, 0])]
)
def test_answers_come_as_late_as_asked(late_s: float, come: list[int]) -> None:
    detector, picture = LateDetector(late_s), Pyramid(np.zeros((36, 64), np.uint8))
    detector.submit(picture, 0.0)
    taken = []
    for at_s in (0.0, 0.1, 0.2):
        detector.pass_to(at_s)
        taken.append(len(detector.take()))
    assert list(np.cumsum(taken)) == come
