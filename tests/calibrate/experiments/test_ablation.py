from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from hasty_ablation import hasten
from read_outs import with_packaged_read_out
from synthetic import with_appearance

from calibrate.data.clips import DataError
from calibrate.data.dataset import Dataset
from calibrate.data.tracks import save_tracks
from calibrate.experiments import ablation, known_neutral, read_out_in_gate, recordings_tell
from calibrate.experiments.ablation import (
    APPEARANCE_ALONE,
    AS_ANY,
    BOTH,
    INPUTS_LEFT_OUT,
    LANDMARKS_ALONE,
    WITHOUT_ONSET,
    WITHOUT_PERSON,
    WITHOUT_READ_OUT,
    Corpus,
    configurations,
    held_out_scores,
    learn,
    main,
    report_lines,
    scores_of_any,
)
from calibrate.learning.fit import LearningConfig
from calibrate.learning.out_of_fold import TickFeatures
from calibrate.metrics import Scored, auc
from realtime.verdict.features import INPUTS


@pytest.fixture(autouse=True)
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    hasten(monkeypatch)


def corpus_with(data: Dataset, onset: np.ndarray) -> Corpus:
    """Return two ticks a clip whose movement is noise and whose onset's duration is `onset`."""
    clip = np.repeat(np.arange(len(data)), 2)
    inputs = np.random.default_rng(0).normal(0, 1, (len(clip), len(INPUTS))).astype(np.float32)
    inputs[:, 2], inputs[:, 3] = onset[clip], 0.0
    at_s = np.array([data.tracks[c].times_s[-1] for c in clip])
    return Corpus(data, {0: TickFeatures(inputs, clip, at_s)})


def corpus_with_bias(data: Dataset) -> Corpus:
    """Return the same with a person bias that tells the label, and onsets that tell nothing."""
    corpus = corpus_with(data, np.zeros(len(data)))
    features = corpus.features[0]
    features.inputs[:, 1] = -2.0 * data.genuine[features.clip]
    return corpus


def area(data: Dataset, score: np.ndarray) -> float:
    found = auc(Scored(score, data.genuine, data.subjects, data.emotions))
    assert found is not None
    return found


def test_an_onset_that_tells_is_found_and_one_that_does_not_is_not(data: Dataset) -> None:
    rng = np.random.default_rng(1)
    noise = rng.normal(0, 1, len(data))
    told = corpus_with(data, noise + 2 * data.genuine)
    assert area(data, held_out_scores(told, 0)) > 0.8
    assert area(data, held_out_scores(told, 0, WITHOUT_ONSET)) < 0.65
    assert area(data, held_out_scores(corpus_with(data, noise), 0)) < 0.65


def test_that_a_clip_was_cut_in_its_onset_tells_nothing(data: Dataset) -> None:
    cut = corpus_with(data, np.where(data.genuine, np.nan, 0.5).astype(np.float32))
    assert area(data, held_out_scores(cut, 0)) < 0.65


def test_the_labels_of_a_person_have_no_part_in_their_own_scores(data: Dataset) -> None:
    corpus = corpus_with(data, np.random.default_rng(1).normal(0, 1, len(data)))
    own = data.subjects == data.subjects[0]
    other = {"genuine": "fake", "fake": "genuine"}
    tracks = [
        replace(t, clip=replace(t.clip, label=other[t.clip.label])) if mine else t
        for t, mine in zip(data.tracks, own, strict=True)
    ]
    inverted = replace(corpus, data=replace(data, tracks=tuple(tracks)))
    one, two = (held_out_scores(each, 0) for each in (corpus, inverted))
    np.testing.assert_array_equal(one[own], two[own])
    assert (one[~own] != two[~own]).any()


def test_a_person_bias_that_tells_is_missed(data: Dataset) -> None:
    corpus = corpus_with_bias(data)
    assert area(data, held_out_scores(corpus, 0)) > 0.8
    assert area(data, held_out_scores(corpus, 0, WITHOUT_PERSON)) < 0.65


def test_any_is_scored_by_the_weights_of_all_emotions(data: Dataset) -> None:
    """What tells in one emotion alone, and the opposite in the other, tells `any` nothing."""
    sign = np.where(data.emotions == data.emotions[0], 1.0, -1.0)
    opposite = corpus_with(data, sign * (data.genuine - 0.5))
    assert area(data, held_out_scores(opposite, 0)) > 0.9
    assert area(data, scores_of_any(opposite, 0, opposite)) < 0.65


def test_a_line_says_what_is_lost_with_what_is_left_out(data: Dataset) -> None:
    whole, blind = corpus_with_bias(data), corpus_with(data, np.zeros(len(data)))
    lines = [*report_lines({BOTH: whole, LANDMARKS_ALONE: blind, APPEARANCE_ALONE: whole}, whole)]
    of_all = {
        line.split(", ")[2].split(":")[0]: line.partition("change ")[2].split(" ")
        for line in lines[1:]
        if "all clips" in line
    }
    assert [*of_all] == [BOTH, LANDMARKS_ALONE, APPEARANCE_ALONE, *INPUTS_LEFT_OUT, AS_ANY]
    assert of_all[BOTH] == [""]
    assert of_all[APPEARANCE_ALONE][0] == "+0.000"
    for name in (LANDMARKS_ALONE, "without the person bias"):
        change, low, _, high = of_all[name]
        assert float(low.strip("(")) <= float(change) <= float(high.strip(")")) < -0.1


def test_each_view_is_learned_by_held_out_networks_alone(
    data: Dataset, hasty: LearningConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hasten(monkeypatch, hasty)
    tracks = [with_packaged_read_out(track) for track in with_appearance(data.tracks)]
    for view, (points, looks, read_out) in {
        BOTH: (True, True, True),
        LANDMARKS_ALONE: (True, False, True),
        APPEARANCE_ALONE: (False, True, True),
        WITHOUT_READ_OUT: (True, True, False),
    }.items():
        learned, seen = learn(view, tracks, tmp_path)
        assert (len(seen.at_rest) > 0) == read_out, view
        assert (learned.stages.thresholds.rest is not None) == read_out, view
        assert set(learned.networks) == set(learned.held_out_networks)
        directions = learned.basis.directions
        assert directions[:, :80].any() == points, view
        assert directions[:, 80:].any() == looks, view
    kept = sorted(tmp_path.glob("*/*.npz"))
    assert len(kept) == hasty.held_out_folds * len(configurations())


def test_the_command_has_a_line_for_each_variant(
    data: Dataset,
    hasty: LearningConfig,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    counts = (0, 1)
    config = replace(hasty, known_clip_counts=counts)
    hasten(monkeypatch, config)
    save_tracks(tmp_path / "tracks.npz", with_appearance(data.tracks))
    assert main([str(tmp_path / "tracks.npz"), "-o", str(tmp_path / "networks")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"{len(set(data.subjects))} people, {len(data)} clips"
    variants = len(configurations()) + len(INPUTS_LEFT_OUT) + len([AS_ANY])
    assert len(lines) == 1 + 2 * len(counts) * variants


@pytest.mark.parametrize("experiment", [ablation, known_neutral, recordings_tell, read_out_in_gate])
def test_tracks_without_the_appearance_are_refused(
    experiment: ModuleType, data: Dataset, tmp_path: Path
) -> None:
    save_tracks(tmp_path / "tracks.npz", list(data.tracks))
    with pytest.raises(DataError, match="holds no appearance"):
        experiment.main([str(tmp_path / "tracks.npz"), "-o", str(tmp_path / "networks")])
