from pathlib import Path

import pytest

from calibrate.experiments.random_bundle import main
from engines.bundle.bundle import Bundle
from engines.model.shape import PRESETS
from realtime.app.cli import main as realtime


def test_a_bundle_of_another_size_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["paper", "-o", str(tmp_path / "sized"), "--ensemble-size", "4"]) == 0
    bundle = Bundle.load(tmp_path / "sized")
    assert bundle.networks == ("any-0", "any-1", "any-2", "any-3")
    assert bundle.network("any-0").shape == PRESETS["paper"]
    run = [
        "--demo",
        "--fast",
        "--headless",
        "--yes",
        "--to",
        "3s",
        "--bundle",
        str(tmp_path / "sized"),
    ]
    assert realtime(run) == 0
    assert "0 dropped" in capsys.readouterr().out


def test_an_empty_ensemble_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["live", "-o", str(tmp_path / "sized"), "--ensemble-size", "0"])
    assert "--ensemble-size is 0; want 1 or more" in capsys.readouterr().err
