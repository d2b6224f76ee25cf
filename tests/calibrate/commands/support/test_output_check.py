"""No output of `calibrate` destroys an input, a bundle or what another run writes."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from calibrate.cli import main, parser
from calibrate.commands.support.output_check import guarded_outputs
from engines.bundle.bundle import ARRAYS, DEFAULT_BUNDLE, MANIFEST
from realtime.core.errors import OutputInUse
from realtime.core.output_guard import lock_outputs
from realtime.person import saved_profile

TEXT = "precious"


def by_name(path: Path) -> Path:
    return path


def by_hard_link(path: Path) -> Path:
    other = path.with_name(f"hard{path.suffix}")
    os.link(path, other)
    return other


def by_symbolic_link(path: Path) -> Path:
    other = path.with_name(f"soft{path.suffix}")
    other.symlink_to(path.resolve())
    return other


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def made(name: str | Path) -> Path:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(TEXT)
    return path


def data_folder() -> Path:
    made("data/clips/one.mp4")
    made("data/labels.csv").write_text("clip,subject,emotion,label\none,ann,fear,genuine\n")
    return Path("data")


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def refused(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> str:
    """Run `calibrate`, expect exit code 2, one line and no change, and return the line."""
    before = contents(Path())
    assert main([str(argument) for argument in arguments]) == 2
    assert contents(Path()) == before
    (line,) = capsys.readouterr().err.splitlines()
    return line


@pytest.mark.parametrize("name", [by_name, by_hard_link, by_symbolic_link])
class TestAFileThatIsRead:
    def test_extract_a_clip(self, name, capsys: pytest.CaptureFixture[str]) -> None:
        out = name(data_folder() / "clips" / "one.mp4")
        assert "would overwrite" in refused(capsys, "extract", "data", "-o", out)

    def test_all_the_manifest(self, name, capsys: pytest.CaptureFixture[str]) -> None:
        made("data/list.csv").write_text("clip,person,emotion,label\none.mp4,ann,fear,fake\n")
        report = Path("bundle.report")
        report.mkdir()
        name(Path("data/list.csv")).rename(report / "scores.csv")
        listed = report / "scores.csv" if name is by_name else Path("data/list.csv")
        assert "would overwrite" in refused(capsys, "all", listed, "-o", "bundle")

    def test_extract_the_labels(self, name, capsys: pytest.CaptureFixture[str]) -> None:
        out = name(data_folder() / "labels.csv")
        assert "would overwrite" in refused(capsys, "extract", "data", "-o", out)

    def test_extract_labels_of_another_name(self, name, capsys: pytest.CaptureFixture[str]) -> None:
        Path(data_folder() / "labels.csv").rename("data/labels.CSV")
        out = name(Path("data/labels.CSV"))
        assert "would overwrite" in refused(capsys, "extract", "data", "-o", out)

    def test_features_their_tracks(self, name, capsys: pytest.CaptureFixture[str]) -> None:
        out = name(made("tracks.npz"))
        assert "would overwrite" in refused(capsys, "features", "learned", "tracks.npz", "-o", out)

    def test_features_the_networks(self, name, capsys: pytest.CaptureFixture[str]) -> None:
        out = name(made(Path("learned") / ARRAYS))
        assert "would overwrite" in refused(capsys, "features", "learned", "tracks.npz", "-o", out)

    @pytest.mark.parametrize("read", [MANIFEST, ARRAYS, "losses.png", "parts/tracks.npz"])
    def test_learn_its_tracks(self, name, read: str, capsys: pytest.CaptureFixture[str]) -> None:
        tracks = name(made(Path("learned") / read))
        assert "would overwrite" in refused(capsys, "learn", tracks, "-o", "learned")

    def test_learn_its_tracks_of_one_part(self, name, capsys: pytest.CaptureFixture[str]) -> None:
        tracks = name(made("learned/apex/losses.png"))
        options = ("--protocol", "whole", "-o", "learned")
        assert "would overwrite" in refused(capsys, "learn", tracks, *options)

    def test_boost_its_features(self, name, capsys: pytest.CaptureFixture[str]) -> None:
        features = name(made(Path("bundle") / ARRAYS))
        assert "would overwrite" in refused(capsys, "boost", "learned", features, "-o", "bundle")

    def test_generate_a_file_of_the_bundle(self, name, capsys: pytest.CaptureFixture[str]) -> None:
        out = name(made("bundle/booster-any.ubj"))
        assert "would overwrite" in refused(capsys, "generate", "--bundle", "bundle", "-o", out)

    def test_compare_a_clip(self, name, capsys: pytest.CaptureFixture[str]) -> None:
        made("b.mp4")
        out = name(made("a.png"))
        for clips in (("a.png", "b.mp4"), ("b.mp4", "a.png")):
            line = refused(capsys, "compare", *clips, "--emotion", "fear", "-o", out)
            assert "would overwrite" in line

    @pytest.mark.parametrize("read", ["metrics.json", "scores.csv", "roc.png", "folds/x.npz"])
    def test_report_its_tracks(self, name, read: str, capsys: pytest.CaptureFixture[str]) -> None:
        data = name(made(Path("report") / read))
        assert "would overwrite" in refused(capsys, "report", "--data", data, "-o", "report")

    def test_paper_a_clip(self, name, capsys: pytest.CaptureFixture[str]) -> None:
        clip = name(made("out/work/P1/N2A.avi"))
        folder = Path("data/P1")
        folder.mkdir(parents=True)
        (folder / "N2A.avi").symlink_to(clip.resolve())
        assert "would overwrite" in refused(capsys, "paper", "--data", "data", "-o", "out")


def test_boost_onto_the_networks_that_it_reads(capsys: pytest.CaptureFixture[str]) -> None:
    """The bundle leaves out the networks that hold people out: training would be lost."""
    made(Path("learned") / MANIFEST)
    made("features.npz")
    line = refused(capsys, "boost", "learned", "features.npz", "-o", "learned")
    assert "would overwrite" in line
    assert "bundle.json" in line


def test_boost_onto_the_report_that_it_reads(capsys: pytest.CaptureFixture[str]) -> None:
    made("report/metrics.json")
    Path("bundle").mkdir()
    Path("bundle/MODEL_CARD.md").symlink_to(Path("report/metrics.json").resolve())
    options = ("--report", "report", "-o", "bundle")
    assert "would overwrite" in refused(capsys, "boost", "learned", "f.npz", *options)


def test_a_booster_that_the_bundle_would_remove(capsys: pytest.CaptureFixture[str]) -> None:
    features = made("bundle/booster-any.ubj")
    assert "would overwrite" in refused(capsys, "boost", "learned", features, "-o", "bundle")


def test_parts_of_an_extraction_that_are_the_clips(capsys: pytest.CaptureFixture[str]) -> None:
    """Finished parts are removed at the end."""
    (Path("out.npz.parts")).symlink_to(data_folder().resolve() / "clips")
    assert "would overwrite" in refused(capsys, "extract", "data", "-o", "out.npz")


@pytest.mark.parametrize("command", ["generate", "compare"])
def test_the_packaged_bundle_is_no_output(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    before = (DEFAULT_BUNDLE / MANIFEST).read_bytes()
    for ending in ("gif", "png"):
        Path(f"out.{ending}").symlink_to(DEFAULT_BUNDLE / MANIFEST)
    arguments = {
        "generate": ("generate", "-o", "out.gif"),
        "compare": ("compare", "a", "b", "--emotion", "fear", "-o", "out.png"),
    }[command]
    assert "would overwrite" in refused(capsys, *arguments)
    assert (DEFAULT_BUNDLE / MANIFEST).read_bytes() == before


@pytest.mark.parametrize(
    "arguments",
    [
        ["extract", "data", "-o", "pipe.npz"],
        ["features", "learned", "tracks.npz", "-o", "pipe.npz"],
        ["generate", "-o", "pipe.gif"],
        ["compare", "a.mp4", "b.mp4", "--emotion", "fear", "-o", "pipe.png"],
    ],
)
def test_a_fifo_is_refused_and_does_not_block(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    data_folder()
    os.mkfifo(arguments[-1])
    assert "is not a regular file" in refused(capsys, *arguments)


@pytest.mark.parametrize(
    "arguments",
    [
        ["learn", "out/tracks.npz", "-o", "out"],
        ["report", "--data", "out/tracks.npz", "-o", "out"],
        ["report", "--data", "data", "-o", "data"],
        ["report", "--data", "data", "-o", "data/report"],
        ["extract", "data", "-o", "data/tracks.npz"],
        ["features", "out", "out/tracks.npz", "-o", "out/features.npz"],
        ["boost", "out", "out/features.npz", "-o", "bundle"],
        ["generate", "--check", "out/tracks.npz"],
        ["compare", "data/clips/one.mp4", "data/clips/one.mp4", "--emotion", "fear"],
    ],
)
def test_an_output_beside_its_inputs_is_accepted(arguments: list[str]) -> None:
    """Also when it is there from an earlier run."""
    data_folder()
    for name in ("out/tracks.npz", "out/features.npz", "data/tracks.npz", "data/metrics.json"):
        made(name)
    before = contents(Path())
    with guarded_outputs(parser().parse_args(arguments)):
        pass
    assert contents(Path()) == before


@pytest.mark.parametrize(
    ("arguments", "locked"),
    [
        (["extract", "data", "-o", "t.npz"], "t.npz"),
        (["features", "learned", "tracks.npz", "-o", "f.npz"], "f.npz"),
        (["compare", "a.mp4", "b.mp4", "--emotion", "fear", "-o", "out.png"], "out.png"),
        (["learn", "tracks.npz", "-o", "out"], "out"),
        (["boost", "learned", "features.npz", "-o", "out"], "out"),
        (["report", "--data", "tracks.npz", "-o", "out"], "out"),
        (["paper", "--data", "data", "-o", "out"], "out"),
    ],
)
def test_an_output_that_another_run_writes_is_refused(
    arguments: list[str], locked: str, capsys: pytest.CaptureFixture[str]
) -> None:
    data_folder()
    is_folder = "." not in locked
    through_link = "link" + Path(locked).suffix
    Path(through_link).symlink_to(locked)
    with guarded_outputs(parser().parse_args(arguments)):
        again = [*arguments[:-1], through_link]
        assert f"{through_link} is being written by another run" in refused(capsys, *again)
        if is_folder:
            with pytest.raises(OutputInUse), lock_outputs(folders=[Path(locked)]):
                pass
    assert not Path(locked).exists()


def test_generate_locks_what_it_writes(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    bundle = shutil.copytree(DEFAULT_BUNDLE, tmp_path / "bundle")
    Path("out.mp4").touch()
    with lock_outputs([Path("out.mp4")]):
        for command in ("generate",):
            line = refused(capsys, command, "--bundle", str(bundle), "-o", "out.mp4")
            assert "out.mp4 is being written by another run" in line


@pytest.mark.parametrize("action", [["ann"], ["--delete", "ann"]])
def test_a_person_whom_another_run_writes_is_neither_enrolled_nor_deleted(
    action: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    people = tmp_path / "people"
    monkeypatch.setattr(saved_profile, "people_folder", lambda: people)
    made(people / "ann.json")
    with lock_outputs([people / "ann.json"]):
        assert "ann.json is being written by another run" in refused(capsys, "personal", *action)
    assert (people / "ann.json").exists()
