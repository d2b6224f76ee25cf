import math
from pathlib import Path

import pytest

from calibrate.data.clips import SASE_FE, Clip, DataError, find_clips, missing_files
from realtime.core.labels import FAKE, GENUINE

HEAD = "clip,subject,gender,emotion,label,rater_label_hit_rate_pct\n"
ROW = "1_dg_1,1,F,disgust,genuine,66.67\n"


def labelled(folder: Path, text: str, *files: str) -> Path:
    """Return a folder with labels.csv and empty files under clips/."""
    (folder / "labels.csv").write_text(text)
    (folder / "clips").mkdir()
    for name in files:
        (folder / "clips" / name).touch()
    return folder


def recorded(folder: Path, *paths: str) -> Path:
    """Return a folder with empty files at `paths`."""
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).touch()
    return folder


def test_labels_name_clips_people_and_raters(tmp_path: Path) -> None:
    data = labelled(
        tmp_path, HEAD + "2_fs_1,2,M,happiness,fake,\n" + ROW, "1_dg_1.avi", "2_fs_1.mp4"
    )
    one, two = find_clips(data)
    assert one == Clip("1_dg_1", data / "clips/1_dg_1.avi", "1", "disgust", GENUINE, "F", 66.67)
    assert (two.name, two.path.name, two.subject, two.emotion, two.label) == (
        "2_fs_1",
        "2_fs_1.mp4",
        "2",
        "happiness",
        FAKE,
    )
    assert math.isnan(two.rater_hit_pct)


def test_four_columns_are_sufficient(tmp_path: Path) -> None:
    (clip,) = find_clips(labelled(tmp_path, "clip,subject,emotion,label\na,1,fear,fake\n"))
    assert clip.gender == ""
    assert math.isnan(clip.rater_hit_pct)


def test_rater_values_that_are_no_number_are_unknown(tmp_path: Path) -> None:
    (clip,) = find_clips(labelled(tmp_path, HEAD + ROW.replace("66.67", "n/a")))
    assert math.isnan(clip.rater_hit_pct)


def test_a_byte_order_mark_is_ignored(tmp_path: Path) -> None:
    assert find_clips(labelled(tmp_path, "\ufeff" + HEAD + ROW))[0].name == "1_dg_1"


def test_a_label_without_a_file_remains_for_extraction_to_list(tmp_path: Path) -> None:
    clips = find_clips(labelled(tmp_path, HEAD + ROW, "1_dg_1.txt"))
    assert clips[0].path == tmp_path / "clips/1_dg_1"
    assert missing_files(clips) == clips
    (tmp_path / "clips/1_dg_1").touch()
    assert missing_files(clips) == []


@pytest.mark.parametrize(
    ("cell", "name", "file"),
    [
        ("a", "a", "clips/a.avi"),
        ("a.avi", "a", "clips/a.avi"),
        ("a.mov", "a", "clips/a.avi"),  # converted since
        ("clips/a.avi", "a", "clips/a.avi"),
        ("./clips/a.avi", "a", "clips/a.avi"),
        ("clips/a", "a", "clips/a.avi"),
        ("../data/clips/a.avi", "a", "clips/a.avi"),
        ("{data}/clips/a.avi", "a", "clips/a.avi"),
        ("/home/ann/data/clips/a.avi", "a", "clips/a.avi"),
        (r"clips\a.avi", "a", "clips/a.avi"),
        (r".\clips\a.avi", "a", "clips/a.avi"),
        (r"C:\Users\Ann\clips\a.avi", "a", "clips/a.avi"),
        ("C:/Users/Ann/clips/a.avi", "a", "clips/a.avi"),
        (r"\\server\share\a.avi", "a", "clips/a.avi"),
        ("one/b.mp4", "one_b", "clips/one/b.mp4"),
        (r"two\b.mp4", "two_b", "clips/two/b.mp4"),
        ("{data}/clips/two/b.mp4", "two_b", "clips/two/b.mp4"),
        ("more/c.mkv", "more_c", "more/c.mkv"),
        ("../elsewhere/d.avi", "d", "../elsewhere/d.avi"),
        ("one/nothing.avi", "one_nothing", "one/nothing.avi"),
        (r"C:\Users\Ann\nothing.avi", "nothing", "C:/Users/Ann/nothing.avi"),
    ],
)
def test_a_clip_is_named_by_its_stem_or_by_a_path_of_any_system(
    cell: str, name: str, file: str, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    recorded(data, "clips/a.avi", "clips/one/b.mp4", "clips/two/b.mp4", "more/c.mkv")
    recorded(tmp_path, "elsewhere/d.avi")
    text = f"clip,subject,emotion,label\n{cell.format(data=data)},1,fear,fake\n"
    (data / "labels.csv").write_text(text)
    (clip,) = find_clips(data)
    assert (clip.name, clip.path.resolve()) == (name, (data / file).resolve())
    assert (clip in missing_files([clip])) == ("nothing" in name)


def test_a_file_name_in_decomposed_letters_is_found(tmp_path: Path) -> None:
    """So macOS writes it, while a spreadsheet composes the letter."""
    row = "caf\xe9,1,fear,fake\n"
    (clip,) = find_clips(labelled(tmp_path, "clip,subject,emotion,label\n" + row, "cafe\u0301.avi"))
    assert clip.path.is_file()


def test_emotions_and_labels_are_read_in_any_capitals(tmp_path: Path) -> None:
    row = ROW.replace("disgust", "Disgust").replace("genuine", "GENUINE")
    (clip,) = find_clips(labelled(tmp_path, HEAD + row))
    assert (clip.emotion, clip.label) == ("disgust", GENUINE)


@pytest.mark.parametrize("cell", ["66.67", '"66,67"', "66.67 %", " 66.67%"])
def test_rater_values_are_read_with_a_decimal_comma_or_percent_sign(
    cell: str, tmp_path: Path
) -> None:
    (clip,) = find_clips(labelled(tmp_path, HEAD + ROW.replace("66.67", cell)))
    assert clip.rater_hit_pct == 66.67


def test_the_codes_are_six_emotions_genuine_and_fake() -> None:
    assert len(set(SASE_FE.values())) == 12
    assert {emotion for emotion, _ in SASE_FE.values()} == {
        *("anger", "contempt", "disgust", "happiness", "sadness", "surprise")
    }
    assert all((label == GENUINE) == code.startswith("N2") for code, (_, label) in SASE_FE.items())


@pytest.mark.parametrize(
    "path", ["12/N2S.mp4", "12/N2S/take.MP4", "N2S/subject_12.avi", "N2S/12.mov"]
)
def test_sase_fe_folders_and_files_are_read_by_their_codes(path: str, tmp_path: Path) -> None:
    data = recorded(tmp_path, path)
    assert find_clips(data) == [Clip("12_N2S", data / path, "12", "sadness", GENUINE)]


@pytest.mark.parametrize("ending", ["MTS", "3gp", "ogv", "webp"])
def test_every_kind_of_video_is_found_and_no_hidden_file(ending: str, tmp_path: Path) -> None:
    files = [f"1_dg_1.{ending}", f"._1_dg_1.{ending}"]
    (by_label,) = find_clips(labelled(tmp_path, HEAD + ROW, *files))
    (tmp_path / "labels.csv").unlink()
    data = recorded(tmp_path, f"12/N2S/take.{ending}", f"12/N2S/._take.{ending}")
    (by_code,) = find_clips(data)
    assert (by_label.path.name, by_code.path.name) == (files[0], f"take.{ending}")


def test_only_the_people_of_sase_fe_are_found(tmp_path: Path) -> None:
    codes = [f"{person}/{code}.mp4" for person in ("01", "02") for code in SASE_FE]
    clips = find_clips(recorded(tmp_path, *codes, "01/notes.txt", "01/N2X.mp4", "02/H2N2S.txt"))
    assert [clip.name for clip in clips] == sorted(
        path.replace("/", "_").removesuffix(".mp4") for path in codes
    )
    assert {(c.emotion, c.label) for c in clips if c.subject == "01"} == set(SASE_FE.values())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no column clip, emotion, label, subject"),
        ("clip,subject,label\na,1,fake\n", "no column emotion"),
        (
            HEAD + ROW.replace("genuine", "real"),
            "row 2: clip 1_dg_1 has the label 'real'; want genuine or fake",
        ),
        (
            HEAD + ROW + ROW.replace("1_", "2_").replace("genuine", "genuin"),
            r"row 3: .* 'genuin'; want genuine or fake \(did you mean genuine",
        ),
        (HEAD + ROW.replace("disgust", "any"), "row 2: .* the emotion 'any'; want the name of one"),
        (HEAD + ROW.replace("disgust", "a/b"), "row 2: .* the emotion 'a/b'; want the name of one"),
        (
            HEAD + ROW.replace(",1,", ",Ann,") + ROW.replace("1_dg_1,1", "2,ann"),
            "row 3: person 'ann' is 'Ann' in row 2; want one spelling",
        ),
        (HEAD + ROW.replace(",1,", ",,"), "row 2: clip 1_dg_1 has no subject or no emotion"),
        (HEAD + ROW.replace("1_dg_1", ""), "row 2: clip name '' is not a file name in clips"),
        (HEAD + ROW + ROW, "2 clips in .* are named 1_dg_1, in rows 2 and 3; want each name once"),
        (HEAD, "no column|no labelled clip"),
    ],
)
def test_invalid_labels_are_named_in_one_line(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=message) as caught:
        find_clips(labelled(tmp_path, text))
    assert "\n" not in str(caught.value)


def test_two_takes_of_one_code_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"2 clips in .* are named 12_N2S"):
        find_clips(recorded(tmp_path, "12/N2S/one.mp4", "12/N2S/two.mp4"))


@pytest.mark.parametrize("name", ["labels.xlsx", "Labels.ods"])
def test_labels_that_are_no_csv_are_refused_by_name(name: str, tmp_path: Path) -> None:
    (tmp_path / name).touch()
    with pytest.raises(DataError, match=rf"{name} is not named labels\.csv; save it as CSV"):
        find_clips(tmp_path)


def test_an_empty_folder_is_refused_with_the_expected_layout(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no labelled clip in .*labels\.csv"):
        find_clips(tmp_path)
    with pytest.raises(DataError, match=r"no folder .*/nowhere"):
        find_clips(tmp_path / "nowhere")
