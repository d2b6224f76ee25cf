import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.motion.shape_buffer import GAP_S, ShapeBuffer

SHAPE = np.zeros(80, np.float32)


def filled(times: list[float], seconds: float = 1.6) -> ShapeBuffer:
    buffer = ShapeBuffer(seconds)
    for at_s in times:
        buffer.append(at_s, SHAPE)
    return buffer


def test_it_holds_the_last_seconds_and_one_shape_before_them() -> None:
    buffer = filled([i / 30 for i in range(300)])
    times, shapes = buffer.arrays()
    assert times[-1] == pytest.approx(299 / 30)
    assert 1.6 <= buffer.span_s < 1.6 + 2 / 30
    assert shapes.shape == (len(times), 80)


def test_a_gap_empties_it() -> None:
    buffer = filled([0.0, 0.1, 0.2, 0.2 + GAP_S + 0.01])
    assert len(buffer) == 1


def test_a_shorter_pause_does_not() -> None:
    assert len(filled([0.0, 0.1, 0.1 + GAP_S])) == 3


@pytest.mark.parametrize("repeated_s", [0.1, 0.05])
def test_times_must_rise(repeated_s: float) -> None:
    with pytest.raises(ValueError, match="times must rise"):
        filled([0.0, 0.1, repeated_s])


@given(st.lists(st.floats(0.001, 0.2), min_size=1, max_size=400))
def test_it_is_bounded_and_rising_at_every_frame_rate(steps: list[float]) -> None:
    buffer = filled(list(np.cumsum(steps)))
    times, _ = buffer.arrays()
    assert (np.diff(times) > 0).all()
    assert len(buffer) <= 1.6 * 240 + 2
    assert buffer.span_s <= 1.6 + 0.2 + 1e-9
