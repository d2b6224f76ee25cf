import numpy as np
import pytest

from calibrate.data.dataset import LIVE, Dataset
from calibrate.data.replay_track import replay_through
from calibrate.learning.clip_reader import ClipReader
from calibrate.learning.fit import FittedModel
from calibrate.learning.out_of_fold import estimates_of_clip, extract_features
from calibrate.learning.recognise import ClipRecogniser
from engines.registry import create_engine
from realtime.motion.motion import MotionStage
from realtime.verdict.person_bias import PersonBias


@pytest.fixture(scope="module")
def recogniser(data: Dataset, model: FittedModel) -> ClipRecogniser:
    learned = model.learned
    engines = [create_engine("torch", learned.networks[name]) for name in learned.ensemble]
    config = learned.learning_config.recognition(LIVE.frames)
    windows = learned.windows(data)
    return ClipRecogniser(windows, engines, config, learned.stages)


def test_a_full_apex_window_gives_the_ticks_of_the_live_timing(
    recogniser: ClipRecogniser, data: Dataset, model: FittedModel
) -> None:
    found = estimates_of_clip(recogniser, 0, None)
    assert len(found.at_s) == LIVE.ticks
    assert all(len(tick) == 2 for tick in found.estimates)
    low, high = model.learned.windows(data).times_s(0)
    assert (
        low <= found.at_s[0] < found.at_s[-1] == pytest.approx(high, abs=1 / 24)
    )  # a tick falls on a frame


def test_earlier_clips_do_not_change_the_estimates_of_a_clip(
    recogniser: ClipRecogniser, data: Dataset
) -> None:
    person_stats = data.stats_from_clips([1, 2])
    first = estimates_of_clip(recogniser, 0, person_stats)
    estimates_of_clip(recogniser, 9, None)
    for one, two in zip(
        first.estimates, estimates_of_clip(recogniser, 0, person_stats).estimates, strict=True
    ):
        assert one[0].pb_speed == two[0].pb_speed
        np.testing.assert_array_equal(one[0].pb, two[0].pb)


def test_pbs_differ_between_networks_and_clips(recogniser: ClipRecogniser) -> None:
    (one, other), (elsewhere, _) = (
        estimates_of_clip(recogniser, 0, None).estimates[-1],
        estimates_of_clip(recogniser, 9, None).estimates[-1],
    )
    assert np.linalg.norm(one.pb) > 0.1
    assert not np.allclose(one.pb, other.pb)
    assert not np.allclose(one.pb, elsewhere.pb)


def test_onsets_are_those_that_the_live_gauge_measures(
    recogniser: ClipRecogniser, data: Dataset, model: FittedModel
) -> None:
    """Although only the window is recognised, the onset before it is seen."""
    clip, stages = 0, model.learned.stages
    stats = data.stats_from_clips([1, 2])
    motion = MotionStage(LIVE, stages.population, stages.basis, stats, thresholds=stages.thresholds)
    live = list(replay_through(motion, data.tracks[clip]))
    found = recogniser.onsets(clip, [tick.frame for tick in live], stats)
    assert found == tuple(tick.onset for tick in live)
    assert sum(onset is not None for onset in found) > 3


def test_the_onset_of_a_stranger_is_not_known(recogniser: ClipRecogniser) -> None:
    assert recogniser.onsets(0, (10, 20), None) == (None, None)


def test_engines_give_the_same_features_of_a_clip(
    recogniser: ClipRecogniser, data: Dataset, model: FittedModel
) -> None:
    """The reader uses the compiled engine, the recogniser here the reference."""
    clip, emotion = 0, str(data.emotions[0])
    read_outs = [model.learned.read_outs[name][emotion] for name in model.learned.ensemble]
    found = estimates_of_clip(recogniser, clip, None)
    reference = extract_features(found, [None] * len(found.frames), read_outs, PersonBias())
    compiled = ClipReader(model.learned, model.learned.windows(data)).features(clip, emotion, 0)
    np.testing.assert_allclose(compiled.inputs, reference.inputs, atol=2e-3)
