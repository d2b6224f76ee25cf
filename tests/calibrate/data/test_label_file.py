"""Labels as spreadsheets of several systems write them: read alike, or refused with the row."""

import codecs
from pathlib import Path

import pytest

from calibrate.data.label_file import find_labels_file, nearest, read_label_rows

ROWS = [
    "clip,subject,emotion,label,gender",
    "1_fl\xe9au,Zo\xeb,disgust,genuine,F",
    "2_fs,2,happiness,fake,",
]
TEXT = "\n".join(ROWS) + "\n"
WANTED = [
    {
        "clip": "1_fl\xe9au",
        "subject": "Zo\xeb",
        "emotion": "disgust",
        "label": "genuine",
        "gender": "F",
    },
    {"clip": "2_fs", "subject": "2", "emotion": "happiness", "label": "fake", "gender": ""},
]
QUOTED = TEXT.replace("1_fl\xe9au", '"1_fl\xe9au"').replace("disgust", '"disgust"')


def rewritten(cell_end: str) -> str:
    return TEXT.replace(",", cell_end)


FILES = {
    "UTF-8": TEXT.encode(),
    "UTF-8 with its mark": TEXT.encode("utf-8-sig"),
    "UTF-16 little-endian": codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"),
    "UTF-16 big-endian": codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
    "UTF-16 with tabs, as Excel's Unicode text": rewritten("\t").encode("utf-16"),
    "Latin-1": TEXT.encode("latin-1"),
    "Windows-1252 with semicolons": rewritten(";").encode("cp1252"),
    "tabs": rewritten("\t").encode(),
    "bars": rewritten("|").encode(),
    "Excel's line that names the delimiter": ("sep=;\n" + rewritten(";")).encode(),
    "Excel's line that names the tab": ("sep=\t\r\n" + rewritten("\t")).encode(),
    "CRLF": TEXT.replace("\n", "\r\n").encode(),
    "CR": TEXT.replace("\n", "\r").encode(),
    "no last line end": TEXT.rstrip().encode(),
    "quoted cells": QUOTED.encode(),
    "empty lines around": ("\n" + TEXT + "\n\n").encode(),
    "rows of delimiters below": (TEXT + ",,,,\n,,,,\n").encode(),
    "empty columns at the right": TEXT.replace("\n", ",,\n").encode(),
    "rows that end early": TEXT.replace("fake,", "fake").encode(),
    "spaces around cells": rewritten("  , ").encode(),
    "no-break spaces around cells": rewritten("\xa0,\xa0").encode(),
    "capitals in the header": TEXT.replace(ROWS[0], "Clip,SUBJECT,Emotion , Label,GENDER").encode(),
    "decomposed letters": TEXT.replace("\xe9", "e\u0301").replace("\xeb", "e\u0308").encode(),
}


def written(folder: Path, raw: bytes) -> Path:
    path = folder / "labels.csv"
    path.write_bytes(raw)
    return path


@pytest.mark.parametrize("kind", FILES)
def test_every_kind_of_file_gives_the_same_rows(kind: str, tmp_path: Path) -> None:
    rows = read_label_rows(written(tmp_path, FILES[kind]))
    assert [dict(row.cells) for row in rows] == WANTED


def test_rows_have_the_numbers_of_the_spreadsheet(tmp_path: Path) -> None:
    between = "\n".join([ROWS[0], "", ROWS[1], '"a\nb",1,fear,fake', ",,,", ROWS[2]])
    rows = read_label_rows(written(tmp_path, between.encode()))
    assert [row.number for row in rows] == [3, 4, 6]
    assert rows[1].cells["clip"] == "a\nb"


def test_cells_may_hold_the_delimiter_and_quotes(tmp_path: Path) -> None:
    text = 'clip;subject;emotion;label\n"a;b"; "the ""first""";fear;fake\n'
    (row,) = read_label_rows(written(tmp_path, text.encode()))
    assert (row.cells["clip"], row.cells["subject"]) == ("a;b", 'the "first"')


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"PK\x03\x04 and more", r"labels\.csv is a spreadsheet's own format, not CSV; save it as"),
        (b"\xd0\xcf\x11\xe0 and more", r"labels\.csv is a spreadsheet's own format"),
        (TEXT.encode("utf-16-le"), r"labels\.csv is no text, or UTF-16 without its mark"),
        (codecs.BOM_UTF16_LE + b"a", r"labels\.csv, row 1: not text in utf-16"),
        (b"clip,subject,emotion,label\na\x81,1,fear,fake\n", r"csv, row 2: not text in UTF-8"),
        ((TEXT + '"open,1,fear,fake\n').encode(), r"labels\.csv, row 4: unexpected end of data"),
        ((TEXT + '"a"b,1,fear,fake\n').encode(), r"labels\.csv, row 4: ',' expected after"),
        ((TEXT + "a,b,1,fear,fake,M,x\n").encode(), r"row 4: 7 cells under 5 columns"),
        (
            b"clip,subject,label\na,1,fake\n",
            r"no column emotion; want .*; it has clip, subject, label",
        ),
        (TEXT.replace("gender", "label").encode(), r"has the column label twice"),
        (b"", r"no column clip, emotion, label, subject; want clip, subject, emotion, label$"),
    ],
)
def test_other_files_are_refused_by_name_in_one_line(
    raw: bytes, message: str, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        read_label_rows(written(tmp_path, raw))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["labels.csv", "Labels.csv", "LABELS.CSV"])
def test_the_file_is_found_in_any_capitals(name: str, tmp_path: Path) -> None:
    (tmp_path / name).touch()
    assert find_labels_file(tmp_path) == tmp_path / name


@pytest.mark.parametrize("name", ["labels.xlsx", "labels.csv.txt", "labels.tsv"])
def test_labels_in_another_format_are_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / name).touch()
    with pytest.raises(ValueError, match=rf"{name} is not named labels\.csv; save it as CSV"):
        find_labels_file(tmp_path)
    (tmp_path / "labels.csv").touch()
    assert find_labels_file(tmp_path) == tmp_path / "labels.csv"


def test_two_labels_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "labels.csv").touch()
    (tmp_path / "Labels.csv").touch()
    if len(list(tmp_path.iterdir())) < 2:
        pytest.skip("this file system does not distinguish capitals")
    with pytest.raises(ValueError, match=r"holds Labels\.csv and labels\.csv; want one"):
        find_labels_file(tmp_path)
    assert find_labels_file(tmp_path.parent) is None


@pytest.mark.parametrize(
    ("word", "meant"),
    [("happines", "happiness"), ("suprise", "surprise"), ("boredom", ""), ("fear", "")],
)
def test_the_nearest_word_is_what_a_typo_meant(word: str, meant: str) -> None:
    assert nearest(word, ["happiness", "surprise", "fear"]) == meant
