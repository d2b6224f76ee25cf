from __future__ import annotations

import numpy as np
import pytest

from realtime.runtime.meters import AGE_CAPACITY, RATE_S, AgeMeter, RateMeter


def rates(times_s: list[float], totals: list[int]) -> list[float]:
    meter = RateMeter()
    return [meter.hz(at_s, total) for at_s, total in zip(times_s, totals, strict=True)]


def test_the_rate_is_the_increase_per_second() -> None:
    assert rates([10.0, 10.5, 11.0], [100, 115, 130]) == pytest.approx([0, 30, 30])


def test_only_the_last_two_seconds_count() -> None:
    times_s = [0.25 * number for number in range(41)]
    totals = [30 * number if number <= 20 else 600 for number in range(41)]
    found = rates(times_s, totals)
    assert found[20] == pytest.approx(120)
    assert found[20 + round(RATE_S / 0.25)] == 0


def test_two_samples_at_one_time_have_no_rate() -> None:
    assert rates([1.0, 1.0], [0, 30]) == [0, 0]


def test_a_rate_that_is_asked_for_rarely_is_that_since_the_last_time() -> None:
    assert rates([0.0, 60.0], [0, 600]) == pytest.approx([0, 10])


def test_there_are_no_percentiles_before_the_first_age() -> None:
    assert AgeMeter().ages() is None


def test_percentiles_are_those_of_the_ages() -> None:
    meter, ages = AgeMeter(), np.random.default_rng(0).permutation(1001)
    for age_ms in ages:
        meter.add(float(age_ms))
    found = meter.ages()
    assert found is not None
    assert (found.p50, found.p95, found.p99) == (500, 950, 990)


def test_old_ages_make_room_for_new_ones() -> None:
    meter = AgeMeter()
    for age_ms in (*[900.0] * (AGE_CAPACITY // 20), *[5.0] * AGE_CAPACITY):
        meter.add(age_ms)
    found = meter.ages()
    assert found is not None
    assert found.p99 == 5
