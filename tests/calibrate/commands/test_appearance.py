from __future__ import annotations

from pathlib import Path

import numpy as np

from calibrate.cli import main
from calibrate.data.expression_samples import BLENDSHAPES, ExpressionSamples, save_samples
from realtime.landmarks.appearance import APPEARANCE, AppearanceBasis
from realtime.landmarks.expression_features import FEATURES


def saved(path: Path, labelled: bool) -> Path:
    features = np.random.default_rng(0).normal(0, 1, (60, 2, FEATURES)).astype(np.float16)
    person, teacher = np.repeat(["a", "b", "c"], 20), np.zeros((60, BLENDSHAPES), np.float32)
    save_samples(path, ExpressionSamples(features, teacher, person, np.full(60, labelled)))
    return path


def test_components_are_written(tmp_path: Path, capsys) -> None:
    samples, out = saved(tmp_path / "samples.npz", labelled=False), tmp_path / "out.npy"
    assert main(["appearance", str(samples), "-o", str(out)]) == 0
    AppearanceBasis(np.load(out, allow_pickle=False).astype(np.float32))
    assert f"{APPEARANCE} components of 60 frames of 3 people" in capsys.readouterr().out


def test_labelled_people_alone_give_one_line_and_no_file(tmp_path: Path, capsys) -> None:
    samples, out = saved(tmp_path / "samples.npz", labelled=True), tmp_path / "out.npy"
    assert main(["appearance", str(samples), "-o", str(out)]) == 1
    assert "every sampled person is labelled" in capsys.readouterr().err
    assert not out.exists()


def test_the_samples_are_not_overwritten(tmp_path: Path) -> None:
    samples = saved(tmp_path / "samples.npz", labelled=False)
    before = samples.read_bytes()
    assert main(["appearance", str(samples), "-o", str(samples)]) == 2
    assert samples.read_bytes() == before
