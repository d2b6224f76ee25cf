from pathlib import Path

import pytest

from calibrate.sized import main
from engines.bundle import Bundle
from engines.shape import PRESETS
from realtime.cli import main as realtime


def test_a_bundle_of_another_size_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["paper", "-o", str(tmp_path / "sized"), "--judges", "2"]) == 0
    bundle = Bundle.load(tmp_path / "sized")
    assert bundle.networks == ("any-0", "any-1")
    assert bundle.network("any-0").shape == PRESETS["paper"]
    run = ["--demo", "--fast", "--headless", "--yes", "--to", "3s", "--bundle", str(tmp_path / "sized")]
    assert realtime(run) == 0
    assert "0 dropped" in capsys.readouterr().out
