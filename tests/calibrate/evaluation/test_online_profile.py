"""OnlineRows and pairs over made-up people, by one small model."""

import numpy as np
import pytest

from calibrate.data.dataset import Dataset
from calibrate.evaluation.online_profile import (
    ANOTHERS,
    ORDERS,
    OWN,
    RUNNING,
    SAVED_CLIPS,
    WITHOUT_RANGE,
    OnlineRows,
    OnlineSimulation,
    score_online,
)
from calibrate.evaluation.pairs import MAX_PAIRS, PairScorer, PairScores, score_pairs
from calibrate.learning.fit import FittedModel
from calibrate.learning.gate_thresholds import fit_expression_thresholds
from realtime.person.tracker import ExpressionThresholds


@pytest.fixture(scope="module")
def when(data: Dataset, inside: np.ndarray, model: FittedModel) -> ExpressionThresholds:
    return fit_expression_thresholds(data, inside, model.learned.population)


@pytest.fixture(scope="module")
def streams(
    data: Dataset, outside: np.ndarray, model: FittedModel, when: ExpressionThresholds
) -> OnlineRows:
    return score_online(model, data, outside.tolist(), when)


@pytest.fixture(scope="module")
def pairs(data: Dataset, outside: np.ndarray, model: FittedModel) -> PairScores:
    return score_pairs(model, model.learned.windows(data), outside.tolist())


def test_every_window_is_shown_once_in_every_order(
    streams: OnlineRows, outside: np.ndarray
) -> None:
    for way in (RUNNING, WITHOUT_RANGE):
        clips = [clip for clip, *_ in streams[way]]
        assert sorted(clips) == sorted(outside.tolist() * ORDERS)


def test_a_person_is_seen_from_the_first_expression_on(streams: OnlineRows, data: Dataset) -> None:
    before = -1
    for _, seen, _, scores in streams[RUNNING]:
        assert seen in (0, before + 1)
        assert scores
        assert np.isfinite(scores).all()
        before = seen
    assert len({clip for clip, seen, *_ in streams[RUNNING] if seen == 0}) == ORDERS * len(
        {data.subjects[clip] for clip, *_ in streams[RUNNING]}
    )


def test_a_first_window_is_read_alike_with_and_without_range_and_later_ones_are_not(
    streams: OnlineRows,
) -> None:
    same = [
        np.allclose(one[3], other[3])
        for one, other in zip(streams[RUNNING], streams[WITHOUT_RANGE], strict=True)
        if one[1] == 0
    ]
    later = [
        np.allclose(one[3], other[3])
        for one, other in zip(streams[RUNNING], streams[WITHOUT_RANGE], strict=True)
        if one[1] > 3
    ]
    assert all(same)
    assert not all(later)


def test_what_was_shown_before_changes_how_a_window_is_read(
    streams: OnlineRows, data: Dataset, model: FittedModel, when: ExpressionThresholds
) -> None:
    clip = next(clip for clip, seen, *_ in streams[RUNNING] if seen > 4)
    later = next(scores for c, seen, _, scores in streams[RUNNING] if c == clip and seen > 4)
    ((_, _, _, alone),) = OnlineSimulation(model, data, when).run([clip])
    assert not np.allclose(alone, later)


def test_a_stream_repeats(
    streams: OnlineRows,
    data: Dataset,
    outside: np.ndarray,
    model: FittedModel,
    when: ExpressionThresholds,
) -> None:
    assert score_online(model, data, outside.tolist(), when) == streams


def test_saved_profiles_are_asked_about_clips_that_they_do_not_know(
    data: Dataset, model: FittedModel, when: ExpressionThresholds
) -> None:
    """Of the made-up people nobody has more clips than a saved profile takes; so it is asked with
    fewer.
    """
    own = np.flatnonzero(data.subjects == data.subjects[0])
    streamer = OnlineSimulation(model, data, when)
    saved = streamer.profile(own[:5].tolist())
    assert saved.stats.clips == saved.clips == 5
    rows = list(streamer.run(own[5:].tolist(), saved=saved))
    assert [clip for clip, *_ in rows] == own[5:].tolist()
    stranger = list(streamer.run(own[5:].tolist()))
    assert rows[0][3] != stranger[0][3]
    assert rows[0][2]
    assert not stranger[0][2]


def test_without_clips_left_nothing_is_asked_of_saved_profiles(
    streams: OnlineRows, data: Dataset
) -> None:
    assert max(np.unique(data.subjects, return_counts=True)[1]) <= SAVED_CLIPS
    assert streams[OWN] == streams[ANOTHERS] == []


class TestPairs:
    def test_a_pair_is_a_felt_and_an_acted_clip_of_one_person_and_emotion(
        self, pairs: PairScores, data: Dataset
    ) -> None:
        assert pairs
        for felt, acted, *_ in pairs:
            assert data.genuine[felt]
            assert not data.genuine[acted]
            assert data.subjects[felt] == data.subjects[acted]
            assert data.emotions[felt] == data.emotions[acted]

    def test_no_clip_is_in_two_pairs_and_nobody_speaks_for_all(
        self, pairs: PairScores, data: Dataset
    ) -> None:
        clips = [clip for pair in pairs for clip in pair[:2]]
        assert len(set(clips)) == len(clips)
        groups = [(data.subjects[felt], data.emotions[felt]) for felt, *_ in pairs]
        assert max(map(groups.count, groups)) <= MAX_PAIRS

    def test_the_planted_difference_is_found(self, pairs: PairScores) -> None:
        """Two apexes tell little of a neutral face, and pairs are few: the mean of scores, not
        their order.
        """
        assert np.mean([one - other for _, _, one, other in pairs]) > 0.3

    def test_which_clip_is_named_first_does_not_matter(
        self, data: Dataset, model: FittedModel, pairs: PairScores
    ) -> None:
        felt, acted, one, other = pairs[0]
        turned = PairScorer(model, model.learned.windows(data)).scores(
            (acted, felt), str(data.emotions[felt])
        )
        assert turned == pytest.approx((other, one), abs=1e-5)
