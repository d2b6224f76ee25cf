"""`calibrate learn` refuses data that it cannot learn from before it trains anything."""

from dataclasses import replace
from pathlib import Path

import pytest
from synthetic import simulate

from calibrate.cli import main
from calibrate.commands import learn
from calibrate.data.clips import DataError
from calibrate.data.dataset import Dataset
from calibrate.data.tracks import Track, save_tracks
from calibrate.learning.fit import LearningConfig
from realtime.core.labels import GENUINE


@pytest.fixture(scope="module")
def tracks() -> list[Track]:
    return simulate(2, 4, seed=0, emotions=("happiness", "surprise"))


@pytest.fixture(autouse=True)
def trained(monkeypatch: pytest.MonkeyPatch) -> list[Dataset]:
    """Return the data that training begins with; it ends there."""
    begun: list[Dataset] = []

    def begin(data: Dataset, config: LearningConfig, out: Path, jobs: int) -> None:
        begun.append(data)
        raise DataError("it began to train")

    monkeypatch.setattr(learn, "_learn", begin)
    return begun


def run(folder: Path, tracks: list[Track], *options: str) -> int:
    save_tracks(folder / "t.npz", tracks)
    return main(["learn", str(folder / "t.npz"), "-o", str(folder / "out"), *options])


@pytest.mark.parametrize(
    ("kind", "options", "code", "message"),
    [
        (
            "one person",
            (),
            1,
            "4 clips of 1 person (person 1) to learn from; want 2 people or more",
        ),
        ("one label", (), 1, "all 4 clips are genuine; want genuine and fake ones"),
        ("whole", ("--held-out-folds", "3"), 2, "--held-out-folds is 3, and 2 people to learn"),
        ("whole", ("--held-out-folds", "1"), 2, "--held-out-folds is 1; want 2 or more"),
        ("whole", ("--jobs", "0"), 2, "--jobs is 0; want 1 or more"),
        ("whole", ("--workers", "0"), 2, "--workers is 0; want 1 or more"),
        ("whole", ("--epochs", "0"), 2, "--epochs is 0; want 1 or more"),
    ],
)
def test_what_cannot_be_learned_is_refused_in_one_line(
    kind: str,
    options: tuple[str, ...],
    code: int,
    message: str,
    tracks: list[Track],
    trained: list[Dataset],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    some = {
        "one person": tracks[:4],
        "one label": [track for track in tracks if track.clip.label == GENUINE],
        "whole": tracks,
    }[kind]
    assert run(tmp_path, some, *options) == code
    error = capsys.readouterr().err.splitlines()
    assert len(error) == 1
    assert message in error[0]
    assert trained == []


def test_missing_tracks_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["learn", str(tmp_path / "nowhere.npz"), "-o", str(tmp_path / "out")]) == 1
    assert "nowhere.npz is no tracks file" in capsys.readouterr().err


def test_the_rest_is_learned_and_what_is_left_out_is_named(
    tracks: list[Track], trained: list[Dataset], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    typo = replace(tracks[0], clip=replace(tracks[0].clip, emotion="happines"))
    short = tracks[1].part(slice(5))
    assert run(tmp_path, [typo, short, *tracks[2:]]) == 1
    notes = [line for line in capsys.readouterr().err.splitlines() if line.startswith("note: ")]
    assert [note.split(":")[1].split(",")[0] for note in notes] == [
        " no window in 1 of 8 clips",
        " happines is left out",
    ]
    assert [len(data) for data in trained] == [6]
