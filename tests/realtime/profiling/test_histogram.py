from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.profiling.histogram import GROWTH, Histogram


def histogram_of(durations: list[float]) -> Histogram:
    found = Histogram()
    for seconds in durations:
        found.add(seconds)
    return found


@given(st.lists(st.floats(1e-6, 100), min_size=1, max_size=50), st.sampled_from([50, 95, 99]))
def test_percentiles_are_right_within_a_bucket(durations: list[float], percent: int) -> None:
    exact = float(np.percentile(durations, percent, method="inverted_cdf"))
    assert histogram_of(durations).percentile_s(percent) == pytest.approx(exact, rel=GROWTH - 1)


def test_count_sum_and_longest_are_exact() -> None:
    found = histogram_of([0.25, 0.5, 4.0])
    assert (found.count, found.total_s, found.longest_s) == (3, 4.75, 4.0)


def test_zero_and_tiny_durations_are_counted() -> None:
    assert Histogram().percentile_s(50) == 0
    assert histogram_of([0.0, 1e-12]).count == 2
    assert histogram_of([0.0]).percentile_s(99) == 0
    assert histogram_of([1e9]).percentile_s(50) <= 1e9


@pytest.mark.parametrize("bars", [1, 5, 60])
def test_bars_hold_every_count_within_the_given_number(bars: int) -> None:
    found = histogram_of([0.001, 0.001, 0.002, 0.05]).bars(bars)
    assert 1 <= len(found) <= bars
    assert sum(count for _, count in found) == 4
    assert [start for start, _ in found] == sorted(start for start, _ in found)
    assert Histogram().bars(bars) == []
