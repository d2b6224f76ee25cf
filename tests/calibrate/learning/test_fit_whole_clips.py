"""Protocol `whole` on synthetic people: joins the parts of a clip, for held-out people."""

from dataclasses import replace

import numpy as np
import pytest

from calibrate.data.dataset import FIRST, LAST, LIVE, RISE, Dataset
from calibrate.learning.fit import LearningConfig
from calibrate.learning.fit_whole_clips import (
    PARTS,
    WholeClipModel,
    WholeClipReaders,
    fit_whole_clips_model,
    score_whole_clips,
)
from calibrate.metrics import Scored, auc

PLANTED_AUC = 0.75


@pytest.fixture(scope="module")
def joined(data: Dataset, inside: np.ndarray, plan: LearningConfig) -> WholeClipModel:
    """Return a smaller model than that of the fit itself: each part trains its own networks."""
    less = replace(
        plan,
        training=replace(plan.training, ticks=(LIVE.frames,)),
        single_emotion_epochs_factor=0,
        ensemble_size=1,
        known_clip_counts=(1,),
    )
    return fit_whole_clips_model(data, inside, less, lambda done: None)


def test_the_planted_difference_is_found_in_whole_clips_of_held_out_people(
    joined: WholeClipModel, data: Dataset, outside: np.ndarray
) -> None:
    scores = score_whole_clips(joined, data, outside.tolist(), 1)
    assert list(scores) == outside.tolist()
    log_odds = np.array([scores[int(clip)][0] for clip in outside])
    found = auc(
        Scored(log_odds, data.genuine[outside], data.subjects[outside], data.emotions[outside])
    )
    assert found is not None
    assert found > PLANTED_AUC


def test_each_part_is_read_by_its_own_networks(
    joined: WholeClipModel, data: Dataset, plan: LearningConfig
) -> None:
    """Another beginning of a clip changes the first part, and others only through the person."""
    assert len(joined.learned) == len(PARTS)
    clip, emotion = 0, str(data.emotions[0])
    track = data.tracks[clip]
    early = track.times_s < track.times_s[0] + 0.5
    points = track.points_px.copy()
    points[early, 30:] += 6
    shapes = data.shapes[clip].copy()
    shapes[:4, 30:40] += 0.05
    tracks = (replace(track, points_px=points), *data.tracks[1:])
    changed = replace(data, tracks=tracks, shapes=(shapes, *data.shapes[1:]))
    one, two = (
        WholeClipReaders(joined.learned, d).inputs(clip, emotion, 3) for d in (data, changed)
    )
    apart = np.abs(one - two)
    change_by_part = dict(zip(PARTS, apart, strict=False))
    assert change_by_part[FIRST] > 1e-3
    assert change_by_part[RISE] > 1e-3  # the beginning is what it rises from
    assert change_by_part[LAST] == pytest.approx(0, abs=1e-5)
