import numpy as np
import pytest

from realtime.person.stats import (
    PersonStats,
    estimate_stats,
    intensities,
    mean_of_nearest,
    merge_stats,
)

RNG = np.random.default_rng(5)
NEUTRAL = RNG.normal(0, 1, 80).astype(np.float32)
SMILE = np.zeros(80, np.float32)
SMILE[60:] = 0.3


def noisy(shape: np.ndarray, count: int) -> np.ndarray:
    return (shape + RNG.normal(0, 0.003, (count, 80))).astype(np.float32)


def test_the_neutral_is_the_shape_that_differing_clips_share() -> None:
    clips = [
        np.concatenate((noisy(NEUTRAL, 10), noisy(NEUTRAL + 2 * SMILE * share, 15)))
        for share in (1, -1, 0.5)
    ]
    stats = estimate_stats(clips)
    np.testing.assert_allclose(stats.neutral, NEUTRAL, atol=0.02)
    assert stats.clips == 3
    assert stats.mean_square_movement[60:].min() > 10 * stats.mean_square_movement[:60].max()


def test_merged_stats_are_weighted_means() -> None:
    square = np.full(80, 0.05, np.float32)
    merged = merge_stats(
        PersonStats(3.0, NEUTRAL, square, 0.0), PersonStats(1.0, NEUTRAL + 1, 2 * square, 2.0)
    )
    assert merged is not None
    np.testing.assert_allclose(merged.neutral, NEUTRAL + 0.25, rtol=1e-5)
    np.testing.assert_allclose(merged.mean_square_movement, 2 * square, rtol=1e-5)
    assert (merged.clips, merged.expressions) == (4.0, 2.0)
    assert merge_stats(None, None) is None


def test_the_landmarks_decide_which_shapes_are_nearest() -> None:
    rows = np.zeros((10, 112), np.float32)
    rows[:, 80:] = np.arange(10)[:, None]  # the appearance, far away in the first rows
    rows[2:, :80] = 1.0
    nearest = mean_of_nearest(rows, np.full(112, 9.0, np.float32) * (np.arange(112) >= 80), 0.2)
    np.testing.assert_allclose(nearest[80:], 0.5)
    np.testing.assert_array_equal(nearest[:80], 0)


def test_the_intensity_is_that_of_the_landmarks() -> None:
    movement = np.ones((2, 112), np.float32)
    movement[1, 80:] = 50
    np.testing.assert_allclose(intensities(movement), 1)


class TestRest:
    """Clips of a person who smiles in most of each, so that the usual shape is a smile."""

    CLIPS = tuple(np.concatenate((noisy(NEUTRAL, 6), noisy(NEUTRAL + SMILE, 34))) for _ in range(4))
    AT_REST = tuple(np.arange(40) < 6 for _ in range(4))

    def test_what_the_read_out_takes_for_rest_is_the_neutral(self) -> None:
        by_movement = estimate_stats(self.CLIPS)
        np.testing.assert_allclose(by_movement.neutral, NEUTRAL + SMILE, atol=0.02)
        found = estimate_stats(self.CLIPS, self.AT_REST)
        np.testing.assert_allclose(found.neutral, NEUTRAL, atol=0.02)
        assert (found.clips, found.expressions) == (4, 4)
        away = np.square(np.concatenate(self.CLIPS) - found.neutral).mean(axis=0)
        np.testing.assert_allclose(found.mean_square_movement, away, rtol=1e-4)

    def test_a_clip_without_rest_does_not_count_for_the_neutral(self) -> None:
        frowning = noisy(NEUTRAL - 3 * SMILE, 40)
        clips, at_rest = [*self.CLIPS, frowning], [*self.AT_REST, np.arange(40) < 2]
        found = estimate_stats(clips, at_rest)
        np.testing.assert_allclose(found.neutral, NEUTRAL, atol=0.02)
        assert found.clips == 5

    @pytest.mark.parametrize("showing", [0, 1])
    def test_where_fewer_than_two_clips_show_rest_all_shapes_count(self, showing: int) -> None:
        at_rest = [
            rest if number < showing else np.zeros(40, bool)
            for number, rest in enumerate(self.AT_REST)
        ]
        found, by_movement = estimate_stats(self.CLIPS, at_rest), estimate_stats(self.CLIPS)
        np.testing.assert_array_equal(found.neutral, by_movement.neutral)
