import math
from pathlib import Path

import numpy as np
import pytest

from calibrate.experiments import view_limits
from calibrate.experiments.view_limits import (
    LEAST_FACES,
    MOVED,
    ClearFace,
    blurred,
    evenly,
    limit,
    lit,
    report,
)
from calibrate.experiments.view_limits import DegradedFace as Seen
from realtime.capture.demo import CLIP
from realtime.landmarks.predictor import LandmarkPredictor
from realtime.landmarks.quality import measure_quality


def face(level: int = 120) -> ClearFace:
    rng = np.random.default_rng(0)
    gray = np.clip(level + rng.normal(0, 20, (300, 300)), 0, 255).astype(np.uint8)
    points = np.stack([np.linspace(100, 200, 68), np.linspace(100, 200, 68)], axis=1)
    return ClearFace(gray, points.astype(np.float32))


def test_the_limit_is_where_faces_begin_to_stay() -> None:
    bins = (0, 5, 10, 20)
    assert limit([0.1, 0.95, 1.0], bins) == 5
    assert limit([0.95, 0.2, 1.0], bins) == 10  # a chance bin below a bad one does not count
    assert limit([1.0, 1.0, 1.0], bins) == 0


def test_a_bin_without_faces_decides_nothing() -> None:
    assert limit([0.1, math.nan, 1.0], (0, 5, 10, 20)) == 5


def test_a_report_counts_the_faces_that_stay(capsys: pytest.CaptureFixture[str]) -> None:
    readings = LEAST_FACES * [Seen(3, 0.1), Seen(3, 0.01), Seen(7, 0.01), Seen(8, 0.02)]
    report("sharpness", readings, (0, 5, 10))
    lines = capsys.readouterr().out.splitlines()
    assert f"{2 * LEAST_FACES}   0.50" in lines[2]
    assert f"{2 * LEAST_FACES}   1.00" in lines[3]
    assert lines[-1] == "limit: 5"


def test_a_report_reads_bins_from_bright_to_dark(capsys: pytest.CaptureFixture[str]) -> None:
    report("brightness", LEAST_FACES * [Seen(240, 0.1), Seen(100, 0.0)], (256, 200, 0))
    assert capsys.readouterr().out.splitlines()[-1] == "limit: 200"


def test_a_bin_of_few_faces_decides_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    report("sharpness", [Seen(3, 0.0), *LEAST_FACES * [Seen(7, 0.1)]], (0, 5, 10, 20))
    assert capsys.readouterr().out.splitlines()[-1] == "limit: 10"


def test_blur_and_light_change_what_the_gate_looks_at() -> None:
    clear = face()
    points = clear.points68_px[:40]
    qualities = [measure_quality(blurred(px)(clear), points) for px in (0.5, 2.0)]
    assert qualities[0].sharpness > 2 * qualities[1].sharpness
    rng = np.random.default_rng(0)
    lights = [measure_quality(lit(f, rng)(clear), points).brightness for f in (0.1, 1.0, 10.0)]
    assert lights[0] == pytest.approx(12, abs=2)
    assert lights[1] == pytest.approx(120, abs=5)
    assert lights[2] > 250


def test_videos_are_spread_over_a_folder() -> None:
    paths = [Path(f"{number}.mp4") for number in range(10)]
    assert evenly(paths, 3) == [paths[0], paths[4], paths[9]]
    assert evenly(paths[:2], 3) == paths[:2]


def test_faces_of_a_folder_are_measured_at_every_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.mp4").touch()
    monkeypatch.setattr(view_limits, "clear_faces", lambda path, predictor: [face(), face()])
    monkeypatch.setattr(view_limits, "read", lambda face, step, name, predictor: Seen(9, 0.0))
    assert view_limits.main([str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert out.startswith("2 clear faces")
    assert out.count("limit:") == 3


def test_a_real_face_stays_under_little_blur_and_moves_in_the_dark() -> None:
    predictor = LandmarkPredictor()
    found = next(view_limits.clear_faces(CLIP, predictor))
    assert view_limits.read(found, blurred(0.5), "sharpness", predictor).moved < MOVED
    dark = lit(0.01, np.random.default_rng(0))
    assert view_limits.read(found, dark, "brightness", predictor).moved > MOVED
