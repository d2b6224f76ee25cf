import numpy as np
import pytest

from calibrate.data.dataset import Dataset
from calibrate.learning.out_of_fold import (
    ClipEstimates,
    TickFeatures,
    concatenate_features,
    estimate_bias,
    extract_features,
    other_clips,
)
from engines.model.shape import PB
from realtime.core.messages import Estimate, Onset
from realtime.verdict.features import ReadOut, onset_inputs
from realtime.verdict.person_bias import BIAS_PRIOR, PersonBias

READS = [
    ReadOut(np.eye(PB, dtype=np.float32)[0], 0.5),
    ReadOut(np.eye(PB, dtype=np.float32)[1], 0.0),
]

FAST = Onset(0.1, 0.3, 2.0, 12.0, 6.5, 0.9, None, 0.1)


def estimate(*pb: float, loss: float = 1.0) -> Estimate:
    return Estimate(np.array([*pb, *[0.0] * (PB - len(pb))], np.float32), loss, 0.1, 1, None, False)


def estimates(clip: int, *log_odds: float) -> ClipEstimates:
    """Return a clip with the mean log odds `log_odds` of both networks at each tick."""
    found = tuple((estimate(2 * mean - 0.5), estimate(0.0, 0.0)) for mean in log_odds)
    count = len(found)
    motions = (np.zeros((16, 80), np.float32),) * count
    at_s = tuple(0.2 * i for i in range(count))
    return ClipEstimates(clip, at_s, found, tuple(range(count)), motions)


def test_log_odds_of_a_clip_are_the_mean_over_ticks_and_networks() -> None:
    assert estimates(3, 1.0, 2.0).log_odds(READS) == pytest.approx(1.5)
    assert ClipEstimates(3, (), (), (), ()).log_odds(READS) is None


def test_person_bias_is_the_shrunk_mean_of_other_clips() -> None:
    empty = ClipEstimates(3, (), (), (), ())
    assert estimate_bias(
        [estimates(1, 1.0), estimates(2, 3.0), empty], READS
    ).shrunk == pytest.approx(2.0 * 2 / (2 + BIAS_PRIOR))
    assert estimate_bias([empty], READS).shrunk == 0
    assert estimate_bias([], READS).shrunk == 0


def test_features_equal_live_ones_with_clip_and_time() -> None:
    found = extract_features(
        estimates(7, 1.0, 2.0, 6.0), (None, FAST, FAST), READS, PersonBias(4.0, 1.0)
    )
    assert found.clip.tolist() == [7, 7, 7]
    np.testing.assert_allclose(found.at_s, [0, 0.2, 0.4])
    np.testing.assert_allclose(found.inputs[:, 0], [1.0, 2.0, 6.0], rtol=1e-6)
    np.testing.assert_allclose(found.inputs[:, 1], 1.0)
    wanted = [[np.nan] * 2, onset_inputs(FAST), onset_inputs(FAST)]
    np.testing.assert_allclose(found.inputs[:, 2:], wanted, rtol=1e-6)


def test_concatenation_preserves_rows_and_omits_clips_without_ticks() -> None:
    parts = [
        extract_features(one, [None] * len(one.at_s), READS, PersonBias())
        for one in (estimates(1, 1.0), ClipEstimates(2, (), (), (), ()), estimates(3, 2.0, 3.0))
    ]
    assert concatenate_features(parts).clip.tolist() == [1, 3, 3]
    np.testing.assert_allclose(concatenate_features(parts).inputs[:, 0], [1, 2, 3], rtol=1e-6)


def test_features_with_columns_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="2 inputs, 1 clips, 2 times"):
        TickFeatures(np.zeros((2, 4), np.float32), np.zeros(1, np.intp), np.zeros(2))


def test_other_clips_exclude_the_scored_clip_and_repeat_by_seed(data: Dataset) -> None:
    for clip in range(len(data)):
        others = other_clips(data, clip, 5, 0)
        assert len(others) == 5
        assert clip not in others
        assert set(data.subjects[others]) == {data.subjects[clip]}
        np.testing.assert_array_equal(others, other_clips(data, clip, 5, 0))
    assert any(
        (other_clips(data, clip, 5, 0) != other_clips(data, clip, 5, 1)).any() for clip in range(4)
    )
