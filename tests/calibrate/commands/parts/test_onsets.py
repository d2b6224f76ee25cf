from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from synthetic import simulate

from calibrate.cli import main
from calibrate.data.tracks import save_tracks
from engines.bundle.bundle import DEFAULT_BUNDLE, Bundle
from realtime.runtime.onsets_from_bundle import load_known_onsets


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return Path(shutil.copytree(DEFAULT_BUNDLE, tmp_path / "bundle"))


def run(bundle: Path, people: int) -> int:
    """Add the onsets of made-up people, eight clips each, to `bundle`."""
    tracks = bundle.parent / "tracks.npz"
    save_tracks(tracks, simulate(people, 8, seed=0, difference=4, emotions=("fear", "surprise")))
    return main(["onsets", str(tracks), "--bundle", str(bundle)])


def test_a_bundle_gets_the_speeds_of_the_onsets(bundle: Path, capsys) -> None:
    assert run(bundle, 8) == 0
    known = load_known_onsets(Bundle.load(bundle))
    assert known is not None
    assert {*known.genuine} == {"fear", "surprise"}
    assert known.fake["fear"][9] > known.genuine["fear"][9]  # fake ones were made faster
    assert "speeds of the onsets of fear, surprise" in capsys.readouterr().out


def test_too_few_onsets_are_said_and_leave_none(bundle: Path, capsys) -> None:
    assert run(bundle, 2) == 0
    known = load_known_onsets(Bundle.load(bundle))
    assert known is not None
    assert not known.genuine
    assert "no emotion has 15 onsets of each label" in capsys.readouterr().out


def test_a_damaged_bundle_is_refused_before_the_work(bundle: Path, capsys) -> None:
    (bundle / "bundle.json").write_text("{}")
    assert run(bundle, 2) != 0
    assert "bundle" in capsys.readouterr().err
