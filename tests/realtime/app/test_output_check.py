"""No output destroys an input or another output: exit code 2 before any file is touched."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from engines.bundle.bundle import DEFAULT_BUNDLE
from realtime.app.cli import main, parser
from realtime.app.options import Options
from realtime.app.output_check import check_outputs, lock_late_outputs
from realtime.capture.demo import CLIP
from realtime.core.errors import OutputInUse
from realtime.core.output_guard import lock_outputs
from realtime.person import saved_profile


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return Path(shutil.copy(CLIP, tmp_path / "clip.mp4"))


def refused(capsys: pytest.CaptureFixture[str], *options: str | Path) -> str:
    """Run `realtime`, expect exit code 2, and return the error."""
    assert main(["--yes", "--headless", "--to", "1s", *map(str, options)]) == 2
    return capsys.readouterr().err


def by_name(clip: Path) -> Path:
    return clip


def by_another_spelling(clip: Path) -> Path:
    return clip.parent / "." / ".." / clip.parent.name / clip.name


def by_hard_link(clip: Path) -> Path:
    os.link(clip, clip.parent / "linked.mp4")
    return clip.parent / "linked.mp4"


def by_symbolic_link(clip: Path) -> Path:
    (clip.parent / "pointer.mp4").symlink_to(clip)
    return clip.parent / "pointer.mp4"


@pytest.mark.parametrize("name", [by_name, by_another_spelling, by_hard_link, by_symbolic_link])
class TestRecordOntoItsSource:
    def test_one_file(self, name, clip: Path, capsys: pytest.CaptureFixture[str]) -> None:
        error = refused(capsys, "--replay", clip, "--record", name(clip))
        assert "would overwrite" in error
        assert "--record" in error
        assert clip.read_bytes() == CLIP.read_bytes()

    def test_a_file_of_a_folder(self, name, clip: Path, capsys: pytest.CaptureFixture[str]) -> None:
        shutil.copy(CLIP, clip.parent / "another.mp4")
        refused(capsys, "--replay", clip.parent, "--record", name(clip))
        assert clip.read_bytes() == CLIP.read_bytes()


def test_a_readings_record_onto_its_source(clip: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = clip.rename(clip.with_suffix(".jsonl"))
    refused(capsys, "--replay", source, "--record", source)
    assert source.read_bytes() == CLIP.read_bytes()


def test_the_earlier_part_of_a_limited_record(
    clip: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = clip.rename(clip.with_name("run.1.jsonl"))
    refused(
        capsys, "--replay", source, "--record", clip.with_name("run.jsonl"), "--record-limit", "1"
    )
    assert source.read_bytes() == CLIP.read_bytes()


def by_link_in_a_linked_folder(clip: Path) -> Path:
    by_symbolic_link(clip)
    (clip.parent.parent / "elsewhere").symlink_to(clip.parent)
    return clip.parent.parent / "elsewhere" / "pointer.mp4"


def test_through_a_linked_folder(
    tmp_path: Path, clip: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "clips").mkdir()
    clip = clip.rename(tmp_path / "clips" / "clip.mp4")
    refused(capsys, "--replay", tmp_path / "clips", "--record", by_link_in_a_linked_folder(clip))
    assert clip.read_bytes() == CLIP.read_bytes()


def test_a_name_with_a_leading_dash(
    clip: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(clip.parent)
    source = clip.rename(clip.with_name("-x.mp4"))
    error = refused(capsys, f"--replay=./{source.name}", f"--record={source.name}")
    assert "would overwrite" in error
    assert source.read_bytes() == CLIP.read_bytes()


@pytest.mark.parametrize(
    ("option", "name", "kind"),
    [
        *(("--record", "out.jsonl", kind) for kind in ("device", "folder")),
        *(("--record", "out.mp4", kind) for kind in ("fifo", "device", "folder")),
        *(("--profile", "out.json", kind) for kind in ("fifo", "device", "folder")),
    ],
)
def test_what_is_no_regular_file(
    option: str, name: str, kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Only a record of readings can be a FIFO; a video or profile would wait for a reader."""
    path = tmp_path / name
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "device":
        path.symlink_to(os.devnull)
    else:
        path.mkdir()
    error = refused(capsys, "--demo", option, path)
    assert f"{option} {path} is not a regular file" in error


@pytest.fixture
def people(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "people"
    folder.mkdir()
    (folder / "ann.json").write_text("{}")
    monkeypatch.setattr(saved_profile, "people_folder", lambda: folder)
    return folder


@pytest.mark.parametrize("name", [by_name, by_hard_link, by_symbolic_link])
def test_a_profile_onto_a_saved_person(
    name, people: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of this run or not: the file may be all that is left of an enrolment."""
    path = name(people / "ann.json")
    path = path if path.suffix == ".json" else path.rename(path.with_suffix(".json"))
    refused(capsys, "--demo", "--profile", path)
    assert (people / "ann.json").read_text() == "{}"


def test_a_profile_onto_the_packaged_bundle_while_another_is_used(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = Path(shutil.copytree(DEFAULT_BUNDLE, tmp_path / "bundle"))
    (tmp_path / "trace.json").symlink_to(DEFAULT_BUNDLE / "bundle.json")
    before = (DEFAULT_BUNDLE / "bundle.json").read_bytes()
    refused(capsys, "--demo", "--bundle", bundle, "--profile", tmp_path / "trace.json")
    assert (DEFAULT_BUNDLE / "bundle.json").read_bytes() == before


def test_a_video_onto_the_packaged_clip(
    tmp_path: Path, clip: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "out.mp4").symlink_to(CLIP)
    before = CLIP.read_bytes()
    refused(capsys, "--replay", clip, "--record", tmp_path / "out.mp4")
    assert CLIP.read_bytes() == before


def test_the_earlier_part_and_another_output(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "run.1.jsonl").touch()
    (tmp_path / "trace.json").symlink_to("run.1.jsonl")
    record, limit = ("--record", tmp_path / "run.jsonl"), ("--record-limit", "1")
    error = refused(capsys, "--demo", *record, *limit, "--profile", tmp_path / "trace.json")
    assert "are the same file" in error


@pytest.mark.parametrize("name", ["trace.json", "page.html"])
def test_a_profile_that_another_run_writes_at_its_end(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with lock_outputs([tmp_path / name]):
        error = refused(capsys, "--demo", "--profile", tmp_path / name)
    assert f"{tmp_path / name} is being written by another run" in error


def test_a_file_that_another_run_replays(clip: Path, capsys: pytest.CaptureFixture[str]) -> None:
    replaying = Options.of(parser().parse_args(["--replay", str(clip)]))
    with lock_late_outputs(replaying):
        error = refused(capsys, "--demo", "--record", by_hard_link(clip))
    assert "linked.mp4 is being read by another run" in error
    assert clip.read_bytes() == CLIP.read_bytes()


def test_a_person_that_another_run_learns(people: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = Options.of(parser().parse_args(["--demo", "--person", "ann", "--learn"]))
    watching = Options.of(parser().parse_args(["--demo", "--person", "ann"]))
    with lock_late_outputs(options):
        with (
            pytest.raises(OutputInUse, match=r"ann\.json is being written by another run"),
            lock_late_outputs(options),
        ):
            pass
        with lock_late_outputs(watching):
            pass
    assert [path.name for path in people.iterdir()] == ["ann.json"]


def test_a_profile_onto_a_file_of_the_bundle(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = Path(shutil.copytree(DEFAULT_BUNDLE, tmp_path / "bundle"))
    refused(capsys, "--demo", "--bundle", bundle, "--profile", bundle / "bundle.json")
    assert (bundle / "bundle.json").read_bytes() == (DEFAULT_BUNDLE / "bundle.json").read_bytes()


def test_a_profile_beside_the_bundle_may_be_written_again(tmp_path: Path) -> None:
    bundle = Path(shutil.copytree(DEFAULT_BUNDLE, tmp_path / "bundle"))
    (bundle / "trace.json").touch()
    profile = ["--profile", str(bundle / "trace.json")]
    check_outputs(Options.of(parser().parse_args(["--demo", "--bundle", str(bundle), *profile])))


def test_two_outputs_that_are_one_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "real.json").touch()
    (tmp_path / "page.html").symlink_to(tmp_path / "real.json")
    error = refused(
        capsys, "--demo", "--profile", tmp_path / "real.json", "--profile", tmp_path / "page.html"
    )
    assert "are the same file" in error


def test_another_name_is_accepted(clip: Path) -> None:
    record = clip.with_suffix(".jsonl")
    assert (
        main(
            [
                "--yes",
                "--headless",
                "--fast",
                "--to",
                "1s",
                "--replay",
                str(clip),
                "--record",
                str(record),
            ]
        )
        == 0
    )
    assert record.exists()
