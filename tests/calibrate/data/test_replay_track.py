from dataclasses import replace

import numpy as np
import pytest
from populations import plain_population
from synthetic import simulate, windows_of

from calibrate.data.dataset import LIVE, Dataset
from calibrate.data.replay_track import (
    NO_IMAGE,
    RecordedDescriptors,
    TrackReader,
    replay_through,
    replay_ticks,
)
from calibrate.data.tracks import Track
from calibrate.learning.train import TrainingConfig
from engines.model.shape import PRESETS
from realtime.core.messages import Frame, Showing, Tick
from realtime.motion.align import align_to_eyes
from realtime.motion.basis import MovementBasis
from realtime.motion.motion import MotionStage
from realtime.person.expression_watch import RestLimits
from realtime.person.population import Population
from realtime.person.stats import PersonStats
from realtime.person.tracker import ExpressionThresholds


@pytest.fixture(scope="module")
def person_stats(dataset: Dataset) -> PersonStats:
    found = dataset.stats_from_clips([1, 2, 3])
    assert found is not None
    return found


def ticks_of(
    track: Track,
    population: Population,
    basis: MovementBasis,
    person_stats: PersonStats | None,
    *between_s: float,
) -> list[Tick]:
    return list(replay_ticks(track, LIVE, population, basis, person_stats, between_s or None))  # type: ignore[arg-type]


def test_ticks_come_every_stride_with_a_window_once_it_is_long_enough(
    dataset: Dataset, population: Population, basis: MovementBasis, person_stats: PersonStats
) -> None:
    ticks = ticks_of(dataset.tracks[0], population, basis, person_stats)
    at_s = np.array([tick.at_s for tick in ticks])
    assert np.abs(np.diff(at_s) - LIVE.stride_s).max() < 1 / 24  # a tick falls on a frame
    for tick in ticks:
        assert (tick.window is not None) == (
            tick.at_s >= LIVE.min_window_s - 1 / LIVE.rate_hz - 1e-6
        )
        assert tick.face is not None
        assert tick.quality is not None
    assert max(len(tick.window.motion) for tick in ticks if tick.window) == LIVE.frames


def test_the_last_tick_of_an_apex_window_covers_the_training_window(
    dataset: Dataset, population: Population, basis: MovementBasis, person_stats: PersonStats
) -> None:
    """Training smooths over the whole clip, the gauge over past frames; a tick falls on a frame."""
    for clip in range(4):
        between_s = windows_of(dataset).times_s(clip)
        ticks = ticks_of(dataset.tracks[clip], population, basis, person_stats, *between_s)
        last = ticks[-1].window
        assert last is not None
        assert len(last.motion) == len(windows_of(dataset).window(clip))
        assert ticks[-1].at_s == pytest.approx(between_s[1], abs=1 / 24)
        lengths = [len(tick.window.motion) for tick in ticks if tick.window]
        assert lengths == list(TrainingConfig(PRESETS["live"]).ticks)  # as training unrolls them
        at_s = np.array([last.started_at_s, last.ended_at_s])
        learned = basis.encode(
            population.profile_of(windows_of(dataset).window(clip), person_stats).movement(
                windows_of(dataset).window(clip)
            )
        )
        grid = np.linspace(*between_s, len(learned))
        wanted = np.array(
            [np.interp(np.linspace(*at_s, len(last.motion)), grid, column) for column in learned.T]
        ).T
        assert np.corrcoef(last.motion.ravel(), wanted.ravel())[0, 1] > 0.9


def test_frames_outside_the_window_change_nothing(
    dataset: Dataset, population: Population, basis: MovementBasis, person_stats: PersonStats
) -> None:
    """The edges of a clip reveal its label; the protocol `live` never reads them."""
    track, between_s = dataset.tracks[0], windows_of(dataset).times_s(0)
    frame_s = np.diff(track.times_s).max()
    beyond = (track.times_s < between_s[0] - frame_s) | (track.times_s > between_s[1] + frame_s)
    assert beyond.sum() > 20
    shown_s = track.times_s[~beyond]
    assert shown_s[-1] - shown_s[0] <= LIVE.window_s
    other = track.points_px.copy()
    other[beyond] = dataset.tracks[5].points_px[0]
    changed = replace(track, points_px=other)
    both = (ticks_of(one, population, basis, person_stats, *between_s) for one in (track, changed))
    for one, two in zip(*both, strict=True):
        assert (one.at_s, one.intensity) == (two.at_s, two.intensity)
        assert (one.window is None) == (two.window is None)
        if one.window and two.window:
            np.testing.assert_array_equal(one.window.motion, two.window.motion)


def test_the_stats_of_a_stranger_come_from_past_frames_as_live(
    dataset: Dataset, population: Population, basis: MovementBasis, person_stats: PersonStats
) -> None:
    stranger, friend = (
        ticks_of(dataset.tracks[0], population, basis, k)[-1].window for k in (None, person_stats)
    )
    assert stranger is not None
    assert friend is not None
    assert not np.allclose(stranger.motion, friend.motion)


def test_the_view_counts_as_good_and_the_box_contains_the_face(
    dataset: Dataset, population: Population, basis: MovementBasis, person_stats: PersonStats
) -> None:
    track = dataset.tracks[0]
    tick = ticks_of(track, population, basis, person_stats)[3]
    points = track.points_px[tick.frame]
    assert tick.face is not None
    x, y, width, height = tick.face.box_px
    assert (points >= (x - 1e-3, y - 1e-3)).all()
    assert (points <= (x + width + 1e-3, y + height + 1e-3)).all()
    assert tick.quality is not None
    assert (tick.quality.yaw, tick.quality.brightness) == (0, 128)


def test_a_frame_has_the_descriptor_recorded_nearest_to_it() -> None:
    track = simulate(1, 1, seed=0)[0]
    frame = 34  # every tenth frame is described
    at_s = float(track.times_s[frame])
    image = Frame(frame, at_s, at_s, NO_IMAGE)
    _, landmarks = TrackReader(track).read(image)
    source = RecordedDescriptors(track)
    assert source.submit(image, landmarks, 7) == ""
    (described,) = source.take()
    assert described.stretch == 7
    np.testing.assert_array_equal(described.descriptor, track.descriptors[3])
    assert source.take() == []


@pytest.mark.parametrize("recorded", [0, 1])
def test_far_from_every_descriptor_there_is_none(recorded: int) -> None:
    track = simulate(1, 1, seed=0)[0]
    far = replace(
        track, described_s=track.described_s[:recorded], descriptors=track.descriptors[:recorded]
    )
    image = Frame(100, float(track.times_s[100]), 0.0, NO_IMAGE)
    _, landmarks = TrackReader(track).read(image)
    source = RecordedDescriptors(far)
    assert source.submit(image, landmarks, 0) == "not recorded"
    assert source.take() == []


def test_a_replay_tells_people_apart() -> None:
    one, two = (simulate(2, 1, seed=0)[i] for i in (0, 1))
    population = plain_population(align_to_eyes(one.points_px[:1])[0])
    motion = MotionStage(LIVE, population, MovementBasis(np.eye(80, dtype=np.float32), 1.0))
    numbers = []
    for track, later_s in ((one, 0.0), (one, one.times_s[-1] + 1), (two, 2 * one.times_s[-1] + 2)):
        for _ in replay_through(motion, track, later_s=later_s):
            pass
        numbers.append(motion.person.person_id)
    assert numbers == [0, 0, 1]


@pytest.mark.parametrize("smile", [0.0, 0.9])
def test_a_replay_shows_what_was_read_in_each_frame(smile: float) -> None:
    (track,) = simulate(1, 1, seed=0)
    values = np.full((len(track.times_s), 1), smile, np.float32)
    shown = replace(track, expressions=values, expression_names=("smile_left",))
    limits = RestLimits(np.zeros(1, np.float32), np.full(1, 0.1, np.float32), 1.0, 3.0)
    population = plain_population(align_to_eyes(track.points_px[:1])[0])
    basis = MovementBasis(np.eye(80, dtype=np.float32), 1.0)
    thresholds = ExpressionThresholds(0.3, 0.2, limits)
    motion = MotionStage(LIVE, population, basis, thresholds=thresholds)
    last = list(replay_through(motion, shown))[-1]
    assert last.expression is not None
    assert last.expression.by_name() == {"smile_left": pytest.approx(smile)}
    assert last.showing is (Showing.EXPRESSION if smile else Showing.REST)
    assert motion.neutral_known == (not smile)
    without = list(replay_through(MotionStage(LIVE, population, basis), track))[-1]
    assert (without.expression, without.showing) == (None, None)
