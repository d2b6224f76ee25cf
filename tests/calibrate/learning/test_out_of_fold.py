import numpy as np
import pytest

from calibrate.data.dataset import LIVE, Dataset
from calibrate.learning.fit import ClipReader, FittedModel
from calibrate.learning.out_of_fold import (
    ClipEstimates,
    TickFeatures,
    Watcher,
    gathered,
    joined,
    knowledge,
    level_of,
)
from engines.model.shape import PB
from engines.registry import create_engine
from realtime.core.messages import Estimate
from realtime.verdict.features import ReadOut
from realtime.verdict.person_bias import BIAS_PRIOR, PersonBias

READS = [
    ReadOut(np.eye(PB, dtype=np.float32)[0], 0.5),
    ReadOut(np.eye(PB, dtype=np.float32)[1], 0.0),
]


def estimate(*pb: float, loss: float = 1.0) -> Estimate:
    return Estimate(np.array([*pb, *[0.0] * (PB - len(pb))], np.float32), loss, 0.1, 1, None, False)


def seen(clip: int, *log_odds: float) -> ClipEstimates:
    """A clip in which both networks together say `log_odds` at each tick."""
    ticks = tuple((estimate(2 * said - 0.5), estimate(0.0, 0.0)) for said in log_odds)
    return ClipEstimates(clip, tuple(0.2 * i for i in range(len(ticks))), ticks)


@pytest.fixture(scope="module")
def watcher(data: Dataset, model: FittedModel) -> Watcher:
    learned = model.learned
    engines = [create_engine("torch", learned.networks[name]) for name in learned.judges]
    return Watcher(data, engines, learned.plan.loop(LIVE.frames), learned.population, learned.basis)


def test_a_clip_says_the_mean_of_its_ticks_and_networks() -> None:
    assert seen(3, 1.0, 2.0).log_odds(READS) == pytest.approx(1.5)
    assert ClipEstimates(3, (), ()).log_odds(READS) is None


def test_a_persons_level_is_the_mean_of_the_others_drawn_to_none() -> None:
    unseen = ClipEstimates(3, (), ())
    assert level_of([seen(1, 1.0), seen(2, 3.0), unseen], READS).shrunk == pytest.approx(
        2.0 * 2 / (2 + BIAS_PRIOR)
    )
    assert level_of([unseen], READS).shrunk == 0
    assert level_of([], READS).shrunk == 0


def test_ticks_are_gathered_as_live_with_clip_and_time() -> None:
    found = gathered(seen(7, 1.0, 2.0, 6.0), READS, PersonBias(4.0, 1.0))
    assert found.clip.tolist() == [7, 7, 7]
    np.testing.assert_allclose(found.at_s, [0, 0.2, 0.4])
    np.testing.assert_allclose(found.inputs[:, 0], [1.0, 2.0, 6.0], rtol=1e-6)
    np.testing.assert_allclose(found.inputs[:, 1], 1.0)


def test_joined_clips_keep_their_rows_and_clips_without_a_tick_leave_nothing() -> None:
    parts = [
        gathered(one, READS, PersonBias())
        for one in (seen(1, 1.0), ClipEstimates(2, (), ()), seen(3, 2.0, 3.0))
    ]
    assert joined(parts).clip.tolist() == [1, 3, 3]
    np.testing.assert_allclose(joined(parts).inputs[:, 0], [1, 2, 3], rtol=1e-6)


def test_a_harvest_whose_columns_differ_in_length_is_refused() -> None:
    with pytest.raises(ValueError, match="2 inputs, 1 clips, 2 times"):
        TickFeatures(np.zeros((2, 4), np.float32), np.zeros(1, np.intp), np.zeros(2))


def test_knowledge_never_holds_the_clip_that_is_judged_and_repeats_by_seed(data: Dataset) -> None:
    for clip in range(len(data)):
        known = knowledge(data, clip, 5, 0)
        assert len(known) == 5
        assert clip not in known
        assert set(data.subjects[known]) == {data.subjects[clip]}
        np.testing.assert_array_equal(known, knowledge(data, clip, 5, 0))
    assert any(
        (knowledge(data, clip, 5, 0) != knowledge(data, clip, 5, 1)).any() for clip in range(4)
    )


def test_a_full_apex_window_gives_the_ticks_that_evidence_keeps(
    watcher: Watcher, data: Dataset
) -> None:
    found = watcher.see(0, None)
    assert len(found.at_s) == LIVE.ticks
    assert all(len(tick) == 2 for tick in found.estimates)
    low, high = data.times_s(0, data.frame_ranges[0])
    assert (
        low <= found.at_s[0] < found.at_s[-1] == pytest.approx(high, abs=1 / 24)
    )  # a tick falls on a frame


def test_a_clip_is_seen_the_same_whatever_was_seen_before(watcher: Watcher, data: Dataset) -> None:
    known = data.stats_from_clips([1, 2])
    first = watcher.see(0, known)
    watcher.see(9, None)
    for one, two in zip(first.estimates, watcher.see(0, known).estimates, strict=True):
        assert one[0].pb_speed == two[0].pb_speed
        np.testing.assert_array_equal(one[0].pb, two[0].pb)


def test_the_pb_of_one_moment_tells_networks_and_clips_apart(watcher: Watcher) -> None:
    (one, other), (elsewhere, _) = (
        watcher.see(0, None).estimates[-1],
        watcher.see(9, None).estimates[-1],
    )
    assert np.linalg.norm(one.pb) > 0.1
    assert not np.allclose(one.pb, other.pb)
    assert not np.allclose(one.pb, elsewhere.pb)


def test_engines_read_the_same_evidence_from_a_clip(
    watcher: Watcher, data: Dataset, model: FittedModel
) -> None:
    """The reader takes the compiled engine, the watcher here the reference."""
    clip, emotion = 0, str(data.emotions[0])
    read_outs = [model.learned.read_outs[name][emotion] for name in model.learned.judges]
    reference = gathered(watcher.see(clip, None), read_outs, PersonBias())
    compiled = ClipReader(model.learned, data).harvest(clip, emotion, 0)
    np.testing.assert_allclose(compiled.inputs, reference.inputs, atol=2e-3)
