from pathlib import Path

import numpy as np
import pytest
from matplotlib.axes import Axes
from synthetic import simulate, with_appearance

from calibrate.data.dataset import LIVE, ApexWindows, Dataset
from calibrate.people.comparison_picture import comparison_figure, draw_comparison
from realtime.core.messages import Floats
from realtime.landmarks.points40 import FACE_LINES

NAMES = ("one.mp4", "two.mp4")
LINES = ("first brow", "second brow", "nostrils", "nose", "first eye", "second eye", "mouth")


def windows(appearance: bool) -> tuple[ApexWindows, Floats]:
    tracks = with_appearance(simulate(1, 2, seed=0, emotions=("surprise",)))
    data = Dataset.of(tracks, LIVE, appearance)
    movement_range = np.full(data.width, 0.05, np.float32)
    return data.windows(movement_range), movement_range


def face_axes(appearance: bool) -> Axes:
    """Return the panel with the faces."""
    axes = comparison_figure(*windows(appearance), NAMES).axes[0]
    assert isinstance(axes, Axes)
    return axes


def middles(appearance: bool) -> list[dict[str, tuple[float, float]]]:
    """Return the middle of each line of the faces at rest, of A and of B, in eye coordinates."""
    drawn = [np.asarray(line.get_xydata()).mean(axis=0) for line in face_axes(appearance).lines]
    count = len(FACE_LINES)
    faces = [drawn[start : start + count] for start in range(0, len(drawn), count)]
    return [
        {name: (float(x), float(y)) for name, (x, y) in zip(LINES, face, strict=True)}
        for face in faces
    ]


@pytest.mark.parametrize("appearance", [False, True])
def test_eyes_brows_and_mouth_are_where_they_belong(appearance: bool) -> None:
    """Networks that see the appearance, too, have wider shapes: their points are the first."""
    faces = middles(appearance)
    assert len(faces) == 3
    for face in faces:
        assert face["first eye"] == pytest.approx((-0.5, 0.0), abs=0.1)
        assert face["second eye"] == pytest.approx((0.5, 0.0), abs=0.1)
        for side in ("first", "second"):
            brow, eye = face[f"{side} brow"], face[f"{side} eye"]
            assert brow[0] == pytest.approx(eye[0], abs=0.2)
            assert brow[1] < eye[1] - 0.1
        assert face["mouth"][0] == pytest.approx(0.0, abs=0.1)
        assert 0.0 < face["nose"][1] < face["mouth"][1]


def test_the_gray_lines_are_explained_and_the_panels_have_titles() -> None:
    axes = face_axes(appearance=True)
    legend = axes.get_legend()
    assert legend is not None
    assert [each.get_text() for each in legend.get_texts()] == ["at rest, from both takes", *NAMES]
    assert axes.get_title()
    curve = comparison_figure(*windows(appearance=True), NAMES).axes[1]
    assert "Seconds" in curve.get_xlabel()
    assert "away from rest" in curve.get_ylabel()


def test_the_same_takes_give_the_same_picture(tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        draw_comparison(tmp_path / name, *windows(appearance=False), NAMES)
    assert (tmp_path / "a.png").stat().st_size > 10_000
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
