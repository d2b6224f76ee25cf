"""`calibrate report` on small and lopsided data, from the command to its files."""

import argparse
import json
import math
from dataclasses import replace
from pathlib import Path

import pytest
from synthetic import simulate, with_appearance

from calibrate.cli import main
from calibrate.commands import report
from calibrate.data.tracks import Track, load_tracks, save_tracks
from engines.bundle.bundle import DEFAULT_BUNDLE, Bundle
from realtime.core.labels import FAKE, GENUINE

HEAD = "clip,subject,emotion,label\n"


def run(*options: str | Path) -> int:
    return main(["report", *map(str, options)])


def renamed(track: Track, **labels: str) -> Track:
    return replace(track, clip=replace(track.clip, **labels))


@pytest.fixture(scope="module")
def tracks() -> list[Track]:
    """Return two people with both labels of happiness, genuine surprise alone, and two oddities."""
    found = simulate(2, 4, seed=0, emotions=("happiness", "surprise"))
    found = [t for t in found if t.clip.emotion == "happiness" or t.clip.label == GENUINE]
    odd = simulate(3, 2, seed=1, emotions=("happiness",))[4:]
    return [
        *found,
        *(
            renamed(odd[i], name=f"odd{i}", subject="1", emotion=e)
            for i, e in enumerate(("fera", "boredom"))
        ),
    ]


@pytest.fixture(scope="module")
def data(tracks: list[Track], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("data") / "tracks.npz"
    save_tracks(path, with_appearance(tracks))
    return path


def numbers(values: object) -> list[float]:
    if isinstance(values, dict):
        return [number for value in values.values() for number in numbers(value)]
    if isinstance(values, list):
        return [number for value in values for number in numbers(value)]
    return [values] if isinstance(values, float) else []


def test_a_bundle_is_scored_on_what_it_can_judge_and_the_rest_is_named(
    data: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "KNOWN", {"live": ()})
    assert run("--data", data, "-o", tmp_path, "--known", "1") == 0
    said = capfd.readouterr()
    sha256 = Bundle.load(DEFAULT_BUNDLE).sha256
    assert f"bundle: packaged, in {DEFAULT_BUNDLE}, sha256 {sha256[:16]}\n" in said.out
    notes = [line for line in said.err.splitlines() if line.startswith("note: ")]
    left_out = [note.split()[1] for note in notes if "is left out" in note]
    assert left_out == ["boredom", "fera", "surprise"]
    assert "nan" not in said.out
    assert not [line for line in said.err.splitlines() if "WARNING" in line or "xgboost" in line]
    metrics = json.loads((tmp_path / "metrics.json").read_text())
    assert metrics["bundle"] == {"name": "packaged", "sha256": sha256}
    assert (list(metrics["by_emotion"]), metrics["people"]) == (["happiness"], 2)
    assert all(map(math.isfinite, numbers(metrics)))
    assert (tmp_path / "roc.png").exists()


@pytest.fixture
def no_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the test fail if work begins."""
    for work in ("cross_validate", "extract_tracks", "score_clips"):
        monkeypatch.setattr(report, work, lambda *_: pytest.fail("it began to work"))


@pytest.mark.usefixtures("no_work")
@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        (("--cross-validate", "3"), 1, "3 folds of 2 people"),
        (("--cross-validate", "2"), 1, "2 clips of 1 person (person 2) to learn from"),
        (("--cross-validate", "1"), 2, "--cross-validate is 1; want 2 folds or more"),
        (("--cross-validate", "0"), 2, "--cross-validate is 0; want 2 folds or more"),
        (("--cross-validate", "2", "--bundle", "x"), 2, "leave out --bundle"),
        (("--cross-validate", "2", "--epochs", "0"), 2, "--epochs is 0; want 1 or more"),
        (("--known", "-1"), 2, "--known is -1; want 0 or more"),
        (("--jobs", "0"), 2, "--jobs is 0; want 1 or more"),
        (("--bundle", "nowhere"), 1, "nowhere"),
    ],
)
def test_what_cannot_be_done_is_refused_before_any_work(
    options: tuple[str, ...],
    code: int,
    message: str,
    data: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run("--data", data, "-o", tmp_path / "out", *options) == code
    error = capsys.readouterr().err.splitlines()
    assert len(error) == 1
    assert message in error[0]


@pytest.mark.usefixtures("no_work")
@pytest.mark.parametrize("count", [3, 9])
def test_more_held_out_folds_than_training_people_are_refused(
    count: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Three folds of three people: each is learned from two."""
    save_tracks(tmp_path / "t.npz", simulate(3, 4, seed=0, emotions=("happiness", "surprise")))
    options = ("--cross-validate", "3", "--held-out-folds", str(count))
    assert run("--data", tmp_path / "t.npz", "-o", tmp_path / "out", *options) == 2
    assert f"--held-out-folds is {count}, and 2 people to learn from" in capsys.readouterr().err


def labelled(folder: Path, *rows: str, files: tuple[str, ...]) -> Path:
    (folder / "clips").mkdir(parents=True)
    for name in files:
        (folder / "clips" / f"{name}.avi").touch()
    (folder / "labels.csv").write_text(HEAD + "".join(f"{row}\n" for row in rows))
    return folder


@pytest.mark.usefixtures("no_work")
@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (("a,1,fear,fake", "b,2,fear,fake"), "all 2 clips are fake; want genuine and fake ones"),
        (("c,1,fear,fake", "d,2,fear,genuine"), "none of 2 clips has a file; the first is"),
        (("a,1,fear,fake", "b,2,fear,genuine"), "5 folds of 2 people"),
        (("a,1,fear,fake", "b,2,fear,genuin"), "row 3: clip b has the label 'genuin'"),
    ],
)
def test_labels_are_checked_before_the_clips_are_read(
    rows: tuple[str, ...], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = labelled(tmp_path / "data", *rows, files=("a", "b"))
    assert run("--data", folder, "-o", tmp_path / "out", "--cross-validate", "5") == 1
    assert message in capsys.readouterr().err.splitlines()[-1]
    assert not (tmp_path / "out").exists()


def test_labels_mended_after_the_extraction_count(tracks: list[Track], tmp_path: Path) -> None:
    save_tracks(
        tmp_path / "tracks.npz", [renamed(tracks[0], name="a"), renamed(tracks[1], name="b")]
    )
    folder = labelled(tmp_path / "data", "a,7,fear,fake", "c,8,fear,genuine", files=("a", "c"))
    options = argparse.Namespace(data=folder, out=tmp_path, jobs=1, cross_validate=None)
    (track,) = report._load_or_extract(options)
    assert (track.clip.name, track.clip.subject, track.clip.emotion, track.clip.label) == (
        *("a", "7", "fear", FAKE),
    )
    assert len(load_tracks(tmp_path / "tracks.npz")) == 2
