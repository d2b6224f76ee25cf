"""Online profiles and pairs of synthetic people, scored by one small model."""

import numpy as np
import pytest

from calibrate.data.dataset import Dataset
from calibrate.evaluation import online_profile
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
def thresholds(data: Dataset, inside: np.ndarray, model: FittedModel) -> ExpressionThresholds:
    return fit_expression_thresholds(data, inside, model.learned.population)


@pytest.fixture(scope="module")
def online(
    data: Dataset, outside: np.ndarray, model: FittedModel, thresholds: ExpressionThresholds
) -> OnlineRows:
    return score_online(model, data, outside.tolist(), thresholds)


@pytest.fixture(scope="module")
def pairs(data: Dataset, outside: np.ndarray, model: FittedModel) -> PairScores:
    return score_pairs(model, model.learned.windows(data), outside.tolist())


def test_every_window_occurs_in_every_order_and_once_as_the_first(
    online: OnlineRows, outside: np.ndarray
) -> None:
    for way in (RUNNING, WITHOUT_RANGE):
        first = [clip for clip, seen, *_ in online[way] if seen == 0]
        assert sorted(first) == sorted(outside.tolist())
        later = [clip for clip, seen, *_ in online[way] if seen > 0]
        assert set(later) == {*outside.tolist()}
        people = len(outside) // 8  # of eight clips each
        assert len(later) == ORDERS * (len(outside) - people)


def test_expressions_of_a_person_count_from_the_first(online: OnlineRows, data: Dataset) -> None:
    before = -1
    for _, known_expressions, _, scores in online[RUNNING]:
        assert known_expressions in (0, before + 1)
        assert scores
        assert np.isfinite(scores).all()
        before = known_expressions


@pytest.mark.parametrize("count", [1, 2, 3, 4, 9])
def test_each_of_few_clips_is_the_first_once_too(count: int) -> None:
    orders = online_profile._orders(range(count))
    assert sorted(order[0] for order in orders) == [*range(count)]
    assert sum(len(order) == count for order in orders) == min(count, ORDERS)


def test_the_movement_range_changes_later_windows_but_not_the_first(online: OnlineRows) -> None:
    same = [
        np.allclose(one[3], other[3])
        for one, other in zip(online[RUNNING], online[WITHOUT_RANGE], strict=True)
        if one[1] == 0
    ]
    later = [
        np.allclose(one[3], other[3])
        for one, other in zip(online[RUNNING], online[WITHOUT_RANGE], strict=True)
        if one[1] > 3
    ]
    assert all(same)
    assert not all(later)


def test_earlier_windows_change_the_scores_of_a_window(
    online: OnlineRows, data: Dataset, model: FittedModel, thresholds: ExpressionThresholds
) -> None:
    clip = next(clip for clip, known_expressions, *_ in online[RUNNING] if known_expressions > 4)
    later = next(
        scores
        for c, known_expressions, _, scores in online[RUNNING]
        if c == clip and known_expressions > 4
    )
    ((_, _, _, alone),) = OnlineSimulation(model, data, thresholds).run([clip])
    assert not np.allclose(alone, later)


def test_the_simulation_is_deterministic(
    online: OnlineRows,
    data: Dataset,
    outside: np.ndarray,
    model: FittedModel,
    thresholds: ExpressionThresholds,
) -> None:
    assert score_online(model, data, outside.tolist(), thresholds) == online


def test_saved_profiles_score_clips_outside_the_profile(
    data: Dataset, model: FittedModel, thresholds: ExpressionThresholds
) -> None:
    """Synthetic people have too few clips for a full saved profile: this one takes fewer."""
    own = np.flatnonzero(data.subjects == data.subjects[0])
    streamer = OnlineSimulation(model, data, thresholds)
    saved = streamer.profile(own[:5].tolist())
    assert saved.stats.clips == saved.clips == 5
    rows = list(streamer.run(own[5:].tolist(), saved=saved))
    assert [clip for clip, *_ in rows] == own[5:].tolist()
    stranger = list(streamer.run(own[5:].tolist()))
    assert rows[0][3] != stranger[0][3]
    assert rows[0][2]
    assert not stranger[0][2]


def test_one_person_alone_has_no_one_else_to_be_taken_for(
    data: Dataset,
    model: FittedModel,
    thresholds: ExpressionThresholds,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(online_profile, "SAVED_CLIPS", 2)
    monkeypatch.setattr(online_profile, "ORDERS", 1)
    one, two = (np.flatnonzero(data.subjects == name)[:3].tolist() for name in ("1", "2"))
    alone = score_online(model, data, one, thresholds)
    assert [len(alone[way]) for way in (RUNNING, OWN, ANOTHERS)] == [5, 1, 0]
    together = score_online(model, data, one + two, thresholds)
    assert [len(together[way]) for way in (RUNNING, OWN, ANOTHERS)] == [10, 2, 2]


def test_without_remaining_clips_saved_profiles_score_nothing(
    online: OnlineRows, data: Dataset
) -> None:
    assert max(np.unique(data.subjects, return_counts=True)[1]) <= SAVED_CLIPS
    assert online[OWN] == online[ANOTHERS] == []


class TestPairs:
    def test_a_pair_is_a_genuine_and_a_fake_clip_of_one_person_and_emotion(
        self, pairs: PairScores, data: Dataset
    ) -> None:
        assert pairs
        for genuine, fake, *_ in pairs:
            assert data.genuine[genuine]
            assert not data.genuine[fake]
            assert data.subjects[genuine] == data.subjects[fake]
            assert data.emotions[genuine] == data.emotions[fake]

    def test_no_clip_is_in_two_pairs_and_pairs_per_group_are_limited(
        self, pairs: PairScores, data: Dataset
    ) -> None:
        clips = [clip for pair in pairs for clip in pair[:2]]
        assert len(set(clips)) == len(clips)
        groups = [(data.subjects[genuine], data.emotions[genuine]) for genuine, *_ in pairs]
        assert max(map(groups.count, groups)) <= MAX_PAIRS

    def test_the_planted_difference_is_found(self, pairs: PairScores) -> None:
        """Two apexes give a poor neutral and pairs are few: compare mean scores, not the order."""
        assert np.mean([one - other for _, _, one, other in pairs]) > 0.3

    def test_the_order_of_a_pair_does_not_matter(
        self, data: Dataset, model: FittedModel, pairs: PairScores
    ) -> None:
        genuine, fake, one, other = pairs[0]
        turned = PairScorer(model, model.learned.windows(data)).scores(
            (fake, genuine), str(data.emotions[genuine])
        )
        assert turned == pytest.approx((other, one), abs=1e-5)
