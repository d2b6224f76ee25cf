import numpy as np
import pytest

from realtime.core.messages import Showing
from realtime.person.expression_watch import RestLimits
from realtime.person.segment import (
    CLIP_S,
    SAMPLE_EVERY_S,
    Segment,
    neutral_of_segments,
    stats_of_segments,
    trimmed_mean,
)

NEUTRAL = np.random.default_rng(5).normal(0, 1, 80).astype(np.float32)


def test_one_outlying_segment_does_not_move_the_neutral() -> None:
    segments = [Segment(NEUTRAL[None].repeat(30, axis=0), False)] * 5
    outlier = Segment((NEUTRAL + 5)[None].repeat(30, axis=0), False)
    np.testing.assert_allclose(
        neutral_of_segments([*segments[:2], outlier, *segments[2:]]), NEUTRAL, atol=1e-4
    )


def test_a_long_held_expression_does_not_outweigh_more_segments() -> None:
    """Four expressions that return to neutral, then one held so long that it is three segments."""
    apex = NEUTRAL + 1
    passing = np.concatenate([NEUTRAL[None].repeat(20, axis=0), apex[None].repeat(10, axis=0)])
    held = Segment(apex[None].repeat(60, axis=0), False)
    offset = neutral_of_segments([Segment(passing, True)] * 4 + [held] * 3) - NEUTRAL
    assert np.abs(offset).max() < 0.45


def test_a_trimmed_mean_leaves_out_both_ends() -> None:
    rows = np.arange(10, dtype=np.float32)[:, None]
    weights = np.ones(10)
    assert trimmed_mean(rows, weights)[0] == pytest.approx(4.5)
    rows[9] = 1e6
    assert trimmed_mean(rows, weights)[0] == pytest.approx(4.5)
    weights[:2] = 0.0
    assert trimmed_mean(np.arange(10, dtype=np.float32)[:, None], weights)[0] == pytest.approx(5.5)


class TestPeakIntensity:
    MOVEMENT_RANGE = np.full(80, 0.1, np.float32)

    def peak(self, *intensities: float) -> float:
        """Return the peak intensity of samples so many movement ranges from neutral."""
        return Segment(
            np.array([NEUTRAL + 0.1 * intensity for intensity in intensities]), False
        ).peak_intensity(NEUTRAL, self.MOVEMENT_RANGE)

    def test_it_is_the_intensity_held_for_half_a_second(self) -> None:
        assert self.peak(*[0] * 10, *[2] * 5, *[0] * 10) == pytest.approx(2, abs=1e-4)
        assert self.peak(*[3] * 30) == pytest.approx(3, abs=1e-4)

    def test_a_blink_has_no_intensity(self) -> None:
        assert self.peak(*[0] * 10, 9, 9, *[0] * 10) == pytest.approx(0, abs=1e-4)

    def test_the_shortest_segment_has_a_peak(self) -> None:
        assert self.peak(2, 2, 4) == pytest.approx(2, abs=1e-4)


def test_shapes_near_a_look_that_is_taken_for_rest_count_for_the_neutral() -> None:
    limits = RestLimits(np.zeros(1, np.float32), np.full(1, 0.1, np.float32), 1.0, 3.0)
    smiling, resting = (NEUTRAL + 1)[None].repeat(30, axis=0), NEUTRAL[None].repeat(20, axis=0)
    read_out = np.array([[0.28]] * 30 + [[0.15]] * 20, np.float32)
    shapes = np.concatenate((smiling, resting))
    segment = Segment(shapes, False, np.full(50, Showing.EXPRESSION), read_out)
    found = segment.with_look_at_rest(limits, np.array([0.12], np.float32))
    assert found.rest_count == 20
    np.testing.assert_allclose(neutral_of_segments([found]), NEUTRAL, atol=1e-6)
    without = Segment(shapes, False, np.full(50, Showing.EXPRESSION))
    assert without.with_look_at_rest(limits, np.array([0.12], np.float32)).rest_count == 0


def test_shapes_in_doubt_count_for_the_neutral_on_request() -> None:
    shows = np.where(np.arange(50) < 5, Showing.EXPRESSION, Showing.UNCLEAR)
    shapes = np.concatenate(
        ((NEUTRAL + 1)[None].repeat(5, axis=0), NEUTRAL[None].repeat(45, axis=0))
    )
    segment = Segment(shapes, False, shows)
    assert neutral_of_segments([segment]) is None
    np.testing.assert_allclose(neutral_of_segments([segment], in_doubt=True), NEUTRAL, atol=1e-6)


def test_shapes_that_show_an_expression_do_not_count_for_the_neutral() -> None:
    smiling, resting = (NEUTRAL + 1)[None].repeat(40, axis=0), NEUTRAL[None].repeat(10, axis=0)
    shows = np.where(np.arange(50) >= 40, Showing.REST, Showing.EXPRESSION)
    mixed = Segment(np.concatenate((smiling, resting)), False, shows)
    np.testing.assert_allclose(neutral_of_segments([mixed]), NEUTRAL, atol=1e-6)
    smile = Segment(smiling, False, np.full(40, Showing.EXPRESSION))
    assert neutral_of_segments([smile]) is None
    assert stats_of_segments([smile, mixed], [], NEUTRAL).clips == pytest.approx(
        10 * SAMPLE_EVERY_S / CLIP_S
    )
    np.testing.assert_allclose(neutral_of_segments([smile, mixed]), NEUTRAL, atol=1e-6)
