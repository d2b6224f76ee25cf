import numpy as np
import pytest

from realtime.core.messages import Showing
from realtime.person.segment import SAMPLE_EVERY_S
from realtime.person.segment_buffer import MAX_PENDING, MAX_SAMPLES_PER_SHAPE, SegmentBuffer


def shape(value: float) -> np.ndarray:
    return np.full(80, value, np.float32)


def filled(hz: float, seconds: float) -> SegmentBuffer:
    buffer = SegmentBuffer()
    for i in range(round(hz * seconds)):
        buffer.add(100 + i / hz, shape(i))
    return buffer


@pytest.mark.parametrize("hz", [6, 10, 15, 24, 29.97, 30, 60, 120])
def test_the_duration_does_not_depend_on_the_frame_rate(hz: float) -> None:
    buffer = filled(hz, 5.0)
    assert buffer.seconds == pytest.approx(5.0, abs=2 * SAMPLE_EVERY_S)
    assert buffer.lasts(4.8)
    assert not buffer.lasts(5.3)


def test_an_empty_buffer_has_no_duration() -> None:
    buffer = SegmentBuffer()
    assert buffer.seconds == 0
    assert buffer.lasts(0)
    assert not buffer.lasts(0.1)


def test_a_duration_is_compared_with_room_for_rounding() -> None:
    buffer = filled(10, 0.3)
    assert buffer.lasts(0.3 + 1e-9)
    assert not buffer.lasts(0.3 + 1e-3)


def test_a_sample_is_the_mean_of_a_tenth_of_a_second() -> None:
    buffer = SegmentBuffer()
    full = [buffer.add(i * 0.025, shape(i)) for i in range(9)]
    assert full == [i % 4 == 0 for i in range(9)]
    shapes = buffer.segment(False).shapes
    np.testing.assert_allclose(shapes[:, 0], [0, 2.5, 6.5])
    assert shapes.dtype == np.float32


def test_slow_frames_are_repeated_but_a_gap_is_not_filled() -> None:
    buffer = SegmentBuffer()
    for at_s, value in ((0.0, 1), (0.2, 2), (5.0, 3)):
        assert buffer.add(at_s, shape(value))
    values = buffer.segment(False).shapes[:, 0]
    np.testing.assert_array_equal(values, [1, 2, 2, *[3] * MAX_SAMPLES_PER_SHAPE])


@pytest.mark.parametrize("has_expression", [True, False])
def test_a_segment_records_has_expression_and_leaves_the_buffer_filled(
    has_expression: bool,
) -> None:
    buffer = filled(10, 1.0)
    assert buffer.segment(has_expression).has_expression is has_expression
    assert buffer.lasts(1.0)


def test_clearing_leaves_an_earlier_segment_unchanged() -> None:
    buffer = filled(10, 1.0)
    segment = buffer.segment(False)
    buffer.clear()
    assert buffer.seconds == 0
    buffer.add(101.0, shape(50))
    assert len(segment.shapes) == 10
    again = buffer.segment(False)
    np.testing.assert_array_equal(again.shapes, shape(50)[None])


def test_frames_before_and_after_a_cut_share_no_sample() -> None:
    whole, cut = SegmentBuffer(), SegmentBuffer()
    for buffer in (whole, cut):
        buffer.add(0.0, shape(0))
        buffer.add(0.05, shape(100))
    cut.interrupt()
    for buffer in (whole, cut):
        buffer.add(0.1, shape(2))
    assert cut.segment(False).shapes[-1, 0] == 2
    assert whole.segment(False).shapes[-1, 0] == 51


def test_the_number_of_pending_shapes_is_bounded() -> None:
    buffer = SegmentBuffer()
    for i in range(3 * MAX_PENDING):
        buffer.add(1.0, shape(i))
    assert len(buffer._pending) <= MAX_PENDING
    assert buffer.seconds == pytest.approx(SAMPLE_EVERY_S)


def test_a_segment_has_the_read_out_of_each_sample() -> None:
    buffer = SegmentBuffer()
    for i in range(4):
        buffer.add(i / 10, shape(i), Showing.UNCLEAR, np.full(2, i, np.float32))
    read_out = buffer.segment(False).read_out
    assert read_out is not None
    assert read_out[:, 0].tolist() == [0, 1, 2, 3]
    buffer.clear()
    buffer.add(0.4, shape(4))
    assert buffer.segment(False).read_out is None


def test_a_segment_knows_what_its_samples_show() -> None:
    buffer = SegmentBuffer()
    shape = np.zeros(80, np.float32)
    for i in range(10):
        buffer.add(i / 10, shape, Showing.EXPRESSION)
    assert (buffer.count, buffer.rest_count) == (10, 0)
    for i in range(10, 15):
        buffer.add(i / 10, shape)
    assert (buffer.count, buffer.rest_count) == (15, 5)
    showing = buffer.segment(False).showing
    assert showing is not None
    assert showing.tolist() == [Showing.EXPRESSION] * 10 + [Showing.REST] * 5
    buffer.clear()
    assert (buffer.count, buffer.rest_count) == (0, 0)
