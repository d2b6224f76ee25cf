"""The gate with and without the read-out, on synthetic faces whose read-out is made up."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hasty_ablation import hasten
from read_outs import with_packaged_read_out
from synthetic import simulate, windows_of, with_appearance

from calibrate.data.clips import DataError
from calibrate.data.dataset import LIVE, Dataset
from calibrate.data.tracks import Track, save_tracks
from calibrate.data.usable_data import extracted_dataset
from calibrate.experiments.read_out_in_gate import main, state_at_apex
from calibrate.learning.fit import LearningConfig
from calibrate.learning.gate_thresholds import fit_expression_thresholds
from calibrate.learning.population import fit_population
from calibrate.learning.recognise import LiveStages
from realtime.core.messages import State
from realtime.motion.align import align_to_eyes
from realtime.motion.basis import MovementBasis


def standing_still(track: Track, frame: int) -> Track:
    """Return a second of a face that stays as it is in `frame`."""
    part = track.part(track.times_s < track.times_s[0] + 1.2)
    count = len(part.times_s)
    return replace(
        part,
        points_px=np.repeat(track.points_px[frame : frame + 1], count, axis=0),
        expressions=np.repeat(track.expressions[frame : frame + 1], count, axis=0),
    )


def strongest(track: Track) -> int:
    """Return the frame that is farthest from how the clip begins."""
    shapes = align_to_eyes(track.points_px)
    return int(np.argmax(np.square(shapes - shapes[:10].mean(axis=0)).mean(axis=1)))


@pytest.fixture(scope="module")
def tracks() -> list[Track]:
    return [with_packaged_read_out(track) for track in with_appearance(simulate(6, 4, seed=0))]


@pytest.fixture(scope="module")
def stages(tracks: list[Track]) -> LiveStages:
    data = extracted_dataset(tracks, LIVE, appearance=True)
    everyone = np.arange(len(data))
    people = fit_population(data, everyone)
    basis = MovementBasis(np.eye(80, people.width, dtype=np.float32), 1.0)
    return LiveStages(people, basis, fit_expression_thresholds(data, everyone, people))


def states(tracks: list[Track], stages: LiveStages, read_out: bool) -> list[State]:
    windows = windows_of(extracted_dataset(tracks, LIVE, appearance=True, read_out=read_out))
    return [state_at_apex(windows, clip, stages, None) for clip in range(len(windows.data))]


def test_an_expression_from_the_first_frame_on_is_neutral_without_the_read_out_alone(
    tracks: list[Track], stages: LiveStages
) -> None:
    held = [standing_still(track, strongest(track)) for track in tracks]
    assert {*states(held, stages, read_out=False)} == {State.NEUTRAL}
    assert {*states(held, stages, read_out=True)} == {State.JUDGING}


@pytest.mark.parametrize("read_out", [True, False])
def test_a_face_at_rest_is_neutral_either_way(
    read_out: bool, tracks: list[Track], stages: LiveStages
) -> None:
    still = [standing_still(track, 0) for track in tracks]
    assert {*states(still, stages, read_out)} == {State.NEUTRAL}


@pytest.mark.parametrize("read_out", [True, False])
def test_an_expression_that_begins_at_rest_is_judged_either_way(
    read_out: bool, tracks: list[Track], stages: LiveStages
) -> None:
    assert {*states(tracks, stages, read_out)} == {State.JUDGING}


def test_the_command_compares_both_ways_with_none_and_ten_known(
    data: Dataset,
    hasty: LearningConfig,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    config = replace(hasty, known_clip_counts=(0, 10))
    hasten(monkeypatch, config)
    bare = with_appearance(data.tracks)
    save_tracks(tmp_path / "bare.npz", bare)
    arguments = ["-o", str(tmp_path / "networks")]
    with pytest.raises(DataError, match="hold no read-out; make them again by calibrate extract"):
        main([str(tmp_path / "bare.npz"), *arguments])
    save_tracks(tmp_path / "tracks.npz", [with_packaged_read_out(track) for track in bare])
    assert main([str(tmp_path / "tracks.npz"), *arguments]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines] == [
        f"{known} known, {what}"
        for known in (0, 10)
        for what in (
            "with the read-out",
            "without the read-out",
            "all clips, with the read-out",
            "all clips, without the read-out",
        )
    ]
    for line in (line for line in lines if "judging" in line):
        counts = [int(part.split()[1]) for part in line.split(": ")[1].split(", ")[:4]]
        assert sum(counts) == len(data)
