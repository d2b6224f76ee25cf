"""`calibrate extract` names faults of the labels before it reads a clip."""

from pathlib import Path

import pytest

from calibrate.cli import main
from calibrate.commands import extract
from calibrate.data.clips import DataError, find_clips
from calibrate.data.extract import SkippedClip

ROWS = ("a,1,fear,genuine", "b,1,fear,fake", "c,2,fear,fake", "d,2,faer,fake")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Return labels of four clips, of which two have a file."""
    (tmp_path / "data/clips").mkdir(parents=True)
    for name in "ab":
        (tmp_path / f"data/clips/{name}.avi").touch()
    (tmp_path / "data/labels.csv").write_text("\n".join(["clip,subject,emotion,label", *ROWS]))
    return tmp_path / "data"


def run(data: Path, *options: str) -> int:
    return main(["extract", str(data), "-o", str(data.parent / "t.npz"), *options])


def test_faults_are_named_first_and_missing_files_once(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    skipped = [SkippedClip(clip.name, "unreadable") for clip in find_clips(data)[1:]]
    monkeypatch.setattr(extract.extract, "extract_tracks", lambda *_: ([None], skipped))
    assert run(data) == 0
    said = capsys.readouterr()
    assert [line for line in said.err.splitlines() if ":" in line] == [
        "note: 2 of 4 clips have no file: c, d",
        "note: faer: there is only one, fake; did you mean fear?",
        "skipped b: unreadable",
    ]
    assert "3 clips skipped" in said.out


@pytest.mark.parametrize("fault", ["jobs", "files", "workbook", "label"])
def test_what_cannot_be_extracted_is_refused_in_one_line(
    fault: str, data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def begin(*_: object) -> None:
        raise DataError("it began to work")

    monkeypatch.setattr(extract.extract, "extract_tracks", begin)
    labels, options, message = data / "labels.csv", [], "none of 4 clips has a file"
    if fault == "jobs":
        options, message = ["--jobs", "0"], "--jobs is 0; want 1 or more"
    elif fault == "files":
        for path in (data / "clips").iterdir():
            path.unlink()
    elif fault == "workbook":
        labels.write_bytes(b"PK\x03\x04 a workbook")
        message = "labels.csv is a spreadsheet's own format, not CSV; save it as CSV (UTF-8)"
    else:
        labels.write_text(labels.read_text().replace("fear,genuine", "fear,geniune"))
        message = (
            "row 2: clip a has the label 'geniune'; want genuine or fake (did you mean genuine?)"
        )
    assert run(data, *options) in (1, 2)
    error = capsys.readouterr().err.splitlines()
    assert len(error) == 1
    assert message in error[0]
