from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hasty_ablation import hasten
from synthetic import with_appearance

from calibrate.data.dataset import Dataset
from calibrate.data.tracks import save_tracks
from calibrate.experiments import recordings_tell
from calibrate.experiments.recordings_tell import (
    OTHER,
    OWN,
    clips_with_others,
    less_own,
    main,
    others_of_label,
    stats_by_label,
    told_by_rest,
)
from calibrate.learning.fit import LearningConfig
from calibrate.metrics import Scored, auc

PEOPLE, CLIPS, WIDTH = 12, 12, 30


def people_at_rest(
    told: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Faces at rest of people who each look different, and hold it by `told` apart by label."""
    subjects = np.repeat([f"p{number:02}" for number in range(PEOPLE)], CLIPS)
    genuine = np.tile(np.arange(CLIPS) % 2 == 0, PEOPLE)
    own = np.repeat(rng.normal(0, 3, (PEOPLE, WIDTH)), CLIPS, axis=0)
    held = np.outer(np.where(genuine, told, -told), np.ones(WIDTH) / np.sqrt(WIDTH))
    shapes = (own + held + rng.normal(0, 1, own.shape)).astype(np.float32)
    return shapes, genuine, subjects


def area(told: float, components: int, seed: int) -> float:
    shapes, genuine, subjects = people_at_rest(told, np.random.default_rng(seed))
    held, known = less_own(shapes, genuine, subjects)
    assert known.all()
    score = told_by_rest(held, genuine, subjects, components)
    p_genuine = 1 / (1 + np.exp(-score))
    found = auc(Scored(p_genuine, genuine, subjects, np.full(len(score), "anger")))
    assert found is not None
    return found


@pytest.mark.parametrize("components", [5, 20])
def test_a_face_that_is_held_otherwise_tells_the_label(components: int) -> None:
    assert area(2.0, components, 1) > 0.9


def test_a_face_that_is_held_alike_tells_nothing() -> None:
    assert np.mean([area(0.0, 10, seed) for seed in range(8)]) == pytest.approx(0.5, abs=0.06)


def test_how_many_clips_of_a_label_there_are_tells_nothing() -> None:
    """A plain mean of the others lies nearer to those of the more frequent label."""
    shapes, genuine, subjects = people_at_rest(0.0, np.random.default_rng(3))
    shapes[genuine] += 5
    rare = genuine & (np.arange(len(genuine)) % CLIPS > 3)
    held, known = less_own(shapes[~rare], genuine[~rare], subjects[~rare])
    assert known.all()
    assert held[~genuine[~rare]].mean() == pytest.approx(-2.5, abs=0.3)


def test_who_has_no_other_clip_of_a_label_is_left_out() -> None:
    shapes, genuine, subjects = people_at_rest(1.0, np.random.default_rng(4))
    genuine[:CLIPS] = [True] + [False] * (CLIPS - 1)
    held, known = less_own(shapes, genuine, subjects)
    assert not known[0]
    assert known[1:].all()
    assert len(held) == len(shapes) - 1


def test_the_others_have_the_label_that_is_asked_for(data: Dataset) -> None:
    for clip in range(0, len(data), 7):
        own, other = (others_of_label(data, clip, which) for which in (True, False))
        assert clip not in {*own, *other}
        assert (data.genuine[own] == data.genuine[clip]).all()
        assert (data.genuine[other] != data.genuine[clip]).all()
        assert {*data.subjects[own], *data.subjects[other]} <= {data.subjects[clip]}


def test_the_neutral_is_of_the_label_that_is_asked_for(
    data: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recordings_tell, "OF_EACH_LABEL", 2)
    clip = int(clips_with_others(data)[0])
    assert stats_by_label(data, clip, (), 0) is None
    own, other, both = (
        stats_by_label(data, clip, each, 0) for each in (OWN, OTHER, (*OWN, *OTHER))
    )
    assert own is not None
    assert other is not None
    assert both is not None
    assert not np.array_equal(own.neutral, other.neutral)
    assert both.clips == own.clips == recordings_tell.MANY
    assert both.expressions == 0


def test_the_command_has_a_line_for_each_neutral_and_each_classifier(
    data: Dataset,
    hasty: LearningConfig,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(recordings_tell, "OF_EACH_LABEL", 2)
    config = replace(hasty, known_clip_counts=(0, round(recordings_tell.MANY)))
    hasten(monkeypatch, config)
    save_tracks(tmp_path / "tracks.npz", with_appearance(data.tracks))
    assert main([str(tmp_path / "tracks.npz"), "-o", str(tmp_path / "networks")]) == 0
    lines = capsys.readouterr().out.splitlines()
    names = [line.split(":")[0].split(", ", 1)[1] for line in lines]
    assert names == [
        "neutral guessed",
        "of genuine and fake clips",
        "of clips of its own label",
        "of clips of the other label",
        "face at rest, 5 components",
        "face at rest, 10 components",
        "face at rest, 20 components",
    ]
