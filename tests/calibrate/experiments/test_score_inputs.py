from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from calibrate.bundle.writer import write_networks
from calibrate.data.dataset import LIVE, Dataset
from calibrate.data.tracks import save_tracks
from calibrate.experiments import score_inputs
from calibrate.experiments.score_inputs import Corpus, held_out_scores, main, measure
from calibrate.learning.fit import FittedModel
from calibrate.learning.gate_thresholds import fit_gate
from calibrate.learning.out_of_fold import TickFeatures
from calibrate.metrics import Scored, auc
from realtime.verdict.features import INPUTS


@pytest.fixture(autouse=True)
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(score_inputs, "DEALS", 1)
    monkeypatch.setattr(score_inputs, "FOLDS", 3)


def corpus_with(data: Dataset, onset: np.ndarray) -> Corpus:
    """Return two ticks a clip whose movement is noise and whose onset's duration is `onset`."""
    clip = np.repeat(np.arange(len(data)), 2)
    inputs = np.random.default_rng(0).normal(0, 1, (len(clip), len(INPUTS))).astype(np.float32)
    inputs[:, 2], inputs[:, 3] = onset[clip], 0.0
    at_s = np.array([data.tracks[c].times_s[-1] for c in clip])
    return Corpus(data, {0: TickFeatures(inputs, clip, at_s)})


def area(data: Dataset, score: np.ndarray) -> float:
    found = auc(Scored(score, data.genuine, data.subjects, data.emotions))
    assert found is not None
    return found


def test_an_onset_that_tells_is_found_and_one_that_does_not_is_not(data: Dataset) -> None:
    rng = np.random.default_rng(1)
    noise = rng.normal(0, 1, len(data))
    told = corpus_with(data, noise + 2 * data.genuine)
    assert area(data, held_out_scores(told, 0, onset=True)) > 0.8
    assert area(data, held_out_scores(told, 0, onset=False)) < 0.65
    assert area(data, held_out_scores(corpus_with(data, noise), 0, onset=True)) < 0.65


def test_that_a_clip_was_cut_in_its_onset_tells_nothing(data: Dataset) -> None:
    cut = corpus_with(data, np.where(data.genuine, np.nan, 0.5).astype(np.float32))
    assert area(data, held_out_scores(cut, 0, onset=True)) < 0.65


def test_the_labels_of_a_person_have_no_part_in_their_own_scores(data: Dataset) -> None:
    corpus = corpus_with(data, np.random.default_rng(1).normal(0, 1, len(data)))
    own = data.subjects == data.subjects[0]
    other = {"genuine": "fake", "fake": "genuine"}
    tracks = [
        replace(t, clip=replace(t.clip, label=other[t.clip.label])) if mine else t
        for t, mine in zip(data.tracks, own, strict=True)
    ]
    inverted = replace(corpus, data=replace(data, tracks=tuple(tracks)))
    one, two = (held_out_scores(each, 0, onset=True) for each in (corpus, inverted))
    np.testing.assert_array_equal(one[own], two[own])
    assert (one[~own] != two[~own]).any()


def test_the_command_has_a_line_for_each_variant(
    data: Dataset, model: FittedModel, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    learned = model.learned
    write_networks(tmp_path / "learned", learned, LIVE, fit_gate(data, learned.population))
    save_tracks(tmp_path / "tracks.npz", list(data.tracks))
    assert main([str(tmp_path / "learned"), str(tmp_path / "tracks.npz")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"{len(set(data.subjects))} people, {len(data)} clips"
    counts = learned.learning_config.known_clip_counts
    assert len(lines) == 1 + len(counts) * 2 * 2
    assert {*measure(learned, data.subset(np.arange(8))).features} == {*counts}
