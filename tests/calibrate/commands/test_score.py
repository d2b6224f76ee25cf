"""`calibrate score` from the command to its table, on videos of noise and the demo clip."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pytest
from recordings import write_video

from calibrate.cli import main
from calibrate.scoring import workers
from calibrate.scoring.work_store import WorkStore
from realtime.capture.demo import CLIP


def run(*options: str | Path) -> int:
    return main(["score", *map(str, options), "--jobs", "1"])


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with two videos of noise, one that is none, and a manifest."""
    folder = tmp_path_factory.mktemp("corpus")
    for name, seed in (("a", 1), ("b", 2)):
        write_video(folder / f"{name}.avi", seed, frames=2)
    (folder / "bad.mp4").write_bytes(b"no video")
    (folder / "list.csv").write_text(
        "clip,who,emotion,kind\na.avi,P,joy,felt\nb.avi,P,fear,posed\nbad.mp4,Q,fear,posed\n"
    )
    return folder


WORDS = ("--columns", "person=who,label=kind", "--labels", "genuine=felt,fake=posed")


def test_a_manifest_gives_a_row_for_each_clip(
    corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, ticks = tmp_path / "t.csv", tmp_path / "ticks.jsonl"
    assert run(corpus / "list.csv", *WORDS, "-o", out, "--ticks", ticks) == 0
    a, b, bad = rows_of(out)
    assert (a["file"], a["person"], a["label"]) == (str(corpus / "a.avi"), "P", "genuine")
    assert (a["emotion"], a["judged_as"], b["judged_as"]) == ("joy", "any", "fear")
    assert (a["state"], a["face_share"], a["error"]) == ("no_face", "0.0", "")
    assert "is not a readable video" in bad["error"]
    assert (bad["state"], bad["reason"]) == ("", "not read; see the column error")
    seen = [json.loads(line) for line in ticks.read_text().splitlines()]
    assert {tick["file"] for tick in seen} == {a["file"], b["file"]}
    assert {tick["state"] for tick in seen} == {"no_face"}
    said = capsys.readouterr()
    assert "0 of 3 clips (0%) have a number; 0 only a forced one" in said.out
    assert "0 with a face, 1 not readable" in said.out
    assert "note: joy: the bundle has no such emotion; judged as any emotion" in said.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["t.csv", "ticks.jsonl"]


def test_parquet_in_and_out_holds_the_same_values(corpus: Path, tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    parquet = pytest.importorskip("pyarrow.parquet")
    manifest = corpus / "list.parquet"
    pandas.read_csv(corpus / "list.csv").to_parquet(manifest)
    out, lines, ticks = (tmp_path / name for name in ("t.parquet", "t.jsonl", "ticks.parquet"))
    assert run(manifest, *WORDS, "-o", out, "--ticks", ticks) == 0
    assert run(corpus / "list.csv", *WORDS, "-o", lines) == 0
    table = parquet.read_table(out)
    assert table.to_pylist() == [json.loads(line) for line in lines.read_text().splitlines()]
    assert str(table.schema.field("fps").type) == "double"
    assert set(parquet.read_table(ticks)["state"].to_pylist()) == {"no_face"}


def test_a_check_scores_and_writes_nothing(
    corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(corpus.rglob("*"))
    assert run(corpus / "list.csv", *WORDS, "--check") == 0
    assert "unreadable: 1; " in capsys.readouterr().out
    assert (sorted(corpus.rglob("*")), list(tmp_path.iterdir())) == (before, [])


def test_a_check_with_missing_files_fails(
    corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    manifest = tmp_path / "list.csv"
    manifest.write_text(f"clip,person\n{corpus / 'a.avi'},P\ngone.mp4,P\n")
    assert run(manifest, "--check") == 1
    said = capsys.readouterr()
    assert "1 clip of 1 person (1 each); 1 more without a file" in said.out
    (error,) = (line for line in said.err.splitlines() if line.startswith("calibrate:"))
    assert f"1 file is missing, the first {tmp_path / 'gone.mp4'}" in error


@pytest.mark.parametrize("choice", ["auto", "all"])
def test_an_emotion_that_is_a_choice_is_refused_before_any_work(
    choice: str, corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    manifest = tmp_path / "list.csv"
    manifest.write_text(f"clip,emotion\n{corpus / 'a.avi'},{choice.upper()}\n")
    assert run(manifest, "-o", tmp_path / "t.csv") == 2
    error = capsys.readouterr().err
    assert f"has the emotion '{choice}'; name one emotion in its row" in error
    assert [path.name for path in tmp_path.iterdir()] == ["list.csv"]


def test_a_full_disk_is_one_line_and_the_next_run_goes_on(
    corpus: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    out, kept = tmp_path / "t.csv", WorkStore.save_recording
    assert run(corpus / "list.csv", *WORDS, "-o", tmp_path / "whole.csv") == 0
    capsys.readouterr()

    def full_after_one(store: WorkStore, key: str, recording: object) -> None:
        if list(store.folder.rglob("*.npz")):
            raise OSError(28, "No space left on device")
        kept(store, key, recording)  # type: ignore[arg-type]

    monkeypatch.setattr(WorkStore, "save_recording", full_after_one)
    assert run(corpus / "list.csv", *WORDS, "-o", out) == 1
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("calibrate: OSError: No space left on device. Free space")
    assert not out.exists()
    monkeypatch.setattr(WorkStore, "save_recording", kept)
    read: list[Path] = []
    record = workers._recorded
    monkeypatch.setattr(workers, "_recorded", lambda p, *a: (read.append(p), record(p, *a))[1])
    assert run(corpus / "list.csv", *WORDS, "-o", out) == 0
    assert len(read) == 1  # the other one was kept
    assert out.read_bytes() == (tmp_path / "whole.csv").read_bytes()


def test_faces_are_grouped_on_request(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The demo clip, and the same with other bytes: one face, each clip known from the other."""
    for name in ("one.mp4", "two.mp4"):
        shutil.copy(CLIP, tmp_path / name)
    with (tmp_path / "two.mp4").open("ab") as file:
        file.write(b"\0\0\0\x08free")  # an empty box
    out = tmp_path / "t.jsonl"
    assert run(tmp_path, "--group-faces", "--emotion", "happiness", "-o", out) == 0
    assert "1 face: face-1 in 2" in capsys.readouterr().out
    one, two = (json.loads(line) for line in out.read_text().splitlines())
    assert (one["person"], one["known_clips"], one["error"]) == ("face-1", 1, "")
    assert one["p_forced"] is not None
    assert {k: v for k, v in one.items() if k != "file"} == {
        k: v for k, v in two.items() if k != "file"
    }


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ((), "want -o TABLE, or --check"),
        (("-o", "t.csv", "--check"), "-o and --check exclude each other"),
        (("-o", "t.xlsx"), "want a name that ends in .csv, .jsonl, .parquet"),
        (("-o", "t.csv", "--most-known", "0"), "--most-known is 0; want 1 or more"),
        (("-o", "t.csv", "--emotion", "joy"), "no emotion 'joy'; choose one of"),
        (("-o", "t.csv", "--emotion", "auto"), "--emotion is auto; name one emotion, or any;"),
        (("-o", "t.csv", "--emotion", "all"), "--emotion is all; name one emotion, or any;"),
        (("-o", "t.csv", "--columns", "who=person"), "the other way round: person=who"),
        (("-o", "t.csv", "--columns", "x"), "--columns is 'x'; want NAME=VALUE"),
        (("-o", "t.csv", "--ticks", "t.csv"), "are the same file"),
    ],
)
def test_what_cannot_be_done_is_refused_before_any_work(
    options: tuple[str, ...],
    message: str,
    corpus: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(corpus, *options) == 2
    error = capsys.readouterr().err.splitlines()
    assert len(error) == 1
    assert message in error[0]
    assert list(tmp_path.iterdir()) == []


def test_a_table_never_replaces_a_clip_or_the_manifest(corpus: Path) -> None:
    before = (corpus / "list.csv").read_bytes()
    assert run(corpus / "list.csv", *WORDS, "-o", corpus / "list.csv") == 2
    assert (corpus / "list.csv").read_bytes() == before
