from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from synthetic import simulate

from calibrate.data.dataset import LIVE, Dataset
from calibrate.data.tracks import Track, save_tracks
from calibrate.experiments.onset_dynamics import (
    ALL,
    CONTROL,
    LEARNED,
    MEASURES,
    ClipOnsets,
    held_out_scores,
    main,
    measure_clips,
)
from calibrate.metrics import auc
from realtime.core.labels import FAKE, GENUINE

PEOPLE, CLIPS_EACH = 8, 8


@pytest.fixture(scope="module")
def tracks() -> list[Track]:
    """Return clips in which fake onsets are much faster, and nothing tells the label before."""
    return simulate(PEOPLE, CLIPS_EACH, seed=0, difference=4, emotions=("happiness", "surprise"))


@pytest.fixture(scope="module")
def found(tracks: list[Track]) -> ClipOnsets:
    return measure_clips(Dataset.of(tracks, LIVE))


def area(found: ClipOnsets, values: np.ndarray, emotion: str = ALL) -> float:
    area = auc(found.scored(values, emotion))
    assert area is not None
    return area


def test_nearly_all_clips_show_their_onset(found: ClipOnsets) -> None:
    assert len(found.clips) > 0.9 * PEOPLE * CLIPS_EACH
    assert found.before_s.min() > 0


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
    other = {GENUINE: FAKE, FAKE: GENUINE}
    person = tracks[0].clip.subject
    inverted = measure_clips(
        Dataset.of(
            [
                replace(t, clip=replace(t.clip, label=other[t.clip.label]))
                if t.clip.subject == person
                else t
                for t in tracks
            ],
            LIVE,
        )
    )
    own = found.data.subjects[found.clips] == person
    one, two = held_out_scores(found, seed=0), held_out_scores(inverted, seed=0)
    np.testing.assert_array_equal(one[own], two[own])
    assert (one[~own] != two[~own]).any()


def test_a_person_with_one_clip_is_left_out(tracks: list[Track]) -> None:
    alone = [tracks[0], *tracks[CLIPS_EACH:]]
    found = measure_clips(Dataset.of(alone, LIVE))
    assert 0 not in found.clips


def test_clips_that_are_cut_close_may_be_left_out(tracks: list[Track], found: ClipOnsets) -> None:
    middle_s = float(np.median(found.before_s))
    later = measure_clips(found.data, middle_s)
    assert 0 < len(later.clips) < len(found.clips)
    assert later.before_s.min() >= middle_s


def test_an_onset_without_order_counts_as_together_in_the_regression_alone(
    found: ClipOnsets,
) -> None:
    first = replace(found.onsets[0], mouth_lead_s=None)
    changed = replace(found, onsets=(first, *found.onsets[1:]))
    assert np.isnan(changed.measure("mouth_lead_s")[0])
    assert changed.inputs()[0, LEARNED.index("mouth_lead_s")] == 0.0
    scored = changed.scored(changed.measure("mouth_lead_s"), ALL)
    assert len(scored.genuine) < len(found.clips)


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
