from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from calibrate.data.dataset import APEX, LIVE, RISE, WHOLE, Dataset
from calibrate.data.replay_track import replay_through, replay_ticks
from calibrate.data.tracks import Track
from calibrate.learning import recognise
from calibrate.learning.clip_reader import ClipReader
from calibrate.learning.fit import FittedModel
from calibrate.learning.out_of_fold import estimates_of_clip, extract_features
from calibrate.learning.recognise import ClipRecogniser, WindowReplay
from engines.registry import create_engine
from realtime.motion.align import align_to_eyes
from realtime.motion.motion import MotionStage
from realtime.person.expression_watch import RestLimits
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


def test_without_a_read_out_the_onset_of_a_stranger_is_not_known(
    recogniser: ClipRecogniser,
) -> None:
    assert recogniser.onsets(0, (10, 20), None) == (None, None)


SMILE = "smile_left"
LIMITS = RestLimits(np.zeros(1, np.float32), np.full(1, 0.1, np.float32), 1.0, 3.0)


def with_read_out(data: Dataset, smiles_from_the_start: bool) -> Dataset:
    """Return the clips with a smile where the face is far from how it begins, or everywhere."""
    tracks = []
    for track in data.tracks:
        shapes = align_to_eyes(track.points_px)
        away = np.square(shapes - shapes[:12].mean(axis=0)).mean(axis=1)
        smiling = (away > away.max() / 10) | smiles_from_the_start
        values = np.where(smiling, 0.9, 0.0).astype(np.float32)[:, None]
        tracks.append(replace(track, expressions=values, expression_names=(SMILE,)))
    return replace(data, tracks=tuple(tracks), rest=LIMITS)


def test_onsets_of_a_stranger_are_those_that_the_live_gauge_measures(
    data: Dataset, model: FittedModel
) -> None:
    stages, shown = model.learned.stages, with_read_out(data, smiles_from_the_start=False)
    windows = model.learned.windows(shown)
    recogniser = ClipRecogniser(windows, [], model.learned.learning_config.recognition(16), stages)
    thresholds, seen = replace(stages.thresholds, rest=LIMITS), 0
    for clip in range(0, len(data), 9):
        motion = MotionStage(LIVE, stages.population, stages.basis, thresholds=thresholds)
        track, end_s = shown.tracks[clip], windows.times_s(clip)[1]
        live = list(replay_through(motion, track, (float(track.times_s[0]), end_s)))
        frames = [tick.frame for tick, _ in recogniser.ticks(clip, None)]
        by_frame = {tick.frame: tick.onset for tick in live}
        found = recogniser.onsets(clip, frames, None)
        assert {*frames} <= {*by_frame}
        assert found == tuple(by_frame[frame] for frame in frames)
        seen += any(onset is not None for onset in found)
    assert seen > 5


def test_a_gap_that_shifts_the_ticks_loses_no_onset(data: Dataset, model: FittedModel) -> None:
    """Ticks of the whole clip then fall on other frames than those of its window."""
    shown, found = with_read_out(data, smiles_from_the_start=False), []
    tracks = []
    for track in shown.tracks:
        first = int(np.argmax(track.expressions[:, 0] > 0.5))
        since_s = track.times_s - track.times_s[first - 8]
        gap = (since_s > 0) & (since_s < 0.2)  # shorter than `GAP_S`, which restarts the window
        kept = {name: getattr(track, name)[~gap] for name in ("times_s", "points_px", "crops")}
        tracks.append(replace(track, **kept, expressions=track.expressions[~gap]))
    gaps = replace(shown, tracks=tuple(tracks))
    windows, stages = model.learned.windows(gaps), model.learned.stages
    config = model.learned.learning_config.recognition(16)
    recogniser = ClipRecogniser(windows, [], config, stages)
    for clip in range(len(data)):
        frames = [tick.frame for tick, _ in recogniser.ticks(clip, None)]
        track = gaps.tracks[clip]
        motion = MotionStage(LIVE, stages.population, stages.basis)
        until_s = float(track.times_s[0]), windows.times_s(clip)[1]
        ticked = {tick.frame for tick in replay_through(motion, track, until_s)}
        onsets = recogniser.onsets(clip, frames, None)
        pairs = zip(frames, onsets, strict=True)
        found += [onset for frame, onset in pairs if frame not in ticked]
    assert len(found) > 5  # frames of the window without a tick of the whole clip
    assert any(onset is not None for onset in found)


@pytest.mark.parametrize("without", ["limits", "read-out"])
def test_without_limits_or_a_read_out_in_the_track_a_stranger_has_no_onset(
    without: str, data: Dataset, model: FittedModel
) -> None:
    shown = with_read_out(data, smiles_from_the_start=False)
    bare = replace(data, rest=LIMITS) if without == "read-out" else replace(shown, rest=None)
    config = model.learned.learning_config.recognition(16)
    stages = model.learned.stages
    stages = replace(stages, thresholds=replace(stages.thresholds, rest=LIMITS))  # of the bundle
    recogniser = ClipRecogniser(model.learned.windows(bare), [], config, stages)
    for clip in range(0, len(data), 9):
        frames = [tick.frame for tick, _ in recogniser.ticks(clip, None)]
        assert {*recogniser.onsets(clip, frames, None)} == {None}


def test_a_bundle_with_another_read_out_reads_the_onsets_by_that_of_the_tracks(
    data: Dataset, model: FittedModel
) -> None:
    shown, stages = with_read_out(data, smiles_from_the_start=False), model.learned.stages
    other = RestLimits(np.ones(5, np.float32), np.ones(5, np.float32), 1.0, 3.0)
    others = replace(stages, thresholds=replace(stages.thresholds, rest=other))
    config, found = model.learned.learning_config.recognition(16), []
    for each in (stages, others):
        recogniser = ClipRecogniser(model.learned.windows(shown), [], config, each)
        found.append(recogniser.onsets(0, (60, 70, 80), None))
    assert found[0] == found[1]
    assert found[0][-1] is not None


def test_who_smiles_from_the_first_frame_on_has_no_onset(data: Dataset, model: FittedModel) -> None:
    stages, shown = model.learned.stages, with_read_out(data, smiles_from_the_start=True)
    windows = model.learned.windows(shown)
    recogniser = ClipRecogniser(windows, [], model.learned.learning_config.recognition(16), stages)
    for clip in range(0, len(data), 9):
        frames = [tick.frame for tick, _ in recogniser.ticks(clip, None)]
        assert {*recogniser.onsets(clip, frames, None)} == {None}


@pytest.mark.parametrize("part", [APEX, WHOLE, RISE])
def test_a_replay_that_is_kept_gives_the_windows_of_one_of_its_own(
    part: str, data: Dataset, model: FittedModel
) -> None:
    stages, windows = model.learned.stages, model.learned.windows(data, part)
    replay = WindowReplay(windows, stages)
    for clip, known in ((0, (1, 2)), (0, (3, 4, 5)), (9, (8,)), (0, ())):
        stats = data.stats_from_clips(known)
        ticks = replay_ticks(
            data.tracks[clip],
            LIVE,
            stages.population,
            stages.basis,
            windows.reference_stats(clip, stats),
            windows.times_s(clip),
        )
        alone = [tick for tick in ticks if tick.window is not None]
        found = list(replay.ticks(clip, stats))
        assert len(found) >= LIVE.ticks
        for one, two in zip(found, alone, strict=True):
            assert two.window is not None
            assert (one.at_s, one.frame) == (two.at_s, two.frame)
            assert one.window.started_at_s == two.window.started_at_s
            np.testing.assert_array_equal(one.window.motion, two.window.motion)


def test_a_clip_is_replayed_once_for_everyone_with_stats(
    data: Dataset, model: FittedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    replayed: list[str] = []

    def counting(motion: MotionStage, track: Track, between_s: tuple[float, float]) -> Any:
        replayed.append(track.clip.name)
        return replay_through(motion, track, between_s)

    monkeypatch.setattr(recognise, "replay_through", counting)
    replay = WindowReplay(model.learned.windows(data), model.learned.stages)
    for known in ((1,), (2, 3), (1, 2, 3)):
        for clip in (0, 5):
            assert list(replay.ticks(clip, data.stats_from_clips(known)))
    assert replayed == [data.tracks[0].clip.name, data.tracks[5].clip.name]


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
