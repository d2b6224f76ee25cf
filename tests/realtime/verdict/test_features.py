import numpy as np
import pytest

from realtime.core.messages import Estimate
from realtime.person.stats import MAX_CLIPS
from realtime.verdict.features import INPUTS, FeatureExtractor, ReadOut
from realtime.verdict.person_bias import BIAS_PRIOR, MAX_BIAS_EXPRESSIONS, PersonBias

FIRST = ReadOut(np.eye(64, dtype=np.float32)[0], 0.0)


def estimate(first: float) -> Estimate:
    pb = np.zeros(64, np.float32)
    pb[0] = first
    return Estimate(pb, 0.5, 0.1, 1, None, False)


def named(inputs: np.ndarray) -> dict[str, float]:
    return dict(zip(INPUTS, inputs.tolist(), strict=True))


def test_a_read_out_is_linear_in_the_pb() -> None:
    assert ReadOut(np.full(64, 2.0, np.float32), 0.5).log_odds(
        np.ones(64, np.float32)
    ) == pytest.approx(128.5)


def test_a_read_out_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="want \\(64,\\)"):
        ReadOut(np.zeros(63, np.float32), 0.0)


def test_networks_speak_with_one_mean_voice() -> None:
    both = [FIRST, ReadOut(-FIRST.weights, 1.0)]
    found = named(
        FeatureExtractor(both, both, PersonBias()).features([estimate(2.0), estimate(0.0)])
    )
    assert found["log_odds"] == pytest.approx((2.0 + 1.0) / 2)


def test_a_movement_that_ends_becomes_part_of_the_level_as_any_emotion_reads_it() -> None:
    evidence = FeatureExtractor([ReadOut(10 * FIRST.weights, 0.0)], [FIRST], PersonBias())
    for value in (1.0, 3.0):
        evidence.features([estimate(value)])
    evidence.end_expression()
    found = named(evidence.features([estimate(-1.0)]))
    assert found["level"] == pytest.approx(2.0 / (1 + BIAS_PRIOR))
    assert found["log_odds"] == pytest.approx(-10.0)


def test_an_end_without_a_movement_leaves_the_level_alone() -> None:
    evidence = FeatureExtractor([FIRST], [FIRST], PersonBias())
    evidence.end_expression()
    assert evidence.bias.shrunk == 0


class TestLevel:
    def test_what_is_known_beforehand_counts_like_what_is_seen(self) -> None:
        beforehand, seen = PersonBias(2.0, 4), PersonBias()
        for _ in range(4):
            seen.add(2.0)
        assert (
            beforehand.shrunk == pytest.approx(seen.shrunk) == pytest.approx(8 / (4 + BIAS_PRIOR))
        )

    def test_it_is_bounded(self) -> None:
        level = PersonBias()
        for _ in range(10 * MAX_BIAS_EXPRESSIONS):
            level.add(1.0)
        assert level.shrunk == pytest.approx(
            MAX_BIAS_EXPRESSIONS / (MAX_BIAS_EXPRESSIONS + BIAS_PRIOR)
        )

    def test_another_person_starts_from_none(self) -> None:
        level = PersonBias(2.0, 4)
        level.add(3.0)
        level.reset()
        assert level.shrunk == 0

    def test_the_expected_person_starts_from_what_was_known_of_them(self) -> None:
        level = PersonBias(2.0, 4)
        level.add(3.0)
        assert level.mean == (pytest.approx(11 / 5), 5)
        level.reset()
        assert level.mean == (0.0, 0)
        level.reset(expected=True)
        assert level.mean == (2.0, 4)

    def test_what_is_sure_of_the_expected_person_is_what_they_come_back_with(self) -> None:
        level = PersonBias(2.0, 4)
        level.add(7.0, expression=1)
        level.add(-50.0, expression=2)  # of whoever looked in
        level.confirm(confirmed_expressions=1)
        assert level.confirmed == (3.0, 5)
        level.confirm(confirmed_expressions=1)
        assert level.confirmed == (3.0, 5)  # and counts once
        level.reset(expected=True)
        assert level.mean == (3.0, 5)

    def test_while_nothing_is_settled_nothing_is_kept(self) -> None:
        level = PersonBias(2.0, 4)
        level.add(7.0, expression=5)
        level.confirm(confirmed_expressions=4)
        assert level.confirmed == (2.0, 4)

    def test_what_is_kept_session_by_session_weighs_no_more_than_a_long_one(self) -> None:
        level = PersonBias()
        for _ in range(20):
            for expression in range(1, MAX_BIAS_EXPRESSIONS + 1):
                level.add(1.0, expression)
            level.confirm(confirmed_expressions=MAX_BIAS_EXPRESSIONS)
            level.reset(expected=True)
        assert level.confirmed == (pytest.approx(1.0), MAX_CLIPS)
        assert PersonBias(1.0, 1000).mean == (1.0, MAX_CLIPS)
