from dataclasses import replace

import numpy as np
import pytest
from synthetic import simulate, windows_of

from calibrate.data.dataset import LIVE, Dataset
from calibrate.data.replay_track import replay_ticks
from calibrate.data.tracks import Track
from calibrate.learning.population import fit_population
from calibrate.learning.train import TrainingConfig
from engines.model.shape import PRESETS
from realtime.core.messages import Tick
from realtime.motion.basis import MovementBasis, fit_basis
from realtime.person.population import Population
from realtime.person.stats import PersonStats


@pytest.fixture(scope="module")
def people() -> Dataset:
    return Dataset.of(simulate(3, 4, seed=1, emotions=("fear", "surprise")), LIVE)


@pytest.fixture(scope="module")
def usual(people: Dataset) -> Population:
    return fit_population(people, np.arange(len(people)))


@pytest.fixture(scope="module")
def basis(people: Dataset, usual: Population) -> MovementBasis:
    movement = np.concatenate(
        [
            usual.profile_of(windows_of(people).window(i), None).movement(
                windows_of(people).window(i)
            )
            for i in range(12)
        ]
    )
    return fit_basis(movement, 10, 10, 3.0)


@pytest.fixture(scope="module")
def known(people: Dataset) -> PersonStats:
    found = people.stats_from_clips([1, 2, 3])
    assert found is not None
    return found


def shown(
    track: Track,
    usual: Population,
    basis: MovementBasis,
    known: PersonStats | None,
    *between_s: float,
) -> list[Tick]:
    return list(replay_ticks(track, LIVE, usual, basis, known, between_s or None))  # type: ignore[arg-type]


def test_ticks_come_every_stride_and_only_where_there_is_enough_have_they_a_window(
    people: Dataset, usual: Population, basis: MovementBasis, known: PersonStats
) -> None:
    seen = shown(people.tracks[0], usual, basis, known)
    at_s = np.array([tick.at_s for tick in seen])
    assert np.abs(np.diff(at_s) - LIVE.stride_s).max() < 1 / 24  # a tick falls on a frame
    for tick in seen:
        assert (tick.window is not None) == (
            tick.at_s >= LIVE.min_window_s - 1 / LIVE.rate_hz - 1e-6
        )
        assert tick.face is not None
        assert tick.quality is not None
    assert max(len(tick.window.motion) for tick in seen if tick.window) == LIVE.frames


def test_in_an_apex_window_the_last_tick_sees_all_that_is_learned_from(
    people: Dataset, usual: Population, basis: MovementBasis, known: PersonStats
) -> None:
    """Learning smooths over the whole clip, the gauge over what it was shown; and a tick falls on a
    frame.
    """
    for clip in range(4):
        between_s = windows_of(people).times_s(clip)
        seen = shown(people.tracks[clip], usual, basis, known, *between_s)
        last = seen[-1].window
        assert last is not None
        assert len(last.motion) == len(windows_of(people).window(clip))
        assert seen[-1].at_s == pytest.approx(between_s[1], abs=1 / 24)
        lengths = [len(tick.window.motion) for tick in seen if tick.window]
        assert lengths == list(TrainingConfig(PRESETS["live"]).ticks)  # as learning unrolls them
        at_s = np.array([last.started_at_s, last.ended_at_s])
        learned = basis.encode(
            usual.profile_of(windows_of(people).window(clip), known).movement(
                windows_of(people).window(clip)
            )
        )
        grid = np.linspace(*between_s, len(learned))
        wanted = np.array(
            [np.interp(np.linspace(*at_s, len(last.motion)), grid, column) for column in learned.T]
        ).T
        assert np.corrcoef(last.motion.ravel(), wanted.ravel())[0, 1] > 0.9


def test_what_lies_outside_the_window_cannot_be_read(
    people: Dataset, usual: Population, basis: MovementBasis, known: PersonStats
) -> None:
    """The edges of a clip give its label away; in the protocol `live` nothing sees them."""
    track, between_s = people.tracks[0], windows_of(people).times_s(0)
    frame_s = np.diff(track.times_s).max()
    beyond = (track.times_s < between_s[0] - frame_s) | (track.times_s > between_s[1] + frame_s)
    assert beyond.sum() > 20
    shown_s = track.times_s[~beyond]
    assert shown_s[-1] - shown_s[0] <= LIVE.window_s
    other = track.points_px.copy()
    other[beyond] = people.tracks[5].points_px[0]
    changed = replace(track, points_px=other)
    both = (shown(one, usual, basis, known, *between_s) for one in (track, changed))
    for one, two in zip(*both, strict=True):
        assert (one.at_s, one.intensity) == (two.at_s, two.intensity)
        assert (one.window is None) == (two.window is None)
        if one.window and two.window:
            np.testing.assert_array_equal(one.window.motion, two.window.motion)


def test_a_stranger_is_got_to_know_from_what_is_shown_as_live(
    people: Dataset, usual: Population, basis: MovementBasis, known: PersonStats
) -> None:
    stranger, friend = (shown(people.tracks[0], usual, basis, k)[-1].window for k in (None, known))
    assert stranger is not None
    assert friend is not None
    assert not np.allclose(stranger.motion, friend.motion)


def test_the_view_is_taken_for_good_and_the_box_holds_the_face(
    people: Dataset, usual: Population, basis: MovementBasis, known: PersonStats
) -> None:
    track = people.tracks[0]
    tick = shown(track, usual, basis, known)[3]
    points = track.points_px[tick.frame]
    assert tick.face is not None
    x, y, width, height = tick.face.box_px
    assert (points >= (x - 1e-3, y - 1e-3)).all()
    assert (points <= (x + width + 1e-3, y + height + 1e-3)).all()
    assert tick.quality is not None
    assert (tick.quality.yaw, tick.quality.brightness) == (0, 128)
