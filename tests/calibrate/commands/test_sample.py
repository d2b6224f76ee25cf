from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from calibrate.cli import main
from calibrate.data.expression_samples import BLENDSHAPES, EVERY, TEACHER_FILE, load_samples
from realtime.capture.demo import CLIP

FRAMES = 12


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Return a folder with two copies of the demo clip, taught."""
    (tmp_path / "data" / "clips").mkdir(parents=True)
    for name in ("b", "a"):
        shutil.copy(CLIP, tmp_path / "data" / "clips" / f"{name}.mp4")
    np.savez(
        tmp_path / "data" / TEACHER_FILE,
        names=["a", "b"],
        frames=[FRAMES, FRAMES],
        blendshapes_u8=np.repeat(np.uint8([10, 20]), FRAMES)[:, None].repeat(BLENDSHAPES, 1),
    )
    return tmp_path / "data"


def test_samples_are_in_the_order_of_the_clips(data: Path, capsys) -> None:
    out = data.parent / "samples.npz"
    assert main(["sample", str(data), "-o", str(out), "--jobs", "1"]) == 0
    samples = load_samples(out)
    each = FRAMES // EVERY
    assert samples.person.tolist() == ["a"] * each + ["b"] * each
    np.testing.assert_allclose(samples.teacher[:, 0] * 254, [10] * each + [20] * each, atol=1e-4)
    assert f"{2 * each} frames of 2 people" in capsys.readouterr().out


@pytest.mark.parametrize("name", [TEACHER_FILE, "clips/a.mp4"])
def test_what_is_read_is_not_overwritten(data: Path, name: str, capsys) -> None:
    before = (data / name).read_bytes()
    assert main(["sample", str(data), "-o", str(data / name)]) == 2
    assert (data / name).read_bytes() == before
    assert "would overwrite" in capsys.readouterr().err


def test_a_folder_without_a_teacher_is_named(tmp_path: Path, capsys) -> None:
    assert main(["sample", str(tmp_path), "-o", str(tmp_path / "out.npz")]) == 1
    assert TEACHER_FILE in capsys.readouterr().err
    assert not (tmp_path / "out.npz").exists()
