import numpy as np
import pytest

from realtime.person.appearance import PIXELS, AppearanceModel
from realtime.person.segment import SAMPLE_EVERY_S
from realtime.person.segment_buffer import MAX_PENDING, MAX_SAMPLES_PER_SHAPE, SegmentBuffer

RNG = np.random.default_rng(6)
APPEARANCE = AppearanceModel(
    RNG.normal(0, 1, (8, PIXELS)).astype(np.float32), np.zeros(8, np.float32), 0.4, 0.7, 0.5
)
CROPS = RNG.integers(0, 256, (10, 24, 24)).astype(np.uint8)


def shape(value: float) -> np.ndarray:
    return np.full(80, value, np.float32)


def filled(hz: float, seconds: float, appearance: AppearanceModel | None = None) -> SegmentBuffer:
    buffer = SegmentBuffer(appearance)
    for i in range(round(hz * seconds)):
        buffer.add(100 + i / hz, shape(i), CROPS[i % 10])
    return buffer


@pytest.mark.parametrize("hz", [6, 10, 15, 24, 29.97, 30, 60, 120])
def test_the_duration_does_not_depend_on_the_frame_rate(hz: float) -> None:
    buffer = filled(hz, 5.0)
    assert buffer.seconds == pytest.approx(5.0, abs=2 * SAMPLE_EVERY_S)
    assert buffer.lasts(4.8)
    assert not buffer.lasts(5.3)


def test_an_empty_buffer_has_no_duration() -> None:
    buffer = SegmentBuffer(None)
    assert buffer.seconds == 0
    assert buffer.lasts(0)
    assert not buffer.lasts(0.1)


def test_a_duration_is_compared_with_room_for_rounding() -> None:
    buffer = filled(10, 0.3)
    assert buffer.lasts(0.3 + 1e-9)
    assert not buffer.lasts(0.3 + 1e-3)


def test_a_sample_is_the_mean_of_a_tenth_of_a_second() -> None:
    buffer = SegmentBuffer(None)
    full = [buffer.add(i * 0.025, shape(i), None) for i in range(9)]
    assert full == [i % 4 == 0 for i in range(9)]
    shapes = buffer.segment(False).shapes
    np.testing.assert_allclose(shapes[:, 0], [0, 2.5, 6.5])
    assert shapes.dtype == np.float32


def test_slow_frames_are_repeated_but_a_gap_is_not_filled() -> None:
    buffer = SegmentBuffer(None)
    for at_s, value in ((0.0, 1), (0.2, 2), (5.0, 3)):
        assert buffer.add(at_s, shape(value), None)
    values = buffer.segment(False).shapes[:, 0]
    np.testing.assert_array_equal(values, [1, 2, 2, *[3] * MAX_SAMPLES_PER_SHAPE])


def test_the_embedding_is_the_mean_over_the_newest_crop_of_each_sample() -> None:
    buffer = SegmentBuffer(APPEARANCE)
    for i in range(7):
        buffer.add(i / 20, shape(i), CROPS[i])
    embedding = buffer.segment(False).embedding
    assert embedding is not None
    assert embedding.dtype == np.float32
    np.testing.assert_allclose(
        embedding, APPEARANCE.embed(CROPS[[0, 2, 4, 6]]).mean(axis=0), atol=1e-6
    )


def test_without_crops_or_a_model_there_is_no_embedding() -> None:
    assert filled(30, 1.0).segment(False).embedding is None
    without_crops = SegmentBuffer(APPEARANCE)
    without_crops.add(0.0, shape(0), None)
    assert without_crops.segment(False).embedding is None


def test_some_crops_are_enough_for_an_embedding() -> None:
    buffer = SegmentBuffer(APPEARANCE)
    for i, crop in enumerate((None, CROPS[1], None)):
        buffer.add(i / 10, shape(i), crop)
    np.testing.assert_allclose(
        buffer.segment(False).embedding, APPEARANCE.embed(CROPS[1]), atol=1e-6
    )


@pytest.mark.parametrize("has_expression", [True, False])
def test_a_segment_records_has_expression_and_leaves_the_buffer_filled(
    has_expression: bool,
) -> None:
    buffer = filled(10, 1.0, APPEARANCE)
    assert buffer.segment(has_expression).has_expression is has_expression
    assert buffer.lasts(1.0)


def test_clearing_leaves_an_earlier_segment_unchanged() -> None:
    buffer = filled(10, 1.0, APPEARANCE)
    segment = buffer.segment(False)
    buffer.clear()
    assert buffer.seconds == 0
    buffer.add(101.0, shape(50), CROPS[3])
    assert len(segment.shapes) == 10
    again = buffer.segment(False)
    np.testing.assert_array_equal(again.shapes, shape(50)[None])
    np.testing.assert_allclose(again.embedding, APPEARANCE.embed(CROPS[3]), atol=1e-6)


def test_frames_before_and_after_a_cut_share_no_sample() -> None:
    whole, cut = SegmentBuffer(None), SegmentBuffer(None)
    for buffer in (whole, cut):
        buffer.add(0.0, shape(0), None)
        buffer.add(0.05, shape(100), None)
    cut.interrupt()
    for buffer in (whole, cut):
        buffer.add(0.1, shape(2), None)
    assert cut.segment(False).shapes[-1, 0] == 2
    assert whole.segment(False).shapes[-1, 0] == 51


def test_the_number_of_pending_shapes_is_bounded() -> None:
    buffer = SegmentBuffer(None)
    for i in range(3 * MAX_PENDING):
        buffer.add(1.0, shape(i), None)
    assert len(buffer._pending) <= MAX_PENDING
    assert buffer.seconds == pytest.approx(SAMPLE_EVERY_S)
