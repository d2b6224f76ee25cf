import pickle
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
from realtime.landmarks.appearance import APPEARANCE
from realtime.person.expression_watch import RestLimits
from realtime.person.stats import estimate_stats


@pytest.fixture(scope="module")
def tracks() -> list[Track]:
    return simulate(6, 4, seed=1, emotions=("fear", "surprise"))


@pytest.fixture(scope="module")
def dataset(tracks: list[Track]) -> Dataset:
    return Dataset.of(tracks, LIVE)


def part(track: Track, selected: Callable[[np.ndarray], np.ndarray]) -> Track:
    chosen = selected(track.times_s)
    return replace(
        track,
        times_s=track.times_s[chosen],
        points_px=track.points_px[chosen],
        crops=track.crops[chosen],
    )


def test_clips_become_labelled_shapes_at_the_rate_of_the_model(
    tracks: list[Track], dataset: Dataset
) -> None:
    assert len(dataset) == len(tracks)
    for track, shapes in zip(tracks, dataset.shapes, strict=True):
        assert len(shapes) == int((track.times_s[-1] - track.times_s[0]) * LIVE.rate_hz) + 1
    assert dataset.genuine.tolist() == [True, True, False, False] * 6
    assert dataset.subjects[3:5].tolist() == ["1", "2"]
    assert dataset.emotions[:3].tolist() == ["fear", "surprise", "fear"]


def test_clips_shorter_than_the_shortest_window_are_left_out(tracks: list[Track]) -> None:
    brief = part(tracks[0], lambda t: t < LIVE.min_window_s - 0.15)
    one = part(tracks[1], lambda t: t == 0)
    none = part(tracks[2], lambda t: t < 0)
    assert Dataset.of([brief, one, none, tracks[3]], LIVE).tracks[0].clip == tracks[3].clip
    with pytest.raises(DataError, match=r"none of 3 tracks is 0\.8 s long"):
        Dataset.of([brief, one, none], LIVE)


def test_a_gap_is_not_interpolated_and_the_longest_part_remains(tracks: list[Track]) -> None:
    track = tracks[0]
    hidden = part(track, lambda t: (t < 1.0) | (t > 1.5))
    remaining = longest_gapless_part(hidden)
    np.testing.assert_array_equal(remaining.times_s, track.times_s[track.times_s > 1.5])
    assert remaining.points_px.shape[0] == len(remaining.times_s)
    assert remaining.frames == track.frames
    blinked = part(track, lambda t: (t < 1.0) | (t > 1.2))
    assert len(longest_gapless_part(blinked).times_s) == len(blinked.times_s)


def test_window_times_are_right_when_the_longest_part_is_not_the_last(tracks: list[Track]) -> None:
    """The face is lost late in the clip and reappears for a moment."""
    lost = part(tracks[0], lambda t: (t < 3.5) | (t > 4.0))
    data = Dataset.of([lost], LIVE)
    assert data.tracks[0].times_s[-1] < 3.5
    assert len(data.shapes[0]) in (35, 36)
    begins_s, ends_s = windows_of(data).times_s(0)
    assert 0 <= begins_s < ends_s < 3.5


def test_the_apex_is_where_the_face_is_farthest_from_neutral() -> None:
    shapes = np.zeros((50, 80), np.float32)
    shapes[28:35] = np.array([0.7, 0.8, 0.9, 1, 0.9, 0.8, 0.7])[:, None]
    shapes[5] = 1.5  # a single frame: a landmark error, no expression
    frame_range = find_apex(shapes, LIVE)
    assert (frame_range.start + frame_range.stop) / 2 == pytest.approx(31, abs=1)
    assert frame_range.stop - frame_range.start == LIVE.frames


@pytest.mark.parametrize(("top", "start"), [(0, 0), (49, 50 - LIVE.frames)])
def test_an_apex_at_the_edge_has_its_window_inside_the_clip(top: int, start: int) -> None:
    shapes = np.zeros((50, 80), np.float32)
    shapes[top] = 1
    assert find_apex(shapes, LIVE).start == start


def test_a_clip_shorter_than_a_window_is_its_own_window() -> None:
    frame_range = find_apex(np.eye(12, 80, dtype=np.float32), LIVE)
    assert (frame_range.start, frame_range.stop) == (0, 12)


def test_apex_windows_hold_the_planted_movements(dataset: Dataset) -> None:
    windows = windows_of(dataset)
    for clip, (shapes, frame_range) in enumerate(
        zip(dataset.shapes, windows.frame_ranges, strict=True)
    ):
        moved = np.square(shapes - shapes[:8].mean(axis=0)).mean(axis=1)
        assert frame_range.start <= np.argmax(moved) < frame_range.stop
        assert moved[frame_range.start : frame_range.stop].mean() > 3 * moved[:8].mean()
        np.testing.assert_array_equal(
            windows.window(clip), shapes[frame_range.start : frame_range.stop]
        )


def test_the_times_of_a_frame_range_match_its_shapes(dataset: Dataset) -> None:
    frame_range = windows_of(dataset).frame_ranges[0]
    begins_s, ends_s = windows_of(dataset).times_s(0)
    newest_s = dataset.tracks[0].times_s[-1]
    after = len(dataset.shapes[0]) - frame_range.stop
    assert ends_s == pytest.approx(newest_s - after / LIVE.rate_hz)
    assert ends_s - begins_s == pytest.approx(
        (frame_range.stop - frame_range.start - 1) / LIVE.rate_hz
    )


def test_others_are_clips_of_the_same_person_and_never_the_clip_itself(dataset: Dataset) -> None:
    rng = np.random.default_rng(0)
    for clip in range(len(dataset)):
        others = dataset.others(clip, 10, rng)
        assert clip not in others
        assert set(dataset.subjects[others]) == {dataset.subjects[clip]}
        assert len(set(others.tolist())) == 3
    assert len(dataset.others(0, 2, rng)) == 2
    assert not len(dataset.others(0, 0, rng))


def test_no_clips_give_no_stats(dataset: Dataset) -> None:
    assert dataset.stats_from_clips([]) is None
    person_stats = dataset.stats_from_clips([0, 1, 2])
    assert person_stats is not None
    assert person_stats.clips == 3


def test_parts_of_clips_are_their_edges_or_the_whole_clip(dataset: Dataset) -> None:
    for clip, shapes in enumerate(dataset.shapes):
        np.testing.assert_array_equal(
            windows_of(dataset, FIRST).window(clip), shapes[: LIVE.frames]
        )
        np.testing.assert_array_equal(
            windows_of(dataset, LAST).window(clip), shapes[-LIVE.frames :]
        )
        np.testing.assert_array_equal(windows_of(dataset, WHOLE).window(clip), shapes)


def test_apexes_are_found_in_the_given_movement_ranges(dataset: Dataset) -> None:
    """Only one point counts: the window is where it is farthest from neutral."""
    shapes = dataset.shapes[0].copy()
    shapes[30:34, 5] += 1
    alone = np.full(80, 1e3, np.float32)
    alone[5] = 1e-3
    moved = replace(dataset, shapes=(shapes, *dataset.shapes[1:]))
    frame_range = moved.windows(alone).frame_ranges[0]
    assert (frame_range.start + frame_range.stop) / 2 == pytest.approx(32, abs=2)


def test_the_rater_share_is_of_genuine_answers_or_unknown(dataset: Dataset) -> None:
    assert np.isnan(dataset.rater_share).all()
    tracks = tuple(
        replace(track, clip=replace(track.clip, rater_hit_pct=80.0)) for track in dataset.tracks
    )
    rated = Dataset(dataset.timing, tracks, dataset.shapes)
    np.testing.assert_allclose(rated.rater_share, np.where(dataset.genuine, 0.8, 0.2))


def test_a_digest_identifies_the_data(dataset: Dataset) -> None:
    again = Dataset(dataset.timing, dataset.tracks, dataset.shapes)
    assert again.digest == dataset.digest
    other = replace(dataset.tracks[0], clip=replace(dataset.tracks[0].clip, label="fake"))
    nudged = dataset.shapes[0] + np.float32(1e-3)
    for changed in (
        replace(dataset, tracks=(other, *dataset.tracks[1:])),
        replace(dataset, shapes=(nudged, *dataset.shapes[1:])),
    ):
        assert changed.digest != dataset.digest


def test_the_reference_is_the_person_or_the_beginning_of_the_clip(dataset: Dataset) -> None:
    person_stats = dataset.stats_from_clips([1, 2])
    apex, rise = windows_of(dataset), windows_of(dataset, RISE)
    assert apex.reference_stats(0, person_stats) is person_stats
    assert rise.frame_ranges[0].start == apex.frame_ranges[0].start
    population = fit_population(dataset, np.arange(len(dataset)))
    for of in (None, person_stats):
        profile = population.profile_of(apex.window(0), rise.reference_stats(0, of))
        np.testing.assert_allclose(profile.neutral, dataset.shapes[0][:3].mean(axis=0), atol=1e-3)


def test_a_window_touches_an_edge_where_a_frame_more_would_be_outside(dataset: Dataset) -> None:
    whole = windows_of(dataset)
    for part, touches in ((FIRST, True), (LAST, True), (WHOLE, True)):
        windows = dataset.windows(np.ones(80, np.float32), part)
        assert windows.touches_edge(0) is touches
    inside = replace(whole.frame_ranges[0], start=1, stop=len(dataset.shapes[0]) - 1)
    moved = replace(whole, frame_ranges=(inside, *whole.frame_ranges[1:]))
    assert not moved.touches_edge(0)


def test_shapes_alone_are_the_same_data_in_few_bytes(dataset: Dataset) -> None:
    alone = dataset.shapes_alone()
    assert alone.digest == dataset.digest
    assert [track.clip for track in alone.tracks] == [track.clip for track in dataset.tracks]
    assert len(pickle.dumps(alone)) < len(pickle.dumps(dataset)) / 4


def test_the_appearance_stands_beside_the_landmarks() -> None:
    tracks = simulate(1, 2, seed=0)
    looks = [
        np.repeat(np.linspace(0, 1, len(track.times_s))[:, None], APPEARANCE, axis=1)
        for track in tracks
    ]
    seen = [
        replace(track, appearance=each.astype(np.float32))
        for track, each in zip(tracks, looks, strict=True)
    ]
    joined, alone = Dataset.of(seen, LIVE, appearance=True), Dataset.of(tracks, LIVE)
    assert (joined.width, alone.width, Dataset.of(seen, LIVE).width) == (80 + APPEARANCE, 80, 80)
    for shapes, points in zip(joined.shapes, alone.shapes, strict=True):
        np.testing.assert_allclose(shapes[:, :80], points, atol=1e-5)  # BLAS goes by the width
        rises = np.diff(shapes[:, 80:], axis=0)
        np.testing.assert_allclose(rises[2:-2], rises[2].mean(), atol=2e-3)  # at the model's rate
        assert rises[2].mean() > 0.01


def test_an_appearance_that_was_not_recorded_is_refused() -> None:
    with pytest.raises(DataError, match="landmarks alone"):
        Dataset.of(simulate(1, 2, seed=0), LIVE, appearance=True)


class TestRest:
    """Clips whose read-out sees a smile in every second half."""

    LIMITS = RestLimits(np.zeros(2, np.float32), np.full(2, 0.1, np.float32), 1.0, 3.0)

    def tracks(self) -> list[Track]:
        found = []
        for track in simulate(2, 3, seed=0):
            values = np.zeros((len(track.times_s), 2), np.float32)
            values[len(values) // 2 :, 1] = 0.5
            found.append(replace(track, expressions=values, expression_names=("frown", "smile")))
        return found

    def test_shapes_are_at_rest_where_no_action_is_beyond_its_limit(self) -> None:
        data = Dataset.of(self.tracks(), LIVE, rest=self.LIMITS)
        for shapes, rest in zip(data.shapes, data.at_rest, strict=True):
            assert len(shapes) == len(rest)
            assert rest[: len(rest) // 2 - 1].all()
            assert not rest[len(rest) // 2 + 1 :].any()

    def test_frames_and_clips_without_a_read_out_count_as_rest(self) -> None:
        with_gaps, without, *others = self.tracks()
        with_gaps.expressions[:] = np.nan
        without = replace(without, expressions=np.zeros((0, 2), np.float32))
        data = Dataset.of([with_gaps, without, *others], LIVE, rest=self.LIMITS)
        assert data.at_rest[0].all()
        assert data.at_rest[1].all()
        assert not data.at_rest[2].all()

    def test_without_limits_the_read_out_is_left_aside(self) -> None:
        data = Dataset.of(self.tracks(), LIVE)
        assert (data.rest, data.at_rest) == (None, ())
        plain = Dataset.of(simulate(2, 3, seed=0), LIVE)
        assert data.digest == plain.digest

    def test_the_neutral_is_that_of_the_shapes_at_rest(self) -> None:
        data = Dataset.of(self.tracks(), LIVE, rest=self.LIMITS)
        clips = np.flatnonzero(data.subjects == data.subjects[0])
        found = data.stats_from_clips(clips)
        resting = [data.shapes[i][data.at_rest[i]] for i in clips]
        assert found is not None
        np.testing.assert_array_equal(found.neutral, estimate_stats(resting).neutral)
        by_person = data.stats_by_person()[str(data.subjects[0])]
        np.testing.assert_array_equal(by_person.neutral, found.neutral)

    def test_a_part_of_the_clips_keeps_what_is_at_rest(self) -> None:
        data = Dataset.of(self.tracks(), LIVE, rest=self.LIMITS)
        part = data.subset([4, 1])
        assert part.rest is self.LIMITS
        assert [rest.tolist() for rest in part.at_rest] == [
            data.at_rest[4].tolist(),
            data.at_rest[1].tolist(),
        ]
        assert data.shapes_alone().at_rest == data.at_rest

    def test_what_is_at_rest_is_part_of_the_digest(self) -> None:
        data = Dataset.of(self.tracks(), LIVE, rest=self.LIMITS)
        assert data.digest == Dataset.of(self.tracks(), LIVE, rest=self.LIMITS).digest
        widest = replace(self.LIMITS, faint=6.0, certain=6.0)
        assert data.digest != Dataset.of(self.tracks(), LIVE, rest=widest).digest
