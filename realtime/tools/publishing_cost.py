"""Measure what consumers of events cost the gauge: the time that publishing a reading takes.

    python -m realtime.tools.publishing_cost

Consumers that never read fill their queue; those that read serialise every event, each in a
thread of its own, as doors do.
"""

from __future__ import annotations

import statistics
import threading
import time

from realtime.core.messages import State, Verdict
from realtime.outputs.events import EventHub, Subscription
from realtime.view.records.rows import verdict_row

EVENTS = 300
TICK_S = 0.01  # between events: ten times as many as live
CASES = ((0, 0), (3, 0), (3, 20), (3, 100))  # consumers that read, and that never do


def main() -> None:
    """Print a line for each number of consumers."""
    for reading, deaf in CASES:
        times = publishing_times_s(reading, deaf, EVENTS, TICK_S)
        p50, p99 = (1e6 * at for at in (statistics.median(times), _p99(times)))
        print(
            f"{reading} read, {deaf} never do: publishing takes p50 {p50:.0f} us, p99 {p99:.0f} us"
        )


def publishing_times_s(reading: int, deaf: int, events: int, tick_s: float = 0.0) -> list[float]:
    """Return how long each of `events` calls of `publish` takes, in seconds."""
    hub = EventHub()
    for number in range(deaf):
        hub.subscribe(f"deaf {number}")
    threads = [
        threading.Thread(target=_read, args=(hub.subscribe(f"reading {number}"),), daemon=True)
        for number in range(reading)
    ]
    for thread in threads:
        thread.start()
    row = verdict_row(Verdict(1.0, 30, "any", State.NEUTRAL, None, "no expression", 5.0))
    times = []
    for _ in range(events):
        began_s = time.perf_counter()
        hub.publish(row)
        times.append(time.perf_counter() - began_s)
        time.sleep(tick_s)
    hub.close()
    for thread in threads:
        thread.join(5.0)
    return times


def _read(subscription: Subscription) -> None:
    while not subscription.finished:
        event = subscription.take(0.2)
        if event is not None:
            event.text.encode()


def _p99(times: list[float]) -> float:
    return sorted(times)[len(times) * 99 // 100]


if __name__ == "__main__":
    main()
