from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from synthetic import simulate

from calibrate.data.dataset import LIVE, Dataset
from calibrate.learning.clip_onsets import LEAST_ONSETS, ClipOnsets, known_onsets, measure_clips
from calibrate.learning.population import population_range

PEOPLE, CLIPS_EACH = 8, 8


def measured(data: Dataset, least_before_s: float = 0.0) -> ClipOnsets:
    return measure_clips(data, population_range(data.stats_by_person().values()), least_before_s)


@pytest.fixture(scope="module")
def data() -> Dataset:
    """Return clips in which fake onsets are much faster."""
    return Dataset.of(simulate(PEOPLE, CLIPS_EACH, 0, 4, ("happiness", "surprise")), LIVE)


@pytest.fixture(scope="module")
def found(data: Dataset) -> ClipOnsets:
    return measured(data)


def test_nearly_all_clips_show_their_onset(found: ClipOnsets) -> None:
    assert len(found.clips) > 0.9 * PEOPLE * CLIPS_EACH
    assert found.before_s.min() > 0


def test_a_person_with_one_clip_is_left_out(data: Dataset) -> None:
    alone = data.subset([0, *range(CLIPS_EACH, len(data))])
    assert 0 not in measured(alone).clips


def test_clips_that_are_cut_close_may_be_left_out(data: Dataset, found: ClipOnsets) -> None:
    middle_s = float(np.median(found.before_s))
    later = measured(data, middle_s)
    assert 0 < len(later.clips) < len(found.clips)
    assert later.before_s.min() >= middle_s


def test_an_onset_without_order_has_no_score(found: ClipOnsets) -> None:
    first = replace(found.onsets[0], mouth_lead_s=None)
    changed = replace(found, onsets=(first, *found.onsets[1:]))
    assert np.isnan(changed.measure("mouth_lead_s")[0])
    scored = changed.scored(changed.measure("mouth_lead_s"))
    assert len(scored.genuine) < len(found.clips)


def test_known_onsets_are_the_quantiles_by_emotion_and_label(found: ClipOnsets) -> None:
    known = known_onsets(found, 0.0)
    assert {*known.genuine} == {"happiness", "surprise"}
    scored = found.scored(found.measure("relative_speed"), "surprise")
    assert known.genuine["surprise"][9] == pytest.approx(
        np.median(scored.p_genuine[scored.genuine]), rel=1e-6
    )
    assert (known.fake["surprise"] > known.genuine["surprise"]).all()


def test_small_onsets_and_emotions_with_few_are_left_out(found: ClipOnsets) -> None:
    assert known_onsets(found, 100.0).genuine == {}
    amplitude = found.measure("amplitude")
    scored = found.scored(amplitude, "surprise")
    of_genuine = np.sort(scored.p_genuine[scored.genuine])
    assert len(of_genuine) == LEAST_ONSETS + 1
    assert "surprise" in known_onsets(found, float(of_genuine[1])).genuine
    assert "surprise" not in known_onsets(found, float(of_genuine[2])).genuine
