from pathlib import Path

import pytest

from calibrate.data.clips import DataError
from calibrate.scoring.inputs import ClipEntry, ManifestWords, find_entries
from realtime.core.errors import UsageError

NOTHING = ManifestWords()


def touch(folder: Path, *names: str) -> list[Path]:
    paths = [folder / name for name in names]
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return paths


def test_files_and_folders_in_order_with_all_folders_in_them(tmp_path: Path) -> None:
    one, deep, other = touch(tmp_path, "x.mp4", "data/a/b/two.avi", "data/zz.webm")
    touch(tmp_path, "data/notes.txt", "data/.hidden.mp4")
    found = find_entries([one, tmp_path / "data"], NOTHING)
    assert found == [ClipEntry(one), ClipEntry(deep), ClipEntry(other)]


def test_a_manifest_with_names_of_its_own(tmp_path: Path) -> None:
    files = touch(tmp_path, "v/one.mp4", "v/two.mp4")
    text = "Participant;File Name;feeling;kind\nP1;v/one.mp4;Joy;Real\nP2;v\\two.mp4;;posed\n"
    (tmp_path / "list.csv").write_bytes(text.encode("utf-16"))
    words = ManifestWords.of(
        "clip=file name,emotion=feeling,label=kind", "genuine=real|felt,fake=posed|acted"
    )
    assert find_entries([tmp_path / "list.csv"], words) == [
        ClipEntry(files[0], "P1", "joy", "genuine"),
        ClipEntry(files[1], "P2", "", "fake"),
    ]


def test_a_folder_with_labels_is_read_by_them(tmp_path: Path) -> None:
    (video,) = touch(tmp_path, "clips/a.avi")
    touch(tmp_path, "clips/unnamed.avi")
    (tmp_path / "labels.csv").write_text("clip,subject,emotion,label\na,7,fear,fake\n")
    assert find_entries([tmp_path], NOTHING) == [ClipEntry(video, "7", "fear", "fake")]


def test_a_clip_without_a_file_is_kept_and_a_tab_is_understood(tmp_path: Path) -> None:
    (tmp_path / "m.tsv").write_text("video\tsubject\ngone.mp4\tA\n")
    (entry,) = find_entries([tmp_path / "m.tsv"], NOTHING)
    assert (entry.file, entry.person) == (tmp_path / "gone.mp4", "A")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name\na.mp4\n", r"no column clip; .*or name the columns: --columns clip=NAME"),
        ("clip,label\na.mp4,Geniune\n", r"row 2: the label is 'Geniune'; .*did you mean genuine"),
        ("clip,person\na.mp4,Bob\nb.mp4,bob\n", "person 'bob' is also 'Bob'; want one spelling"),
        ("clip\n\n", "no clip in"),
        ("clip,person\n,Bob\n", "row 2: no clip is named"),
    ],
)
def test_a_riddle_is_refused_with_its_row(text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_text(text)
    with pytest.raises(DataError, match=message):
        find_entries([tmp_path / "m.csv"], NOTHING)


def test_an_input_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no file or folder .*gone\.mp4"):
        find_entries([tmp_path / "gone.mp4"], NOTHING)


@pytest.mark.parametrize(
    ("columns", "labels", "right"),
    [("filename=clip", None, "clip=filename"), (None, "felt=genuine", "genuine=felt")],
)
def test_words_the_wrong_way_round_are_turned(
    columns: str | None, labels: str | None, right: str
) -> None:
    with pytest.raises(UsageError, match=f"want it the other way round: {right}"):
        ManifestWords.of(columns, labels)


@pytest.mark.parametrize(
    ("columns", "labels"), [("clip", None), ("name=x", None), (None, "real=x"), ("clip=", None)]
)
def test_words_of_another_form_are_refused(columns: str | None, labels: str | None) -> None:
    with pytest.raises(UsageError, match="want NAME=VALUE with"):
        ManifestWords.of(columns, labels)


def test_twenty_thousand_rows_are_read_in_order(tmp_path: Path) -> None:
    rows = "".join(f"c/{n}.mp4,p{n % 300},joy,fake\n" for n in range(20_000))
    (tmp_path / "m.csv").write_text("clip,person,emotion,label\n" + rows)
    found = find_entries([tmp_path / "m.csv"], NOTHING)
    assert [entry.file.name for entry in found] == [f"{n}.mp4" for n in range(20_000)]


def test_a_parquet_manifest(tmp_path: Path) -> None:
    arrow = pytest.importorskip("pyarrow")
    table = arrow.table({"clip": ["a.mp4"], "person": [3]})
    arrow.parquet = pytest.importorskip("pyarrow.parquet")
    arrow.parquet.write_table(table, tmp_path / "m.parquet")
    assert find_entries([tmp_path / "m.parquet"], NOTHING) == [ClipEntry(tmp_path / "a.mp4", "3")]


def test_a_parquet_manifest_of_pandas(tmp_path: Path) -> None:
    """Whole numbers beside missing ones are floats there."""
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    people = pandas.Series([7.0, float("nan")])
    table = pandas.DataFrame({"File": ["a.mp4", "b.mp4"], "who": people, "kind": ["felt", None]})
    table.to_parquet(tmp_path / "m.parquet")
    words = ManifestWords.of("person=who,label=kind", "genuine=felt")
    assert find_entries([tmp_path / "m.parquet"], words) == [
        ClipEntry(tmp_path / "a.mp4", "7", "", "genuine"),
        ClipEntry(tmp_path / "b.mp4"),
    ]


def test_a_parquet_manifest_that_is_none_or_lacks_clips_is_refused(tmp_path: Path) -> None:
    arrow, path = pytest.importorskip("pyarrow"), tmp_path / "m.parquet"
    path.write_bytes(b"PAR1 is how they begin")
    with pytest.raises(DataError, match=r"m\.parquet is no Parquet file"):
        find_entries([path], NOTHING)
    pytest.importorskip("pyarrow.parquet").write_table(arrow.table({"x": ["a.mp4"]}), path)
    with pytest.raises(DataError, match="has no column clip; name it: --columns clip=NAME"):
        find_entries([path], NOTHING)
