import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.motion.shape_buffer import GAP_S, ShapeBuffer

SHAPE = np.zeros(80, np.float32)


def filled(times: list[float], seconds: float = 1.6) -> ShapeBuffer:
    ring = ShapeBuffer(seconds)
    for at_s in times:
        ring.append(at_s, SHAPE)
    return ring


def test_it_keeps_the_last_seconds_and_one_shape_before_them() -> None:
    ring = filled([i / 30 for i in range(300)])
    times, shapes = ring.arrays()
    assert times[-1] == pytest.approx(299 / 30)
    assert 1.6 <= ring.span_s < 1.6 + 2 / 30
    assert shapes.shape == (len(times), 80)


def test_a_gap_starts_it_anew() -> None:
    ring = filled([0.0, 0.1, 0.2, 0.2 + GAP_S + 0.01])
    assert len(ring) == 1


def test_a_pause_within_the_gap_does_not() -> None:
    assert len(filled([0.0, 0.1, 0.1 + GAP_S])) == 3


@pytest.mark.parametrize("again", [0.1, 0.05])
def test_time_never_goes_back(again: float) -> None:
    with pytest.raises(ValueError, match="times must rise"):
        filled([0.0, 0.1, again])


@given(st.lists(st.floats(0.001, 0.2), min_size=1, max_size=400))
def test_whatever_the_rate_it_is_bounded_and_rising(steps: list[float]) -> None:
    ring = filled(list(np.cumsum(steps)))
    times, _ = ring.arrays()
    assert (np.diff(times) > 0).all()
    assert len(ring) <= 1.6 * 240 + 2
    assert ring.span_s <= 1.6 + 0.2 + 1e-9
