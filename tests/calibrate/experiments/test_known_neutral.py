from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hasty_ablation import hasten
from synthetic import with_appearance

from calibrate.data.dataset import Dataset
from calibrate.data.tracks import save_tracks
from calibrate.experiments import known_neutral
from calibrate.experiments.ablation import WITHOUT_READ_OUT, learn
from calibrate.experiments.known_neutral import main, measure_known, neutral_alone, shapes_at_rest
from calibrate.learning.fit import LearnedNetworks, LearningConfig


@pytest.fixture
def strangers(
    data: Dataset, hasty: LearningConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[LearnedNetworks, Dataset]:
    counts = (0, round(known_neutral.MANY))
    config = replace(hasty, known_clip_counts=counts)
    hasten(monkeypatch, config)
    return learn(WITHOUT_READ_OUT, with_appearance(data.tracks), tmp_path / "networks")


def test_rest_is_what_is_seen_before_the_onset(strangers: tuple[LearnedNetworks, Dataset]) -> None:
    learned, data = strangers
    rest = shapes_at_rest(learned, data)
    assert len(rest) > 0.3 * len(data)
    for clip, (shape, weight) in rest.items():
        usual = data.stats_from_clips(np.flatnonzero(data.subjects == data.subjects[clip]))
        assert usual is not None
        away = [np.square((each - usual.neutral)[:80]).mean() for each in data.shapes[clip]]
        assert np.square((shape - usual.neutral)[:80]).mean() < np.quantile(away, 0.6)
        assert 0 < weight <= 1


def test_who_is_known_at_rest_has_onsets_and_no_bias(
    strangers: tuple[LearnedNetworks, Dataset],
) -> None:
    learned, data = strangers
    rest = shapes_at_rest(learned, data)
    clips = list(rest)[:10]
    known = measure_known(learned, data, clips, lambda clip: neutral_alone(*rest[clip]))
    unknown = measure_known(learned, data, clips, lambda clip: None)
    assert known.onset_seen(0)[clips].mean() > 0.5
    assert not unknown.onset_seen(0).any()
    assert not known.features[0].inputs[:, 1].any()
    assert set(known.features[0].clip) <= {*clips}


def test_the_command_has_a_line_for_each_source(
    strangers: tuple[LearnedNetworks, Dataset], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, data = strangers
    save_tracks(tmp_path / "tracks.npz", with_appearance(data.tracks))
    assert main([str(tmp_path / "tracks.npz"), "-o", str(tmp_path / "networks")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 5
    assert [("change" in line) for line in lines] == [False, True, True, True, True]
