from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from synthetic import simulate, windows_of

from calibrate.data.clips import DataError
from calibrate.data.dataset import (
    FIRST,
    LAST,
    LIVE,
    RISE,
    WHOLE,
    Dataset,
    find_apex,
    longest_gapless_part,
)
from calibrate.data.tracks import Track
from calibrate.learning.population import fit_population


@pytest.fixture(scope="module")
def tracks() -> list[Track]:
    return simulate(6, 4, seed=1, emotions=("fear", "surprise"))


@pytest.fixture(scope="module")
def people(tracks: list[Track]) -> Dataset:
    return Dataset.of(tracks, LIVE)


def part(track: Track, keep: Callable[[np.ndarray], np.ndarray]) -> Track:
    chosen = keep(track.times_s)
    return replace(
        track,
        times_s=track.times_s[chosen],
        points_px=track.points_px[chosen],
        crops=track.crops[chosen],
    )


def test_clips_become_shapes_at_the_models_rate_with_their_truth(
    tracks: list[Track], people: Dataset
) -> None:
    assert len(people) == len(tracks)
    for track, shapes in zip(tracks, people.shapes, strict=True):
        assert len(shapes) == int((track.times_s[-1] - track.times_s[0]) * LIVE.rate_hz) + 1
    assert people.genuine.tolist() == [True, True, False, False] * 6
    assert people.subjects[3:5].tolist() == ["1", "2"]
    assert people.emotions[:3].tolist() == ["fear", "surprise", "fear"]


def test_clips_shorter_than_the_shortest_window_are_left_out(tracks: list[Track]) -> None:
    brief = part(tracks[0], lambda t: t < LIVE.min_window_s - 0.15)
    one = part(tracks[1], lambda t: t == 0)
    none = part(tracks[2], lambda t: t < 0)
    assert Dataset.of([brief, one, none, tracks[3]], LIVE).tracks[0].clip == tracks[3].clip
    with pytest.raises(DataError, match=r"none of 3 tracks is 0\.8 s long"):
        Dataset.of([brief, one, none], LIVE)


def test_across_a_gap_nothing_is_made_up_the_longest_stretch_stays(tracks: list[Track]) -> None:
    track = tracks[0]
    hidden = part(track, lambda t: (t < 1.0) | (t > 1.5))
    kept = longest_gapless_part(hidden)
    np.testing.assert_array_equal(kept.times_s, track.times_s[track.times_s > 1.5])
    assert kept.points_px.shape[0] == len(kept.times_s)
    assert kept.frames == track.frames
    blinked = part(track, lambda t: (t < 1.0) | (t > 1.2))
    assert len(longest_gapless_part(blinked).times_s) == len(blinked.times_s)


def test_a_windows_times_hold_where_the_longest_stretch_is_not_the_last(
    tracks: list[Track],
) -> None:
    """The face is lost late in the clip, and seen again for a moment."""
    lost = part(tracks[0], lambda t: (t < 3.5) | (t > 4.0))
    data = Dataset.of([lost], LIVE)
    assert data.tracks[0].times_s[-1] < 3.5
    assert len(data.shapes[0]) in (35, 36)
    begins_s, ends_s = windows_of(data).times_s(0)
    assert 0 <= begins_s < ends_s < 3.5


def test_the_apex_is_where_the_face_is_farthest_from_neutral() -> None:
    shapes = np.zeros((50, 80), np.float32)
    shapes[28:35] = np.array([0.7, 0.8, 0.9, 1, 0.9, 0.8, 0.7])[:, None]
    shapes[5] = 1.5  # one frame alone: a blunder of the landmarks, no expression
    span = find_apex(shapes, LIVE)
    assert (span.start + span.stop) / 2 == pytest.approx(31, abs=1)
    assert span.stop - span.start == LIVE.frames


@pytest.mark.parametrize(("top", "start"), [(0, 0), (49, 50 - LIVE.frames)])
def test_an_apex_at_the_edge_has_its_window_inside_the_clip(top: int, start: int) -> None:
    shapes = np.zeros((50, 80), np.float32)
    shapes[top] = 1
    assert find_apex(shapes, LIVE).start == start


def test_a_clip_shorter_than_a_window_is_its_own_window() -> None:
    span = find_apex(np.eye(12, 80, dtype=np.float32), LIVE)
    assert (span.start, span.stop) == (0, 12)


def test_apex_windows_hold_the_planted_movements(people: Dataset) -> None:
    windows = windows_of(people)
    for clip, (shapes, span) in enumerate(zip(people.shapes, windows.frame_ranges, strict=True)):
        moved = np.square(shapes - shapes[:8].mean(axis=0)).mean(axis=1)
        assert span.start <= np.argmax(moved) < span.stop
        assert moved[span.start : span.stop].mean() > 3 * moved[:8].mean()
        np.testing.assert_array_equal(windows.window(clip), shapes[span.start : span.stop])


def test_the_times_of_a_span_are_those_of_its_shapes(people: Dataset) -> None:
    span = windows_of(people).frame_ranges[0]
    begins_s, ends_s = windows_of(people).times_s(0)
    newest_s = people.tracks[0].times_s[-1]
    after = len(people.shapes[0]) - span.stop
    assert ends_s == pytest.approx(newest_s - after / LIVE.rate_hz)
    assert ends_s - begins_s == pytest.approx((span.stop - span.start - 1) / LIVE.rate_hz)


def test_others_are_clips_of_the_same_person_and_never_the_clip_itself(people: Dataset) -> None:
    rng = np.random.default_rng(0)
    for clip in range(len(people)):
        others = people.others(clip, 10, rng)
        assert clip not in others
        assert set(people.subjects[others]) == {people.subjects[clip]}
        assert len(set(others.tolist())) == 3
    assert len(people.others(0, 2, rng)) == 2
    assert not len(people.others(0, 0, rng))


def test_of_no_clips_nothing_is_known(people: Dataset) -> None:
    assert people.stats_from_clips([]) is None
    known = people.stats_from_clips([0, 1, 2])
    assert known is not None
    assert known.clips == 3


def test_parts_of_clips_are_their_edges_or_all_of_them(people: Dataset) -> None:
    for clip, shapes in enumerate(people.shapes):
        np.testing.assert_array_equal(windows_of(people, FIRST).window(clip), shapes[: LIVE.frames])
        np.testing.assert_array_equal(windows_of(people, LAST).window(clip), shapes[-LIVE.frames :])
        np.testing.assert_array_equal(windows_of(people, WHOLE).window(clip), shapes)


def test_apexes_are_told_in_the_ranges_that_are_given(people: Dataset) -> None:
    """Only one point counts, the rest is held to be still: the window is where that point is
    farthest from neutral.
    """
    shapes = people.shapes[0].copy()
    shapes[30:34, 5] += 1
    alone = np.full(80, 1e3, np.float32)
    alone[5] = 1e-3
    moved = replace(people, shapes=(shapes, *people.shapes[1:]))
    span = moved.windows(alone).frame_ranges[0]
    assert (span.start + span.stop) / 2 == pytest.approx(32, abs=2)


def test_raters_are_a_share_who_called_it_genuine_or_unknown(people: Dataset) -> None:
    assert np.isnan(people.rater_share).all()
    tracks = tuple(
        replace(track, clip=replace(track.clip, rater_hit_pct=80.0)) for track in people.tracks
    )
    rated = Dataset(people.timing, tracks, people.shapes)
    np.testing.assert_allclose(rated.rater_share, np.where(people.genuine, 0.8, 0.2))


def test_a_digest_names_the_data(people: Dataset) -> None:
    again = Dataset(people.timing, people.tracks, people.shapes)
    assert again.digest == people.digest
    other = replace(people.tracks[0], clip=replace(people.tracks[0].clip, label="fake"))
    nudged = people.shapes[0] + np.float32(1e-3)
    for changed in (
        replace(people, tracks=(other, *people.tracks[1:])),
        replace(people, shapes=(nudged, *people.shapes[1:])),
    ):
        assert changed.digest != people.digest


def test_a_clip_is_held_against_the_person_or_against_its_own_beginning(people: Dataset) -> None:
    known = people.stats_from_clips([1, 2])
    apex, rise = windows_of(people), windows_of(people, RISE)
    assert apex.reference_stats(0, known) is known
    assert rise.frame_ranges[0].start == apex.frame_ranges[0].start
    usual = fit_population(people, np.arange(len(people)))
    for of in (None, known):
        profile = usual.profile_of(apex.window(0), rise.reference_stats(0, of))
        np.testing.assert_allclose(profile.neutral, people.shapes[0][:3].mean(axis=0), atol=1e-3)
