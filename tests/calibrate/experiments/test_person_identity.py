from pathlib import Path

import numpy as np
import pytest
from synthetic import simulate

from calibrate.data.dataset import LIVE
from calibrate.data.tracks import Track, load_tracks, save_tracks
from calibrate.evaluation import person_change
from calibrate.experiments import person_identity
from calibrate.experiments.person_identity import PARTS, main, parts_of


@pytest.fixture(autouse=True)
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(person_identity, "CALLS", 1)
    monkeypatch.setattr(person_change, "TURNS", 1)


def test_tracks_are_measured_and_the_time_of_a_call_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save_tracks(tmp_path / "tracks.npz", simulate(3, 3, seed=0))
    assert main([str(tmp_path / "tracks.npz")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "3 people, 9 clips"
    assert lines[1].startswith("person change after a pause: noticed within 1 s in 100.00% of 3")
    assert "one descriptor in a child" in lines[-1]


def test_in_a_folder_every_video_is_another_person_and_its_tracks_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tracks = {track.clip.name: track for track in simulate(3, 1, seed=0)}
    for name in tracks:
        (tmp_path / f"{name}.mp4").touch()

    def track(clip: object) -> Track | None:
        return tracks[clip.name]  # type: ignore[attr-defined]

    monkeypatch.setattr(
        person_identity, "run_tasks", lambda work, clips, jobs: ((c, track(c)) for c in clips)
    )
    out = tmp_path / "tracks.npz"
    assert main([str(tmp_path), "-o", str(out)]) == 0
    assert capsys.readouterr().out.startswith("3 people, ")
    assert [one.clip.name for one in load_tracks(out)] == sorted(tracks)


def test_parts_are_as_long_as_a_window_and_cover_the_track() -> None:
    track = simulate(1, 1, seed=0)[0]
    parts = parts_of(track)
    assert 1 < len(parts) <= PARTS
    assert min(np.ptp(part.times_s) for part in parts) > 0.9 * LIVE.window_s
    np.testing.assert_array_equal(np.concatenate([p.times_s for p in parts]), track.times_s)
    assert sum(len(part.descriptors) for part in parts) == len(track.descriptors)
