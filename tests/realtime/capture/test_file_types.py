"""Which files of a folder are videos, and what is said of the others."""

from __future__ import annotations

from pathlib import Path

import pytest

from realtime.capture.file_types import is_video, list_videos

KINDS = "mp4 m4v mov mkv webm avi mts m2ts ts mpg mpeg 3gp flv ogv wmv gif webp avif mxf dv"


def filled(folder: Path, *names: str) -> Path:
    """Return `folder` with empty files; parents are made."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


@pytest.mark.parametrize("ending", KINDS.split())
def test_every_kind_of_video_is_one_in_any_case(ending: str) -> None:
    assert is_video(Path(f"clip.{ending}"))
    assert is_video(Path(f"CLIP.{ending.upper()}"))


@pytest.mark.parametrize("name", ["notes.txt", "mp4", ".mp4", "._clip.mp4", "clip.mp4.part"])
def test_other_files_and_hidden_ones_are_none(name: str) -> None:
    assert not is_video(Path(name))


def test_a_folder_lists_its_videos_sorted(tmp_path: Path) -> None:
    listing = list_videos(filled(tmp_path, "b.MTS", "a.gif", "c.ts"))
    assert [path.name for path in listing.videos] == ["a.gif", "b.MTS", "c.ts"]
    assert listing.left_out == ""


def test_what_is_left_out_is_named_once_with_its_count(tmp_path: Path) -> None:
    texts = [f"{letter}.txt" for letter in "abcd"]
    filled(tmp_path, "clip.mp4", "._clip.mp4", *texts, "later/more.mp4")
    assert list_videos(tmp_path).left_out == (
        f"left out of {tmp_path}: 1 hidden file: ._clip.mp4; "
        "4 files without one of a video: a.txt, b.txt, c.txt, ...; "
        "1 folder (--recursive reads it): later"
    )


def test_recursive_reads_every_folder_but_hidden_ones(tmp_path: Path) -> None:
    filled(tmp_path, "z.mp4", "a/b/c.mov", "a/.hidden.mp4", ".Trash/gone.mp4", "a/b/c.txt")
    (tmp_path / "dvd.mp4").mkdir()  # a folder, whatever its name
    listing = list_videos(tmp_path, recursive=True)
    assert [str(path.relative_to(tmp_path)) for path in listing.videos] == ["a/b/c.mov", "z.mp4"]
    assert "2 hidden files: .Trash, .hidden.mp4" in listing.left_out
    assert "c.txt" in listing.left_out


def test_links_to_folders_are_not_followed_and_cannot_loop(tmp_path: Path) -> None:
    filled(tmp_path, "clip.mp4")
    (tmp_path / "up").symlink_to(tmp_path)
    (tmp_path / "self.txt").symlink_to("self.txt")
    listing = list_videos(tmp_path, recursive=True)
    assert [path.name for path in listing.videos] == ["clip.mp4"]
    assert "1 folder (--recursive reads it): up" in listing.left_out


def test_a_folder_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        list_videos(tmp_path / "nowhere")
