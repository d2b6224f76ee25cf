"""No output destroys an input or another output: exit code 2 before any file is touched."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from engines.bundle.bundle import DEFAULT_BUNDLE
from realtime.app.cli import main
from realtime.capture.demo import CLIP


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


def test_a_profile_onto_a_file_of_the_bundle(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = Path(shutil.copytree(DEFAULT_BUNDLE, tmp_path / "bundle"))
    refused(capsys, "--demo", "--bundle", bundle, "--profile", bundle / "bundle.json")
    assert (bundle / "bundle.json").read_bytes() == (DEFAULT_BUNDLE / "bundle.json").read_bytes()


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
