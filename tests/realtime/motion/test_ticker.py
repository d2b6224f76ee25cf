import numpy as np
import pytest

from realtime.motion.ticker import Ticker


def test_it_ticks_every_stride_of_media_time() -> None:
    ticker = Ticker(0.2)
    due = [i / 30 for i in range(61) if ticker.due(i / 30)]
    np.testing.assert_allclose(due, np.arange(0, 2.01, 0.2), atol=1e-6)


def test_a_rate_that_does_not_divide_the_stride_has_the_right_mean() -> None:
    ticker = Ticker(0.2)
    due = [i / 24 for i in range(241) if ticker.due(i / 24)]
    assert len(due) == 51


def test_missed_strides_are_not_caught_up() -> None:
    ticker = Ticker(0.2)
    assert [ticker.due(at_s) for at_s in (0.0, 1.0, 1.03, 1.21)] == [True, True, False, True]


def test_no_tick_is_due_before_first_s() -> None:
    times_s = np.arange(46) * 0.04  # to 1.8 s
    ticker = Ticker(0.2, first_s=1.8 - 8 * 0.2)
    window = [at_s for at_s in times_s if ticker.due(float(at_s))]
    assert window[0] == pytest.approx(0.2)
    assert window[-1] == times_s[-1]
    assert len(window) == 9


def test_the_first_frame_is_a_tick_whenever_it_comes() -> None:
    for first_s in (1234.5, 0.0, -7.0):
        ticker = Ticker(0.2)
        assert ticker.due(first_s)
        assert not ticker.due(first_s + 0.1)


def test_a_longer_stride_applies_from_the_next_tick_on() -> None:
    ticker = Ticker(0.2)
    assert ticker.due(0.0)
    ticker.stride_s = 0.4
    assert [ticker.due(at_s) for at_s in (0.2, 0.4, 0.6)] == [True, False, True]
