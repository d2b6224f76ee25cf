"""Scoring files: the summary of each one's record, models loaded once, faults by file."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from realtime.api.scoring import score
from realtime.app.cli import main
from realtime.capture import demo
from realtime.core.errors import UsageError
from realtime.runtime import shared_models


def timeless(row: dict[str, object]) -> dict[str, object]:
    """Return what does not depend on this machine's speed."""
    return {name: value for name, value in row.items() if name not in ("age_ms", "fps")}


@pytest.mark.parametrize("emotion", ["surprise", "all"])
def test_a_row_is_the_summary_of_the_record(emotion: str, tmp_path: Path) -> None:
    record = tmp_path / "run.jsonl"
    options = ["--yes", "--headless", "--fast", "--emotion", emotion, "--record", str(record)]
    assert main([*options, "--replay", str(demo.CLIP)]) == 0
    summary = json.loads(record.read_text().splitlines()[-1])
    (row,) = score(demo.CLIP, emotion)
    assert set(row) == (set(summary) | {"file", "error", "notes"}) - {"type"}
    assert [row.pop(name) for name in ("file", "error", "notes")] == [str(demo.CLIP), "", []]
    assert timeless(row) == timeless({k: v for k, v in summary.items() if k != "type"})


def test_files_share_the_models_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    created: list[str] = []
    create = shared_models.create_engine
    monkeypatch.setattr(
        shared_models,
        "create_engine",
        lambda name, network: created.append(network.name) or create(name, network),
    )
    other = shutil.copy(demo.CLIP, tmp_path / "other.mp4")
    first, second = score([demo.CLIP, other], "surprise")
    assert len(created) == len(set(created)) > 0
    assert (first.pop("file"), second.pop("file")) == (str(demo.CLIP), str(other))
    assert timeless(first) == timeless(second)
    assert json.dumps(first)


def test_a_file_that_cannot_be_read_does_not_end_the_others(tmp_path: Path) -> None:
    (tmp_path / "empty.mp4").touch()
    gone, empty, well = score([tmp_path / "gone.mp4", tmp_path / "empty.mp4", demo.CLIP])
    assert "there is no file" in str(gone["error"])
    assert "is empty (0 bytes)" in str(empty["error"])
    assert gone["frames"] is gone["emotions"] is None
    assert (well["error"], set(gone)) == ("", set(well))


def test_what_is_odd_about_a_file_is_a_note(ffmpeg: Callable[..., Path]) -> None:
    (row,) = score(ffmpeg("still.mp4", "-frames:v", "1"))
    assert row["notes"] == ["still.mp4 is one still picture; the gauge needs movement"]
    assert row["error"] == ""


@pytest.mark.parametrize(
    ("paths", "says"),
    [([0], "the file is a int; want a path"), (["a\0b"], "is named"), ([""], "is named ''")],
)
def test_what_is_no_path_is_refused_before_the_first_file(paths: list, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        score([demo.CLIP, *paths])


def test_no_files_no_rows_and_a_wrong_emotion_is_told_first(tmp_path: Path) -> None:
    assert score([]) == []
    with pytest.raises(UsageError, match="no emotion 'joy'"):
        score([tmp_path / "gone.mp4"], "joy")
