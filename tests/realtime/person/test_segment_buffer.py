import numpy as np
import pytest

from realtime.person.appearance import PIXELS, AppearanceModel
from realtime.person.segment import SAMPLE_EVERY_S
from realtime.person.segment_buffer import MAX_PENDING, MAX_SAMPLES_PER_SHAPE, SegmentBuffer

RNG = np.random.default_rng(6)
APPEARANCE = AppearanceModel(
    RNG.normal(0, 1, (8, PIXELS)).astype(np.float32), np.zeros(8, np.float32), 0.4, 0.7, 0.5
)
PATCHES = RNG.integers(0, 256, (10, 24, 24)).astype(np.uint8)


def shape(value: float) -> np.ndarray:
    return np.full(80, value, np.float32)


def seen(hz: float, seconds: float, appearance: AppearanceModel | None = None) -> SegmentBuffer:
    samples = SegmentBuffer(appearance)
    for i in range(round(hz * seconds)):
        samples.add(100 + i / hz, shape(i), PATCHES[i % 10])
    return samples


@pytest.mark.parametrize("hz", [6, 10, 15, 24, 29.97, 30, 60, 120])
def test_seconds_are_seconds_whatever_the_rate(hz: float) -> None:
    samples = seen(hz, 5.0)
    assert samples.seconds == pytest.approx(5.0, abs=2 * SAMPLE_EVERY_S)
    assert samples.lasts(4.8)
    assert not samples.lasts(5.3)


def test_nothing_seen_lasts_no_time() -> None:
    samples = SegmentBuffer(None)
    assert samples.seconds == 0
    assert samples.lasts(0)
    assert not samples.lasts(0.1)


def test_what_lasts_so_long_but_for_rounding_lasts_so_long() -> None:
    samples = seen(10, 0.3)
    assert samples.lasts(0.3 + 1e-9)
    assert not samples.lasts(0.3 + 1e-3)


def test_a_sample_is_the_mean_of_a_tenth_of_a_second() -> None:
    samples = SegmentBuffer(None)
    full = [samples.add(i * 0.025, shape(i), None) for i in range(9)]
    assert full == [i % 4 == 0 for i in range(9)]
    shapes = samples.segment(False).shapes
    np.testing.assert_allclose(shapes[:, 0], [0, 2.5, 6.5])
    assert shapes.dtype == np.float32


def test_where_fewer_frames_come_one_stands_for_several_but_a_gap_is_not_filled() -> None:
    samples = SegmentBuffer(None)
    for at_s, value in ((0.0, 1), (0.2, 2), (5.0, 3)):
        assert samples.add(at_s, shape(value), None)
    np.testing.assert_array_equal(samples.segment(False).shapes[:, 0], [1, 2, 2, *[3] * MAX_SAMPLES_PER_SHAPE])


def test_the_look_is_the_mean_place_of_a_patch_for_each_sample_the_newest() -> None:
    samples = SegmentBuffer(APPEARANCE)
    for i in range(7):
        samples.add(i / 20, shape(i), PATCHES[i])
    look = samples.segment(False).embedding
    assert look is not None
    assert look.dtype == np.float32
    np.testing.assert_allclose(
        look, APPEARANCE.embed(PATCHES[[0, 2, 4, 6]]).mean(axis=0), atol=1e-6
    )


def test_without_pictures_or_a_way_to_tell_them_there_is_no_look() -> None:
    assert seen(30, 1.0).segment(False).embedding is None
    unseen = SegmentBuffer(APPEARANCE)
    unseen.add(0.0, shape(0), None)
    assert unseen.segment(False).embedding is None


def test_some_pictures_are_enough_for_a_look() -> None:
    samples = SegmentBuffer(APPEARANCE)
    for i, patch in enumerate((None, PATCHES[1], None)):
        samples.add(i / 10, shape(i), patch)
    np.testing.assert_allclose(
        samples.segment(False).embedding, APPEARANCE.embed(PATCHES[1]), atol=1e-6
    )


@pytest.mark.parametrize("moved", [True, False])
def test_a_stretch_says_whether_it_moved_and_leaves_the_samples_open(moved: bool) -> None:
    samples = seen(10, 1.0, APPEARANCE)
    assert samples.segment(moved).has_expression is moved
    assert samples.lasts(1.0)


def test_what_is_over_is_forgotten_and_what_was_given_away_stays() -> None:
    samples = seen(10, 1.0, APPEARANCE)
    stretch = samples.segment(False)
    samples.clear()
    assert samples.seconds == 0
    samples.add(101.0, shape(50), PATCHES[3])
    assert len(stretch.shapes) == 10
    again = samples.segment(False)
    np.testing.assert_array_equal(again.shapes, shape(50)[None])
    np.testing.assert_allclose(again.embedding, APPEARANCE.embed(PATCHES[3]), atol=1e-6)


def test_frames_before_a_cut_are_not_mixed_with_those_after_it() -> None:
    whole, cut = SegmentBuffer(None), SegmentBuffer(None)
    for samples in (whole, cut):
        samples.add(0.0, shape(0), None)
        samples.add(0.05, shape(100), None)
    cut.interrupt()
    for samples in (whole, cut):
        samples.add(0.1, shape(2), None)
    assert cut.segment(False).shapes[-1, 0] == 2
    assert whole.segment(False).shapes[-1, 0] == 51


def test_a_time_that_stands_still_gathers_no_more_than_a_bound() -> None:
    samples = SegmentBuffer(None)
    for i in range(3 * MAX_PENDING):
        samples.add(1.0, shape(i), None)
    assert len(samples._pending) <= MAX_PENDING
    assert samples.seconds == pytest.approx(SAMPLE_EVERY_S)
