from __future__ import annotations

import json
import threading

import pytest

from realtime.outputs.events import Event, EventHub, Subscription


def verdict(frame: int) -> dict[str, object]:
    return {"type": "verdict", "frame": frame}


def taken(subscription: Subscription) -> list[Event]:
    """Return what is queued, without waiting."""
    events = iter(lambda: subscription.take(0.0), None)
    return list(events)


def frames(subscription: Subscription) -> list[object]:
    return [event.row["frame"] for event in taken(subscription)]


def test_every_subscription_gets_every_event_in_order() -> None:
    hub = EventHub()
    first, second = hub.subscribe("first"), hub.subscribe("second")
    for frame in range(5):
        hub.publish(verdict(frame))
    assert frames(first) == frames(second) == [0, 1, 2, 3, 4]


def test_numbers_count_from_1_and_time_never_goes_back() -> None:
    hub = EventHub()
    subscription = hub.subscribe("any")
    for frame in range(3):
        hub.publish(verdict(frame))
    events = taken(subscription)
    assert [event.number for event in events] == [1, 2, 3]
    times = [event.published_s for event in events]
    assert times == sorted(times)


def test_an_event_is_the_line_of_a_record() -> None:
    event = Event(1, verdict(7), 0.0)
    assert (event.kind, json.loads(event.text)) == ("verdict", verdict(7))
    with pytest.raises(ValueError, match="not JSON compliant"):
        _ = Event(1, {"type": "verdict", "loss": float("nan")}, 0.0).text


def test_the_newest_win_and_drops_are_counted_for_the_slow_consumer_alone() -> None:
    hub = EventHub()
    slow, fast = hub.subscribe("slow", bound=2), hub.subscribe("fast", bound=10)
    for frame in range(5):
        hub.publish(verdict(frame))
    assert (frames(slow), slow.dropped) == ([3, 4], 3)
    assert (frames(fast), fast.dropped) == ([0, 1, 2, 3, 4], 0)
    assert hub.notes() == ["slow: dropped for newer events: 3"]


def test_a_late_subscription_begins_with_the_run_that_is_going_on() -> None:
    hub = EventHub()
    hub.publish({"type": "run", "source": "a"})
    hub.publish(verdict(0))
    late = hub.subscribe("late")
    hub.publish(verdict(1))
    assert [event.number for event in taken(late)] == [1, 3]
    hub.publish({"type": "summary"})
    assert taken(hub.subscribe("after the run")) == []


def test_a_wait_ends_with_the_time_out_the_event_or_the_end() -> None:
    hub = EventHub()
    subscription = hub.subscribe("any")
    assert subscription.take(0.0) is None
    threading.Timer(0.01, hub.publish, [verdict(1)]).start()
    assert subscription.take(30.0) is not None
    threading.Timer(0.01, hub.close).start()
    assert subscription.take(30.0) is None
    assert subscription.finished


def test_what_is_queued_can_be_taken_after_the_end() -> None:
    hub = EventHub()
    subscription = hub.subscribe("any")
    hub.publish(verdict(1))
    hub.close()
    hub.publish(verdict(2))
    assert not subscription.finished
    assert frames(subscription) == [1]
    assert subscription.finished
    assert hub.subscribe("too late").finished


def test_a_closed_subscription_is_forgotten_but_what_it_has_to_tell() -> None:
    hub = EventHub()
    with hub.subscribe("well") as well, hub.subscribe("lost", bound=1) as lost:
        hub.publish(verdict(1))
        hub.publish(verdict(2))
        assert hub.subscriptions == (well, lost)
    lost.error = "the other side is gone"
    hub.publish(verdict(3))
    assert hub.subscriptions == ()
    assert frames(lost) == [2]
    lost.close()
    assert hub.notes() == ["lost: dropped for newer events: 1", "lost: the other side is gone"]


def test_a_consumer_that_sleeps_holds_up_no_one() -> None:
    hub = EventHub()
    sleepers = [hub.subscribe(f"sleeper {number}", bound=3) for number in range(20)]
    awake = hub.subscribe("awake", bound=1000)
    for frame in range(1000):
        hub.publish(verdict(frame))
    assert frames(awake) == list(range(1000))
    assert {sleeper.dropped for sleeper in sleepers} == {997}


def test_events_of_several_threads_have_one_order() -> None:
    hub = EventHub()
    first, second = hub.subscribe("first", bound=400), hub.subscribe("second", bound=400)
    threads = [
        threading.Thread(target=lambda: [hub.publish(verdict(n)) for n in range(100)])
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    numbers = [event.number for event in taken(first)]
    assert numbers == [event.number for event in taken(second)] == list(range(1, 401))


def test_a_bound_is_at_least_1() -> None:
    with pytest.raises(ValueError, match="the bound is 0; want 1 or more"):
        EventHub().subscribe("none", bound=0)
