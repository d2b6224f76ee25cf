from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.capture.timestamps import TimestampFixer


def placed(stamps: list[float], hz: float = 10.0) -> list[float | str]:
    timeline = TimestampFixer(hz)
    results = [timeline.fix(stamp_s) for stamp_s in stamps]
    return [reason or pytest.approx(at_s) for at_s, reason in results]


def test_stamps_that_go_forward_stay_as_they_are():
    assert placed([0.0, 0.04, 0.5, 20.0]) == [0.0, 0.04, 0.5, 20.0]


def test_a_file_may_start_anywhere():
    assert placed([-0.5, 0.1]) == [-0.5, 0.1]
    assert placed([100.0, 100.1]) == [100.0, 100.1]


def test_missing_stamps_follow_at_the_nominal_rate():
    assert placed([0.0, math.nan, math.nan]) == [0.0, 0.1, 0.2]
    assert placed([math.nan, 0.3, math.nan]) == [0.0, 0.3, 0.4]


def test_without_a_rate_they_follow_at_25_hz():
    assert placed([0.0, math.nan], hz=0.0) == [0.0, 0.04]


def test_a_stamp_that_repeats_has_no_place():
    assert placed([1.0, 1.1, 1.1, 1.2]) == [1.0, 1.1, "repeated", 1.2]


def test_a_stamp_that_goes_back_a_little_has_no_place():
    assert placed([1.0, 1.2, 1.1, 1.3]) == [1.0, 1.2, "back_in_time", 1.3]


def test_after_a_jump_back_time_goes_on():
    assert placed([5.0, 5.1, 0.5, 0.7]) == [5.0, 5.1, 5.2, 5.4]


@given(
    st.lists(st.floats(-100, 100) | st.just(0.0) | st.just(math.nan)),
    st.sampled_from([0.0, 15.0, 30.0]),
)
def test_whatever_comes_time_only_goes_forward(stamps, hz):
    timeline = TimestampFixer(hz)
    times = [at_s for at_s, reason in map(timeline.fix, stamps) if not reason]
    assert all(before < after for before, after in pairwise(times))
    assert all(map(math.isfinite, times))
