"""`calibrate features` checks its inputs before it reads a clip."""

from pathlib import Path

import pytest
from synthetic import simulate, with_appearance

from calibrate.cli import main
from calibrate.commands import features
from calibrate.data.tracks import Track, save_tracks
from engines.bundle.bundle import DEFAULT_BUNDLE
from realtime.core.labels import FAKE


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("no tracks", "t.npz is no tracks file"),
        ("no networks", "nowhere"),
        ("one label", "all 4 clips are fake; want genuine and fake ones"),
        ("unknown emotion", "boredom is left out: the bundle does not have it; it has anger"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_line(
    kind: str,
    message: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(features, "out_of_fold_features", lambda *_: pytest.fail("it began"))
    found: list[Track] = with_appearance(simulate(2, 4, seed=0, emotions=("happiness", "surprise")))
    if kind == "one label":
        found = [track for track in found if track.clip.label == FAKE]
    if kind == "unknown emotion":
        for track in found:
            object.__setattr__(track.clip, "emotion", "boredom")
    if kind != "no tracks":
        save_tracks(tmp_path / "t.npz", found)
    learned = tmp_path / "nowhere" if kind == "no networks" else DEFAULT_BUNDLE
    arguments = [str(learned), str(tmp_path / "t.npz"), "-o", str(tmp_path / "f.npz")]
    assert main(["features", *arguments]) == 1
    error = capsys.readouterr().err.splitlines()
    assert len(error) == 1
    assert message in error[0]
