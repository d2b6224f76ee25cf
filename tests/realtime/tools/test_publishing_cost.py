from __future__ import annotations

import threading

from realtime.tools.publishing_cost import publishing_times_s


def test_every_event_is_timed_and_no_thread_is_left() -> None:
    before = threading.active_count()
    times = publishing_times_s(reading=2, deaf=3, events=20)
    assert len(times) == 20
    assert min(times) > 0
    assert threading.active_count() == before
