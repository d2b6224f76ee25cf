import numpy as np
import pytest

from realtime.core.messages import Estimate, Onset
from realtime.verdict.features import INPUTS, MONOTONE, MOVEMENT_INPUTS, FeatureExtractor, ReadOut
from realtime.verdict.person_bias import BIAS_PRIOR, PersonBias

FIRST_PB = ReadOut(np.eye(64, dtype=np.float32)[0], 0.0)


def estimate(first: float) -> Estimate:
    pb = np.zeros(64, np.float32)
    pb[0] = first
    return Estimate(pb, 0.5, 0.1, 1, None, False)


def by_name(inputs: np.ndarray) -> dict[str, float]:
    return dict(zip(INPUTS, inputs.tolist(), strict=True))


def test_a_read_out_is_linear_in_the_pb() -> None:
    assert ReadOut(np.full(64, 2.0, np.float32), 0.5).log_odds(
        np.ones(64, np.float32)
    ) == pytest.approx(128.5)


def test_a_read_out_of_the_wrong_size_is_refused() -> None:
    with pytest.raises(ValueError, match="want \\(64,\\)"):
        ReadOut(np.zeros(63, np.float32), 0.0)


def test_the_log_odds_are_the_mean_over_networks() -> None:
    read_outs = [FIRST_PB, ReadOut(-FIRST_PB.weights, 1.0)]
    values = by_name(
        FeatureExtractor(read_outs, read_outs, PersonBias()).features(
            [estimate(2.0), estimate(0.0)]
        )
    )
    assert values["movement"] == pytest.approx((2.0 + 1.0) / 2)


def test_an_ended_expression_enters_the_person_bias_by_the_read_out_of_any_emotion() -> None:
    extractor = FeatureExtractor([ReadOut(10 * FIRST_PB.weights, 0.0)], [FIRST_PB], PersonBias())
    for log_odds in (1.0, 3.0):
        extractor.features([estimate(log_odds)])
    extractor.end_expression()
    values = by_name(extractor.features([estimate(-1.0)]))
    assert values["person"] == pytest.approx(2.0 / (1 + BIAS_PRIOR))
    assert values["movement"] == pytest.approx(-10.0)


def test_an_end_without_an_expression_leaves_the_person_bias() -> None:
    extractor = FeatureExtractor([FIRST_PB], [FIRST_PB], PersonBias())
    extractor.end_expression()
    assert extractor.bias.shrunk == 0


def test_an_onset_enters_by_its_logarithms() -> None:
    extractor = FeatureExtractor([FIRST_PB], [FIRST_PB], PersonBias())
    onset = Onset(1.0, 1.5, 2.0, 8.0, 3.0, 0.9, None, 0.1)
    values = by_name(extractor.features([estimate(0.5)], onset))
    assert values["onset_duration"] == pytest.approx(np.log(0.5))
    assert values["onset_speed"] == pytest.approx(np.log(8.0))


def test_an_onset_that_was_not_seen_is_missing_and_all_else_is_there() -> None:
    inputs = FeatureExtractor([FIRST_PB], [FIRST_PB], PersonBias()).features([estimate(0.5)])
    assert np.isnan(inputs[MOVEMENT_INPUTS:]).all()
    assert np.isfinite(inputs[:MOVEMENT_INPUTS]).all()
    assert len(inputs) == len(INPUTS) == len(MONOTONE)
