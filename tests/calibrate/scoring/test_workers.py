import errno
from pathlib import Path

import pytest
from recordings import recording_of, write_video
from synthetic import simulate, with_appearance

from calibrate.data.recording import ClipRecording
from calibrate.scoring import workers
from calibrate.scoring.plan import JudgeTask, RecordTask, ScoreOptions
from calibrate.scoring.work_store import WorkStore
from engines.bundle.bundle import DEFAULT_BUNDLE

OPTIONS = ScoreOptions(DEFAULT_BUNDLE, "any", 60)


@pytest.fixture
def store(tmp_path: Path) -> WorkStore:
    made = WorkStore(tmp_path / "parts")
    made.make()
    return made


def test_a_file_is_recorded_once_and_judged_from_that(
    store: WorkStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    video = write_video(tmp_path / "a.avi", 1, frames=3)
    assert workers.record_file(RecordTask(video, "k1"), store, OPTIONS) == ""
    assert store.load_recording("k1").face_share == 0.0
    video.unlink()
    assert workers.record_file(RecordTask(video, "k1"), store, OPTIONS) == ""
    task = JudgeTask("s1", (("k1", "any"), ("k1", "fear")))
    assert workers.judge_clips(task, store, OPTIONS) == ""
    scores = store.load_scores("s1")["k1"]
    assert [scores[asked]["score"]["state"] for asked in ("any", "fear")] == ["no_face"] * 2
    monkeypatch.setattr(workers, "PersonJudge", lambda *_: pytest.fail("judged again"))
    assert workers.judge_clips(task, store, OPTIONS) == ""


def test_a_stranger_leaves_no_recording(
    store: WorkStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (track,) = with_appearance(simulate(1, 1, seed=0))
    monkeypatch.setattr(workers, "_recorded", lambda *_: recording_of(track))
    task = JudgeTask("s1", (("k1", "happiness"),), tmp_path / "a.mp4")
    assert workers.judge_clips(task, store, OPTIONS) == ""
    assert store.load_scores("s1")["k1"]["happiness"]["score"]["p_forced"] is not None
    assert not list(store.folder.rglob("*.npz"))


def test_any_fault_of_a_clip_is_its_reason(
    store: WorkStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.mp4").write_bytes(b"no video")
    task = RecordTask(tmp_path / "a.mp4", "k")
    assert "is not a readable video" in workers.record_file(task, store, OPTIONS)

    def explode(*_: object) -> ClipRecording:
        raise ValueError("an odd plane")

    monkeypatch.setattr(workers, "record_clip", explode)
    assert "a.mp4 cannot be read: ValueError: an odd plane" in workers.record_file(
        task, store, OPTIONS
    )


def test_a_full_disk_is_no_fault_of_a_clip(
    store: WorkStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(WorkStore, "save_recording", full)
    video = write_video(tmp_path / "a.avi", 1, frames=2)
    with pytest.raises(OSError, match="No space left"):
        workers.record_file(RecordTask(video, "k"), store, OPTIONS)
