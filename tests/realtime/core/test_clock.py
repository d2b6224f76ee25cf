from __future__ import annotations

import threading
import time

import pytest

from realtime.core import clock
from realtime.core.clock import SystemClock


class RecordingEvent(threading.Event):
    """Event that records its waits and returns from them at once."""

    def __init__(self) -> None:
        super().__init__()
        self.waits_s: list[float | None] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.waits_s.append(timeout)
        return self.is_set()


@pytest.fixture
def stopped_at_100_s(monkeypatch: pytest.MonkeyPatch) -> SystemClock:
    monkeypatch.setattr(clock.time, "monotonic", lambda: 100.0)
    return SystemClock()


def test_it_is_the_monotonic_clock() -> None:
    before_s, now_s, after_s = time.monotonic(), SystemClock().now_s(), time.monotonic()
    assert before_s <= now_s <= after_s


def test_it_waits_for_the_remaining_time_and_can_be_interrupted(
    stopped_at_100_s: SystemClock,
) -> None:
    stop = RecordingEvent()
    stopped_at_100_s.wait_until(103.5, stop)
    assert stop.waits_s == [3.5]


@pytest.mark.parametrize("at_s", [100.0, 99.0])
def test_it_does_not_wait_for_a_time_that_has_passed(
    stopped_at_100_s: SystemClock, at_s: float
) -> None:
    stop = RecordingEvent()
    stopped_at_100_s.wait_until(at_s, stop)
    assert stop.waits_s == []
