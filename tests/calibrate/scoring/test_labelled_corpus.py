from pathlib import Path

import pytest

from calibrate.data.clips import DataError
from calibrate.scoring.inputs import ClipEntry, ManifestWords
from calibrate.scoring.labelled_corpus import entries_of, find_labelled, labelled_clips


def entry(file: str, person: str = "P", emotion: str = "fear", label: str = "fake") -> ClipEntry:
    return ClipEntry(Path(file), person, emotion, label)


def test_rows_without_an_emotion_show_the_one_of_all(tmp_path: Path) -> None:
    rows = ("clip,person,label,emotion", "a.mp4,1,fake,", "b.mp4,1,genuine,fear")
    (tmp_path / "list.csv").write_text("\n".join(rows))
    clips, notes = find_labelled(tmp_path / "list.csv", ManifestWords(), "happiness")
    assert [clip.emotion for clip in clips] == ["happiness", "fear"]
    assert notes == []


def test_clips_that_lack_something_are_left_out_and_counted() -> None:
    clips, notes = labelled_clips(
        [entry("a.mp4"), entry("b.mp4", person=""), entry("c.mp4", person="", label="")]
    )
    assert [(c.name, c.path, c.subject, c.emotion, c.label) for c in clips] == [
        ("a", Path("a.mp4"), "P", "fear", "fake")
    ]
    assert notes == ["2 of 3 clips are left out: 2 without person, 1 without label"]
    assert labelled_clips([entry("a.mp4")])[1] == []
    assert entries_of(clips) == [entry("a.mp4")]


def test_without_any_the_columns_are_asked_for() -> None:
    with pytest.raises(DataError, match=r"\(2 without emotion of 2\); name the columns: --columns"):
        labelled_clips([entry("a.mp4", emotion=""), entry("b.mp4", emotion="")])


def test_files_of_one_name_are_told_apart_by_their_folders_and_ending() -> None:
    clips, _ = labelled_clips([entry("d/P1/smile.mp4"), entry("d/P2/smile.mp4")])
    assert [clip.name for clip in clips] == ["P1_smile.mp4", "P2_smile.mp4"]
    clips, _ = labelled_clips([entry("d/smile.mp4"), entry("d/smile.avi")])
    assert [clip.name for clip in clips] == ["smile.mp4", "smile.avi"]


def test_a_clip_that_is_named_twice_is_refused() -> None:
    with pytest.raises(DataError, match=r"named more than once: .*a\.mp4; want each clip once"):
        labelled_clips([entry("a.mp4"), entry("./x/../a.mp4", label="genuine")])


@pytest.mark.parametrize("emotion", ["any", "all", "auto"])
def test_an_emotion_that_is_none_is_refused(emotion: str) -> None:
    with pytest.raises(DataError, match=f"has the emotion '{emotion}'"):
        labelled_clips([entry("a.mp4", emotion=emotion)])


def test_a_folder_is_read_as_by_extract(tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text(
        "clip,subject,gender,emotion,label\nx,1,F,fear,fake\ny,2,M,fear,genuine\n"
    )
    clips, notes = find_labelled(tmp_path, ManifestWords())
    assert [(clip.name, clip.gender) for clip in clips] == [("x", "F"), ("y", "M")]
    assert notes == []


def test_a_manifest_has_its_own_words(tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_text("file,who,emotion,label\na.mp4,P,fear,felt\n")
    words = ManifestWords.of("person=who", "genuine=felt")
    clips, _ = find_labelled(tmp_path / "m.csv", words)
    assert [(clip.path, clip.subject, clip.label) for clip in clips] == [
        (tmp_path / "a.mp4", "P", "genuine")
    ]
