from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from synthetic import simulate

from calibrate.data.dataset import LIVE, Dataset
from calibrate.data.tracks import Track, save_tracks
from calibrate.experiments.onset_dynamics import (
    CONTROL,
    LEARNED,
    MEASURES,
    held_out_scores,
    main,
    regression_inputs,
)
from calibrate.learning.clip_onsets import ClipOnsets, measure_clips
from calibrate.learning.population import population_range
from calibrate.metrics import auc
from realtime.core.labels import FAKE, GENUINE

PEOPLE, CLIPS_EACH = 8, 8


def measured(tracks: list[Track]) -> ClipOnsets:
    data = Dataset.of(tracks, LIVE)
    return measure_clips(data, population_range(data.stats_by_person().values()))


@pytest.fixture(scope="module")
def tracks() -> list[Track]:
    """Return clips in which fake onsets are much faster, and nothing tells the label before."""
    return simulate(PEOPLE, CLIPS_EACH, seed=0, difference=4, emotions=("happiness", "surprise"))


@pytest.fixture(scope="module")
def found(tracks: list[Track]) -> ClipOnsets:
    return measured(tracks)


def area(found: ClipOnsets, values: np.ndarray, emotion: str | None = None) -> float:
    area = auc(found.scored(values, emotion))
    assert area is not None
    return area


def test_the_differences_that_were_made_are_found(found: ClipOnsets) -> None:
    assert area(found, found.measure("duration_s")) > 0.8
    assert area(found, found.measure("relative_speed"), "happiness") < 0.1
    assert area(found, found.measure("symmetry")) > 0.7
    assert area(found, found.measure("plateau_s")) < 0.25
    assert area(found, held_out_scores(found, seed=0)) > 0.9
    assert 0.4 < area(found, found.measure("mouth_lead_s")) < 0.6  # nothing was made here


def test_the_labels_of_a_person_have_no_part_in_their_own_scores(
    tracks: list[Track], found: ClipOnsets
) -> None:
    other, person = {GENUINE: FAKE, FAKE: GENUINE}, tracks[0].clip.subject
    inverted = [
        replace(t, clip=replace(t.clip, label=other[t.clip.label]))
        for t in tracks
        if t.clip.subject == person
    ]
    rest = [track for track in tracks if track.clip.subject != person]
    own = found.data.subjects[found.clips] == person
    one = held_out_scores(found, seed=0)
    two = held_out_scores(measured([*inverted, *rest]), seed=0)
    np.testing.assert_array_equal(one[own], two[own])
    assert (one[~own] != two[~own]).any()


def test_an_onset_without_order_counts_as_together_in_the_regression(found: ClipOnsets) -> None:
    first = replace(found.onsets[0], mouth_lead_s=None)
    changed = replace(found, onsets=(first, *found.onsets[1:]))
    assert regression_inputs(changed)[0, LEARNED.index("mouth_lead_s")] == 0.0


def test_the_report_has_a_line_for_each_measure_of_each_emotion(
    tracks: list[Track], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save_tracks(tmp_path / "tracks.npz", tracks)
    assert main([str(tmp_path / "tracks.npz")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"{PEOPLE} people, {PEOPLE * CLIPS_EACH} clips, ")
    for name in (*MEASURES, CONTROL, "together"):
        assert sum(line.startswith(f"  {name} ") for line in lines) == 3


def test_without_both_labels_there_is_no_area(
    tracks: list[Track], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    genuine = [track for track in tracks if track.clip.label == GENUINE]
    save_tracks(tmp_path / "tracks.npz", genuine)
    assert main([str(tmp_path / "tracks.npz")]) == 0
    assert "not defined: one label only" in capsys.readouterr().out
