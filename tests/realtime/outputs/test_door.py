from __future__ import annotations

import logging
import threading

import pytest

from realtime.core.errors import UsageError
from realtime.outputs import door
from realtime.outputs.door import Door, missing_package
from realtime.outputs.events import Event, EventHub


class FakeSink:
    """Sink that takes what is sent; `broken` events raise, and a shut gate holds it up."""

    def __init__(self, broken: frozenset[int] = frozenset()) -> None:
        self.received: list[int] = []
        self.closed = 0
        self.broken = broken
        self.gate = threading.Event()
        self.gate.set()

    def send(self, event: Event) -> None:
        self.gate.wait(30)
        if event.number in self.broken:
            raise OSError(101, "Network is unreachable")
        self.received.append(event.number)

    def close(self) -> None:
        self.closed += 1


def publish(hub: EventHub, count: int) -> None:
    for frame in range(count):
        hub.publish({"type": "verdict", "frame": frame})


def test_every_event_is_sent_in_order_up_to_the_last() -> None:
    hub, sink = EventHub(), FakeSink()
    opened = Door(hub, "test", sink)
    publish(hub, 100)
    hub.close()
    opened.close()
    opened.close()
    assert sink.received == list(range(1, 101))
    assert (opened.sent, opened.lost, sink.closed, hub.notes()) == (100, 0, 1, [])


def test_an_error_is_counted_told_and_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    hub, sink = EventHub(), FakeSink(broken=frozenset({2, 3}))
    opened = Door(hub, "test", sink)
    with caplog.at_level(logging.WARNING, "realtime"):
        publish(hub, 5)
        hub.close()
        opened.close()
    assert sink.received == [1, 4, 5]
    assert (opened.sent, opened.lost) == (3, 2)
    assert hub.notes() == ["test: 2 events could not be sent: Network is unreachable"]
    assert len(caplog.records) == 1  # not one for each


def test_a_sink_that_hangs_delays_no_one_and_is_abandoned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "CLOSE_S", 0.05)
    hub, hanging, other = EventHub(), FakeSink(), FakeSink()
    hanging.gate.clear()
    doors = Door(hub, "hanging", hanging, bound=4), Door(hub, "other", other)
    publish(hub, 50)
    hub.close()
    for each in doors:
        each.close()
    assert other.received == list(range(1, 51))
    assert hanging.received == []
    assert any("hanging: dropped for newer events: 4" in note for note in hub.notes())
    assert "hanging: did not end in time and was abandoned" in hub.notes()
    hanging.gate.set()


def test_a_missing_package_is_one_line_with_its_extra() -> None:
    error = missing_package("--osc", "python-osc", "osc")
    assert isinstance(error, UsageError)
    assert "Run: pip install 'genuine-gauge[osc]'" in str(error)
